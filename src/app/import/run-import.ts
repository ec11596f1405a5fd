import type { Session } from '../database/session.js';
import { LONGEST_ID } from '../http/id.js';
import { ImportRefusedError } from './import-problem.js';
import { RUN_COLUMNS, type RunMapping } from './mappings.js';
import { brokenRules } from './run-rules.js';
import type { StagedFile } from './staged-file.js';

const ID_COLUMNS = ['run_id', 'agent_id', 'user_id', 'workspace_id'] as const;
const TYPES: Partial<Record<string, string>> = {
  runtime_seconds: 'DOUBLE',
  tokens_in: 'BIGINT',
  tokens_out: 'BIGINT',
  tool_calls: 'INTEGER',
  credits: 'DECIMAL(18, 4)',
};

/**
 * An id that cache keys and paths can hold stays as it is. Any other keeps what it can and gets a part of its hash, so that
 * the same text is always the same id and two texts are never one; `renamed_ids` says what it was.
 */
const ID_MACRO = `
CREATE OR REPLACE TEMP MACRO as_id(original) AS CASE
  WHEN regexp_full_match(original, '[a-zA-Z0-9_.-]{1,${LONGEST_ID}}') THEN original
  ELSE left(regexp_replace(original, '[^a-zA-Z0-9_.-]', '_', 'g'), 80) || '-' || left(md5(original), 12)
END`;

/** Text as an instant. Without an offset it is UTC; casting to TIMESTAMP at once would drop an offset instead of applying it. */
const INSTANT_MACRO = `
CREATE OR REPLACE TEMP MACRO as_instant(text) AS TRY_CAST(text AS TIMESTAMP WITH TIME ZONE) AT TIME ZONE 'UTC'`;

/** What the statements of an import are written with. */
export const MACROS = `${ID_MACRO};${INSTANT_MACRO};`;

/** What became of a file of runs. */
export interface ImportedRuns {
  readonly runs: number;
  readonly renamedIds: number;
}

/** Checks every row of `staged` and writes them as runs. @throws ImportRefusedError naming the rows that break a rule */
export async function importRuns(session: Session, staged: StagedFile, mapping: RunMapping): Promise<ImportedRuns> {
  const table = `mapped_${staged.table}`;
  const mapped = RUN_COLUMNS.map((name) => `${mapping.columns[name]} AS ${name}`).join(', ');
  await session.query(`CREATE TEMP TABLE ${table} AS SELECT line, ${mapped} FROM ${staged.table}`);
  const findings = await brokenRules(session, staged.file, table);
  if (findings.length > 0) throw new ImportRefusedError(findings);
  const renamedIds = await rememberRenamed(session, table);
  await session.query(`INSERT INTO agent_runs SELECT ${RUN_COLUMNS.map(typed).join(', ')} FROM ${table} ORDER BY line`);
  return { runs: staged.rows, renamedIds };
}

async function rememberRenamed(session: Session, table: string): Promise<number> {
  const ids = ID_COLUMNS.map((name) => `SELECT ${name} AS original FROM ${table}`).join(' UNION ');
  const renamed = `SELECT as_id(original) AS id, original FROM (${ids}) WHERE as_id(original) <> original`;
  const [counted] = await session.query<{ count: number }>(`SELECT count(*) AS count FROM (${renamed})`);
  await session.query(`INSERT INTO renamed_ids ${renamed} ON CONFLICT DO NOTHING`);
  return counted?.count ?? 0;
}

function typed(name: string): string {
  const type = TYPES[name];
  if (type !== undefined) return `${name}::${type}`;
  if (name === 'started_at') return 'as_instant(started_at)';
  return (ID_COLUMNS as readonly string[]).includes(name) ? `as_id(${name})` : name;
}

import type { Session } from '../database/session.js';
import { RUN_STATUSES } from '../database/schema.js';
import { type Findings, MOST_NAMED } from './import-problem.js';
import type { RunColumn } from './mappings.js';

interface Rule {
  readonly column: RunColumn;
  /** Completes "… must be". */
  readonly rule: string;
  /** SQL that is true for a text that breaks the rule. */
  readonly broken: string;
}

const WHOLE_NUMBER = '[0-9]{1,15}';
const AMOUNT = '[0-9]{1,12}([.][0-9]{1,4}0*)?';

/** Checked on the text, before any cast: casting would round `1.5` tokens to 2 and say nothing. */
const RULES: readonly Rule[] = [
  ...(['run_id', 'agent_id'] as const).map((column) => ({ column, rule: 'given', broken: `${column} IS NULL` })),
  {
    column: 'status',
    rule: `one of ${RUN_STATUSES.join(', ')}`,
    broken: `status IS NULL OR status NOT IN (${RUN_STATUSES.map((name) => `'${name}'`).join(', ')})`,
  },
  {
    column: 'started_at',
    rule: 'a timestamp (UTC where it has no offset)',
    broken: 'started_at IS NOT NULL AND as_instant(started_at) IS NULL',
  },
  {
    column: 'runtime_seconds',
    rule: 'a number of seconds from 0',
    broken:
      'runtime_seconds IS NOT NULL AND NOT coalesce(TRY_CAST(runtime_seconds AS DOUBLE) BETWEEN 0 AND 1e9, false)',
  },
  ...(['tokens_in', 'tokens_out'] as const).map((column) => ({
    column,
    rule: 'a whole number from 0',
    broken: `NOT regexp_full_match(${column}, '${WHOLE_NUMBER}')`,
  })),
  { column: 'tool_calls', rule: 'a whole number from 0', broken: "NOT regexp_full_match(tool_calls, '[0-9]{1,9}')" },
  {
    column: 'credits',
    rule: 'an amount from 0 with at most 4 decimals',
    broken: `NOT regexp_full_match(credits, '${AMOUNT}')`,
  },
];

/** The rows of `table` that break a rule, the run that is there twice, the run that was imported before. */
export async function brokenRules(session: Session, file: string, table: string): Promise<Findings[]> {
  const statements = [...RULES.map((rule) => brokenRule(table, rule)), repeatedRuns(table), knownRuns(table)];
  const all = statements.join(' UNION ALL ');
  const [counted] = await session.query<{ count: number }>(`SELECT count(*) AS count FROM (${all})`);
  if (counted === undefined || counted.count === 0) return [];
  const rows = await session.query<{ line: number; reason: string }>(
    `SELECT line, reason FROM (${all}) ORDER BY line, reason LIMIT ${MOST_NAMED}`,
  );
  return [{ count: counted.count, first: rows.map((row) => ({ file, ...row })) }];
}

function brokenRule(table: string, { column, rule, broken }: Rule): string {
  return `SELECT line, '${column} must be ${rule}; received ' || ${received(column)} AS reason FROM ${table} WHERE ${broken}`;
}

function repeatedRuns(table: string): string {
  return `SELECT line, 'run_id must be given once; received ' || ${received('run_id')} || ' a second time' AS reason FROM ${table}
    WHERE run_id IS NOT NULL QUALIFY row_number() OVER (PARTITION BY run_id ORDER BY line) > 1`;
}

function knownRuns(table: string): string {
  return `SELECT line, 'run ' || ${received('run_id')} || ' is in the database already' AS reason FROM ${table}
    WHERE as_id(run_id) IN (SELECT run_id FROM agent_runs)`;
}

function received(column: RunColumn): string {
  return `coalesce('"' || left(${column}, 60) || '"', 'nothing')`;
}

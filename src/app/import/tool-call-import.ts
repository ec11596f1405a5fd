import type { Session } from '../database/session.js';
import { type Findings, ImportRefusedError, MOST_NAMED } from './import-problem.js';
import type { StagedFile } from './staged-file.js';

/** What became of a file of tool calls. */
export interface ImportedToolCalls {
  readonly calls: number;
  /** The runs they belong to. */
  readonly runs: number;
}

/**
 * Joins the calls to their runs as a number: `tool_calls`. Which tools they were is not kept. A run that says itself how
 * many calls it made must agree; a call of a run that nobody knows is refused rather than dropped.
 */
export async function importToolCalls(session: Session, staged: StagedFile): Promise<ImportedToolCalls> {
  const counts = `counts_${staged.table}`;
  await session.query(
    `CREATE TEMP TABLE ${counts} AS SELECT as_id(nullif(trim(run_id), '')) AS run_id, min(line) AS line, count(*) AS calls FROM ${staged.table} GROUP BY ALL`,
  );
  const findings = await contradictions(session, staged.file, counts);
  if (findings.length > 0) throw new ImportRefusedError(findings);
  await session.query(
    `UPDATE agent_runs SET tool_calls = calls FROM ${counts} AS counted WHERE agent_runs.run_id = counted.run_id`,
  );
  const [counted] = await session.query<{ runs: number }>(`SELECT count(*) AS runs FROM ${counts}`);
  return { calls: staged.rows, runs: counted?.runs ?? 0 };
}

async function contradictions(session: Session, file: string, counts: string): Promise<Findings[]> {
  const rows = await session.query<{ line: number; reason: string }>(
    `SELECT counted.line, CASE WHEN counted.run_id IS NULL THEN 'run_id must be given; received nothing'
         WHEN known.run_id IS NULL THEN 'no run "' || counted.run_id || '" is known: import the runs first, or with it'
         ELSE 'run "' || counted.run_id || '" says ' || known.tool_calls || ' tool calls, the file has ' || counted.calls END AS reason
     FROM ${counts} AS counted LEFT JOIN agent_runs AS known USING (run_id)
     WHERE known.run_id IS NULL OR known.tool_calls <> counted.calls ORDER BY counted.line`,
  );
  return rows.length === 0
    ? []
    : [{ count: rows.length, first: rows.slice(0, MOST_NAMED).map((row) => ({ file, ...row })) }];
}

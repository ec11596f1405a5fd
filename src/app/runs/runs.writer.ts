import { ConflictException, Injectable } from '@nestjs/common';
import type { Run } from '../analytics/run.js';
import { Database } from '../database/database.js';

const SHAPE = JSON.stringify([
  {
    runId: 'VARCHAR',
    agentId: 'VARCHAR',
    userId: 'VARCHAR',
    workspaceId: 'VARCHAR',
    status: 'VARCHAR',
    startedAt: 'VARCHAR',
    runtimeSeconds: 'DOUBLE',
    tokensIn: 'BIGINT',
    tokensOut: 'BIGINT',
    model: 'VARCHAR',
    toolCalls: 'INTEGER',
    credits: 'DECIMAL(18, 4)',
  },
]);

// A run without an id gets one from the database. RETURNING keeps the order of the rows.
const INSERT = `
INSERT INTO agent_runs
SELECT coalesce(runId, uuid()::VARCHAR), agentId, userId, workspaceId, status, startedAt::TIMESTAMP, runtimeSeconds, tokensIn,
  tokensOut, model, toolCalls, credits
FROM (SELECT unnest(from_json($runs, '${SHAPE}'), recursive := true))
RETURNING run_id AS id
`;

const TAKEN = `SELECT run_id AS id FROM agent_runs WHERE run_id IN (SELECT unnest(from_json($ids, '["VARCHAR"]'))) ORDER BY id`;
const MOST_NAMED = 10;

/** A run that may still be without an id. */
export interface NewRun extends Omit<Run, 'runId'> {
  readonly runId: string | null;
}

interface Identified {
  readonly id: string;
}

/** Writes runs, all or none. */
@Injectable()
export class RunsWriter {
  constructor(private readonly database: Database) {}

  /** The ids of the runs, in their order. @throws ConflictException naming the runs that are there already, or brought twice */
  async insert(runs: readonly NewRun[]): Promise<string[]> {
    const ids = runs.flatMap(({ runId }) => (runId === null ? [] : [runId]));
    const written = this.database.transaction(async (session) => {
      const taken = await session.query<Identified>(TAKEN, { ids: JSON.stringify(ids) });
      refuse([...taken.map(({ id }) => id), ...repeated(ids)]);
      return session.query<Identified>(INSERT, { runs: JSON.stringify(runs) });
    });
    return (await written.catch(raiseConflict)).map(({ id }) => id);
  }
}

function repeated(ids: readonly string[]): string[] {
  return ids.filter((id, i) => ids.indexOf(id) !== i);
}

function refuse(ids: readonly string[]): void {
  if (ids.length === 0) return;
  const named = ids.slice(0, MOST_NAMED).join(', ');
  const more = ids.length > MOST_NAMED ? ` and ${ids.length - MOST_NAMED} more` : '';
  throw new ConflictException(`A run is recorded once: ${named}${more} would be a second time`);
}

/** Two requests with one id at the same moment: neither sees the other's run, and the database lets one pass. */
function raiseConflict(error: unknown): never {
  const isDuplicate = error instanceof Error && /duplicate key/i.test(error.message);
  throw isDuplicate
    ? new ConflictException('A run is recorded once: another request has just recorded one of these')
    : error;
}

import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { ModelShare, RecordedRun, RunCount, RunsPoint, RunSummary } from './answers/parts.js';
import { sqlOf } from './metrics.js';
import { type Scope, select } from './selection.js';
import type { Bucket, Window } from './window.js';

/** What is known of a scope at all, whenever it was. */
export interface Coverage {
  readonly runs: number;
  /** Those of them that have a start time. */
  readonly datedRuns: number;
  readonly firstRunAt: string | null;
  readonly lastRunAt: string | null;
}

const EVERYTHING: Window = { from: null, to: null };
const GROUPS = { agent: 'agent_id', user: 'user_id', workspace: 'workspace_id' } as const;

/** The questions about the runs of somebody: one method, one question, one statement. */
@Injectable()
export class RunsRepository {
  constructor(private readonly database: Database) {}

  async coverage(scope: Scope): Promise<Coverage> {
    const { where, parameters } = select(scope, EVERYTHING);
    const rows = await this.database.query<Coverage>(
      `SELECT count(*) AS runs, count(started_at) AS datedRuns, min(started_at) AS firstRunAt, max(started_at) AS lastRunAt
       FROM agent_runs WHERE ${where}`,
      parameters,
    );
    return only(rows);
  }

  async summary(scope: Scope, window: Window): Promise<Omit<RunSummary, 'undatedRuns'>> {
    const { where, parameters } = select(scope, window);
    const rows = await this.database.query<Omit<RunSummary, 'undatedRuns'>>(
      `SELECT count(*) AS runs, ${['completed', 'failed', 'cancelled', 'timeout'].map((status) => `count(*) FILTER (status = '${status}') AS "${status}"`).join(', ')},
         ${sqlOf('success_rate')} AS successRate, ${sqlOf('runtime_p50')} AS runtimeP50, ${sqlOf('runtime_p95')} AS runtimeP95,
         ${sqlOf('tokens_in')} AS tokensIn, ${sqlOf('tokens_out')} AS tokensOut, ${sqlOf('tokens')} AS tokens,
         ${sqlOf('tool_calls')} AS toolCalls, ${sqlOf('credits')} AS credits, ${sqlOf('active_users')} AS activeUsers
       FROM agent_runs WHERE ${where}`,
      parameters,
    );
    return only(rows);
  }

  byModel(scope: Scope, window: Window): Promise<ModelShare[]> {
    const { where, parameters } = select(scope, window);
    return this.database.query<ModelShare>(
      `SELECT model, count(*) AS runs, ${sqlOf('success_rate')} AS successRate, ${sqlOf('runtime_p50')} AS runtimeP50,
         ${sqlOf('tokens')} AS tokens, ${sqlOf('credits')} AS credits
       FROM agent_runs WHERE ${where} GROUP BY model ORDER BY runs DESC, model`,
      parameters,
    );
  }

  overTime(scope: Scope, window: Window, bucket: Bucket): Promise<RunsPoint[]> {
    const { where, parameters } = select(scope, window);
    return this.database.query<RunsPoint>(
      `SELECT date_trunc($bucket, started_at)::TIMESTAMP AS "at", count(*) AS runs, count(*) FILTER (status = 'completed') AS completed
       FROM agent_runs WHERE ${where} AND started_at IS NOT NULL GROUP BY "at" ORDER BY "at"`,
      { ...parameters, bucket },
    );
  }

  top(group: keyof typeof GROUPS, scope: Scope, window: Window, limit: number): Promise<RunCount[]> {
    const { where, parameters } = select(scope, window);
    return this.database.query<RunCount>(
      `SELECT ${GROUPS[group]} AS id, count(*) AS runs FROM agent_runs WHERE ${where} GROUP BY id ORDER BY runs DESC, id LIMIT $limit::BIGINT`,
      { ...parameters, limit },
    );
  }

  recent(scope: Scope, window: Window, limit: number): Promise<RecordedRun[]> {
    const { where, parameters } = select(scope, window);
    return this.database.query<RecordedRun>(
      `SELECT run_id AS runId, agent_id AS agentId, user_id AS userId, workspace_id AS workspaceId, status, started_at AS startedAt,
         runtime_seconds AS runtimeSeconds, tokens_in AS tokensIn, tokens_out AS tokensOut, model, tool_calls AS toolCalls, credits
       FROM agent_runs WHERE ${where} ORDER BY started_at DESC NULLS LAST, run_id LIMIT $limit::BIGINT`,
      { ...parameters, limit },
    );
  }
}

function only<Row>(rows: readonly Row[]): Row {
  const [row] = rows;
  if (row === undefined) throw new Error('An aggregate without GROUP BY answers one row');
  return row;
}

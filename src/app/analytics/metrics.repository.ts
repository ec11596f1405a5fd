import { Injectable } from '@nestjs/common';
import { Database } from '../database/database.js';
import { LeaderboardEntry, ListedAgent, MetricOfModel, MetricPoint } from './answers/overall.answers.js';
import { criterionOf, type LeaderboardCriterion } from './leaderboard-criteria.js';
import { countsTowards, type Metric, sqlOf } from './metrics.js';
import { type Scope, select } from './selection.js';
import type { Bucket, Window } from './window.js';

/** A part of a list. */
export interface Page {
  /** From 1. */
  readonly page: number;
  readonly pageSize: number;
}

/** The questions about one metric, and those that set all agents side by side. */
@Injectable()
export class MetricsRepository {
  constructor(private readonly database: Database) {}

  async value(metric: Metric, scope: Scope, window: Window): Promise<number | null> {
    const { where, parameters } = select(scope, window);
    const rows = await this.database.query<{ value: number | null }>(
      `SELECT ${sqlOf(metric)} AS value FROM agent_runs WHERE ${where}`,
      parameters,
    );
    return rows[0]?.value ?? null;
  }

  byModel(metric: Metric, scope: Scope, window: Window): Promise<MetricOfModel[]> {
    const { where, parameters } = select(scope, window);
    return this.database.query<MetricOfModel>(
      `SELECT model, ${sqlOf(metric)} AS value FROM agent_runs WHERE ${where} AND ${countsTowards(metric)} GROUP BY model ORDER BY value DESC, model`,
      parameters,
    );
  }

  overTime(metric: Metric, scope: Scope, window: Window, bucket: Bucket): Promise<MetricPoint[]> {
    const { where, parameters } = select(scope, window);
    return this.database.query<MetricPoint>(
      `SELECT date_trunc($bucket, started_at)::TIMESTAMP AS "at", ${sqlOf(metric)} AS value
       FROM agent_runs WHERE ${where} AND ${countsTowards(metric)} AND started_at IS NOT NULL GROUP BY "at" ORDER BY "at"`,
      { ...parameters, bucket },
    );
  }

  async agentCount(window: Window): Promise<number> {
    const { where, parameters } = select({}, window);
    const rows = await this.database.query<{ total: number }>(
      `SELECT count(DISTINCT agent_id) AS total FROM agent_runs WHERE ${where}`,
      parameters,
    );
    return rows[0]?.total ?? 0;
  }

  agents(window: Window, { page, pageSize }: Page): Promise<ListedAgent[]> {
    const { where, parameters } = select({}, window);
    return this.database.query<ListedAgent>(
      `SELECT agent_id AS agentId, count(*) AS runs, ${sqlOf('success_rate')} AS successRate, max(started_at) AS lastRunAt
       FROM agent_runs WHERE ${where} GROUP BY agentId ORDER BY runs DESC, agentId LIMIT $limit::BIGINT OFFSET $offset::BIGINT`,
      { ...parameters, limit: pageSize, offset: (page - 1) * pageSize },
    );
  }

  leaderboard(by: LeaderboardCriterion, window: Window, limit: number): Promise<LeaderboardEntry[]> {
    const { metric, best, minRuns } = criterionOf(by);
    const { where, parameters } = select({}, window);
    return this.database.query<LeaderboardEntry>(
      `WITH scores AS (SELECT agent_id AS agentId, ${sqlOf(metric)} AS value, count(*) AS runs FROM agent_runs WHERE ${where} GROUP BY agentId)
       SELECT rank() OVER (ORDER BY value ${best === 'highest' ? 'DESC' : 'ASC'}) AS rank, agentId, value, runs
       FROM scores WHERE value IS NOT NULL AND runs >= $minRuns::BIGINT ORDER BY rank, agentId LIMIT $limit::BIGINT`,
      { ...parameters, minRuns, limit },
    );
  }
}

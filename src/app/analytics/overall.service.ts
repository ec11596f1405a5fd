import { Injectable } from '@nestjs/common';
import type { Timeframe } from '../../index.js';
import { AnalyticsClock } from './analytics-clock.js';
import type { AgentListAnswer, LeaderboardAnswer, MetricAnswer } from './answers/overall.answers.js';
import { isTimeless, KnownRuns } from './known-runs.js';
import { criterionOf, type LeaderboardCriterion } from './leaderboard-criteria.js';
import { type Metric, unitOf } from './metrics.js';
import { MetricsRepository, type Page } from './metrics.repository.js';
import { RunsRepository } from './runs.repository.js';
import type { Scope } from './selection.js';

/** The answers that no one subject owns: metrics, the list of agents, leaderboards. Computed at the source. */
@Injectable()
export class OverallService {
  constructor(
    private readonly metrics: MetricsRepository,
    private readonly runs: RunsRepository,
    private readonly known: KnownRuns,
    private readonly clock: AnalyticsClock,
  ) {}

  /** Rejects with 404 for a user or workspace that never ran; for two that never met the metric is that of no runs. */
  async metric(
    metric: Metric,
    scope: Pick<Scope, 'userId' | 'workspaceId'>,
    timeframe: Timeframe,
  ): Promise<MetricAnswer> {
    const { userId, workspaceId } = scope;
    if (userId !== undefined) await this.known.of({ userId });
    if (workspaceId !== undefined) await this.known.of({ workspaceId });
    const { window, bucket, stated } = await this.clock.frame(timeframe);
    const [coverage, value, byModel, series] = await Promise.all([
      this.runs.coverage(scope),
      this.metrics.value(metric, scope, window),
      this.metrics.byModel(metric, scope, window),
      this.metrics.overTime(metric, scope, window, bucket),
    ]);
    const answer = { metric, unit: unitOf(metric), user: userId ?? null, workspace: workspaceId ?? null, ...stated };
    return { ...answer, value: isTimeless(coverage, window) ? null : value, byModel, bucket, series };
  }

  async agents(page: Page, timeframe: Timeframe): Promise<AgentListAnswer> {
    const { window, stated } = await this.clock.frame(timeframe);
    const [total, agents] = await Promise.all([this.metrics.agentCount(window), this.metrics.agents(window, page)]);
    return { ...stated, ...page, total, agents };
  }

  async leaderboard(by: LeaderboardCriterion, limit: number, timeframe: Timeframe): Promise<LeaderboardAnswer> {
    const { window, stated } = await this.clock.frame(timeframe);
    const entries = await this.metrics.leaderboard(by, window, limit);
    return { by, minRuns: criterionOf(by).minRuns, ...stated, entries };
  }
}

import { Injectable } from '@nestjs/common';
import type { Timeframe } from '../../index.js';
import { AnalyticsClock } from './analytics-clock.js';
import type { AgentListAnswer, LeaderboardAnswer, MetricAnswer } from './answers/overall.answers.js';
import { type MetricFigures, MetricRanges } from './buckets/metric-ranges.js';
import { KnownRuns } from './known-runs.js';
import { criterionOf, type LeaderboardCriterion } from './leaderboard-criteria.js';
import { type Metric, unitOf } from './metrics.js';
import { MetricsRepository, type Page } from './metrics.repository.js';
import type { Scope } from './selection.js';
import type { Bucket, Window } from './window.js';

/** The answers that no one subject owns: metrics, the list of agents, leaderboards. Computed at the source. */
@Injectable()
export class OverallService {
  constructor(
    private readonly metrics: MetricsRepository,
    private readonly ranges: MetricRanges,
    private readonly known: KnownRuns,
    private readonly clock: AnalyticsClock,
  ) {}

  /** Rejects with 404 for a user or workspace that never ran; for two that never met the metric is that of no runs. */
  async metric(
    metric: Metric,
    scope: Pick<Scope, 'userId' | 'workspaceId'>,
    timeframe: Timeframe,
  ): Promise<MetricAnswer> {
    const { window, bucket, stated } = await this.clock.frame(timeframe);
    const figures = await this.#figures(metric, scope, window, bucket);
    const isEmpty = figures.byModel.length === 0;
    if (isEmpty) await this.#mustBeKnown(scope);
    const isUncountable = isEmpty && (await this.known.isTimeless(scope, window));
    const { userId, workspaceId } = scope;
    const answer = { metric, unit: unitOf(metric), user: userId ?? null, workspace: workspaceId ?? null, ...stated };
    return { ...answer, bucket, ...figures, ...(isUncountable && { value: null }) };
  }

  /** Of a window from cached buckets; of everything, runs without a time too, from the database. */
  async #figures(metric: Metric, scope: Scope, window: Window, bucket: Bucket): Promise<MetricFigures> {
    if (window.from !== null) return this.ranges.figures(metric, scope, window, bucket);
    const [value, byModel, series] = await Promise.all([
      this.metrics.value(metric, scope, window),
      this.metrics.byModel(metric, scope, window),
      this.metrics.overTime(metric, scope, window, bucket),
    ]);
    return { value, byModel, series };
  }

  /** Whoever has a run in the window is known. @throws NotFoundException */
  async #mustBeKnown({ userId, workspaceId }: Scope): Promise<void> {
    if (userId !== undefined) await this.known.of({ userId });
    if (workspaceId !== undefined) await this.known.of({ workspaceId });
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

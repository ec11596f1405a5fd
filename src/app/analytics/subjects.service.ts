import { Injectable } from '@nestjs/common';
import type { Timeframe } from '../../index.js';
import { AnalyticsClock } from './analytics-clock.js';
import type {
  AgentStatsAnswer,
  UserActivityAnswer,
  UserProfileAnswer,
  WorkspaceOverviewAnswer,
} from './answers/subject.answers.js';
import { KnownRuns } from './known-runs.js';
import { RunsRepository } from './runs.repository.js';

const TOP = 5;
const RECENT = 20;

/** The answers about one agent, user or workspace, computed at the source. Each rejects with 404 for one that never ran. */
@Injectable()
export class SubjectsService {
  constructor(
    private readonly runs: RunsRepository,
    private readonly known: KnownRuns,
    private readonly clock: AnalyticsClock,
  ) {}

  async agentStats(agentId: string, timeframe: Timeframe): Promise<AgentStatsAnswer> {
    const scope = { agentId };
    const coverage = await this.known.of(scope);
    const { window, bucket, stated } = await this.clock.frame(timeframe);
    const [summary, byModel, series, topUsers] = await Promise.all([
      this.known.summary(scope, window, coverage),
      this.runs.byModel(scope, window),
      this.runs.overTime(scope, window, bucket),
      this.runs.top('user', scope, window, TOP),
    ]);
    return { agentId, ...stated, summary, byModel, bucket, series, topUsers };
  }

  async userProfile(userId: string, timeframe: Timeframe): Promise<UserProfileAnswer> {
    const scope = { userId };
    const coverage = await this.known.of(scope);
    const { window, stated } = await this.clock.frame(timeframe);
    const [summary, byModel, topAgents, workspaces] = await Promise.all([
      this.known.summary(scope, window, coverage),
      this.runs.byModel(scope, window),
      this.runs.top('agent', scope, window, TOP),
      this.runs.top('workspace', scope, window, TOP),
    ]);
    const { firstRunAt, lastRunAt } = coverage;
    return { userId, ...stated, firstRunAt, lastRunAt, summary, byModel, topAgents, workspaces };
  }

  async userActivity(userId: string, timeframe: Timeframe): Promise<UserActivityAnswer> {
    const scope = { userId };
    await this.known.of(scope);
    const { window, bucket, stated } = await this.clock.frame(timeframe);
    const [series, recentRuns] = await Promise.all([
      this.runs.overTime(scope, window, bucket),
      this.runs.recent(scope, window, RECENT),
    ]);
    return { userId, ...stated, bucket, series, recentRuns };
  }

  async workspaceOverview(workspaceId: string, timeframe: Timeframe): Promise<WorkspaceOverviewAnswer> {
    const scope = { workspaceId };
    const coverage = await this.known.of(scope);
    const { window, bucket, stated } = await this.clock.frame(timeframe);
    const [summary, byModel, series, topAgents, topUsers] = await Promise.all([
      this.known.summary(scope, window, coverage),
      this.runs.byModel(scope, window),
      this.runs.overTime(scope, window, bucket),
      this.runs.top('agent', scope, window, TOP),
      this.runs.top('user', scope, window, TOP),
    ]);
    return { workspaceId, ...stated, summary, byModel, bucket, series, topAgents, topUsers };
  }
}

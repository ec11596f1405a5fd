import { Injectable } from '@nestjs/common';
import { type KeyParameters, LoaderFor, WarmUp } from '../../index.js';
import { AnalyticsClock } from './analytics-clock.js';
import type {
  AgentStatsAnswer,
  UserActivityAnswer,
  UserProfileAnswer,
  WorkspaceOverviewAnswer,
} from './answers/subject.answers.js';
import { AgentStats, UserActivity, UserProfile, WorkspaceOverview } from './keys.js';
import { MetricsRepository } from './metrics.repository.js';
import { SubjectsService } from './subjects.service.js';

type Of<T extends string> = KeyParameters<T>;

/** How answers about one agent, user or workspace are computed when nobody asks: those that are asked for most are kept ready. */
@Injectable()
export class SubjectLoaders {
  constructor(private readonly subjects: SubjectsService) {}

  @LoaderFor(AgentStats)
  agentStats({ agentId, timeframe }: Of<'{agentId}:{timeframe}'>): Promise<AgentStatsAnswer> {
    return this.subjects.agentStats(String(agentId), timeframe);
  }

  @LoaderFor(UserProfile)
  userProfile({ userId, timeframe }: Of<'{userId}:{timeframe}'>): Promise<UserProfileAnswer> {
    return this.subjects.userProfile(String(userId), timeframe);
  }

  @LoaderFor(UserActivity)
  userActivity({ userId, timeframe }: Of<'{userId}:{timeframe}'>): Promise<UserActivityAnswer> {
    return this.subjects.userActivity(String(userId), timeframe);
  }

  @LoaderFor(WorkspaceOverview)
  workspaceOverview({ workspaceId, timeframe }: Of<'{workspaceId}:{timeframe}'>): Promise<WorkspaceOverviewAnswer> {
    return this.subjects.workspaceOverview(String(workspaceId), timeframe);
  }
}

const BUSIEST = { page: 1, pageSize: 20 };

/** The statistics of the busiest agents of the week, which is what a dashboard opens with: ready before somebody opens it. */
@WarmUp({ template: AgentStats, keys: (agents: BusyAgents) => agents.keys(), every: 900 })
@Injectable()
export class BusyAgents {
  constructor(
    private readonly metrics: MetricsRepository,
    private readonly clock: AnalyticsClock,
  ) {}

  async keys(): Promise<{ readonly agentId: string; readonly timeframe: '7d' }[]> {
    const { window } = await this.clock.frame('7d');
    const agents = await this.metrics.agents(window, BUSIEST);
    return agents.map(({ agentId }) => ({ agentId, timeframe: '7d' }));
  }
}

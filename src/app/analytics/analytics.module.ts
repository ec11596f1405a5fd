import { Module } from '@nestjs/common';
import { AgentsController } from './agents.controller.js';
import { AnalyticsClock } from './analytics-clock.js';
import { BucketsRepository } from './buckets/buckets.repository.js';
import { MetricRanges } from './buckets/metric-ranges.js';
import { KnownRuns } from './known-runs.js';
import { LeaderboardsController } from './leaderboards.controller.js';
import { MetricsController } from './metrics.controller.js';
import { MetricsRepository } from './metrics.repository.js';
import { OverallService } from './overall.service.js';
import { RunsRepository } from './runs.repository.js';
import { BusyAgents, SubjectLoaders } from './subject-loaders.js';
import { SubjectsService } from './subjects.service.js';
import { UsersController } from './users.controller.js';
import { WorkspacesController } from './workspaces.controller.js';

/** The questions: answered by the database, kept by the cache. */
@Module({
  controllers: [AgentsController, UsersController, WorkspacesController, MetricsController, LeaderboardsController],
  providers: [
    ...[AnalyticsClock, KnownRuns, RunsRepository, MetricsRepository, BucketsRepository, MetricRanges],
    ...[SubjectsService, OverallService, SubjectLoaders, BusyAgents],
  ],
  exports: [AnalyticsClock],
})
export class AnalyticsModule {}

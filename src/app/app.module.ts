import { type DynamicModule, Module } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import {
  CacheDashboardModule,
  type CacheDashboardOptions,
  CacheModule,
  cacheOptionsFrom,
  PrometheusModule,
} from '../index.js';
import { AnalyticsModule } from './analytics/analytics.module.js';
import { METRIC_SERIES } from './analytics/buckets/metric-series.js';
import { AgentLeaderboard, AgentList, TEMPLATES } from './analytics/keys.js';
import { Environment } from './config/environment.js';
import { EnvironmentModule } from './config/environment.module.js';
import { Database } from './database/database.js';
import { DatabaseModule } from './database/database.module.js';
import { HealthModule } from './health/health.module.js';
import { ProblemFilter } from './http/problem.filter.js';
import { RunsModule } from './runs/runs.module.js';
import { SyntheticRuns } from './synthetic/synthetic-runs.js';

/** The database computes a few answers at a time; while it is slow or failing, answers of the last minute are good enough. */
const SOURCES = {
  database: { maxLoads: 8, maxWaitMs: 2_000 },
  buckets: { maxLoads: 8, maxWaitMs: 2_000 },
  'newest-run': { maxLoads: 1, maxWaitMs: 2_000 },
};
/** Lists and leaderboards show all agents, so each change of a metric that they show takes them all, as it should. */
const COVERAGE = { except: [AgentList.template, AgentLeaderboard.template] };
const KEYS = { templates: TEMPLATES, timeSeries: METRIC_SERIES, coverage: COVERAGE };
const LOADING = { source: 'database', sources: SOURCES, grace: 60 };

/** The reference backend: agent analytics over DuckDB, cached by the package in this repository. */
@Module({})
export class AppModule {
  static forRoot(environment: Environment, database: Database): DynamicModule {
    return {
      module: AppModule,
      imports: [
        EnvironmentModule.forRoot(environment),
        DatabaseModule.forRoot(database),
        EventEmitterModule.forRoot(),
        CacheModule.forRootAsync({
          inject: [Environment],
          useFactory: (env: Environment) => ({ ...cacheOptionsFrom(env), ...KEYS, ...LOADING }),
        }),
        PrometheusModule.forRoot({ path: '/metrics', enabled: environment.METRICS_ENABLED }),
        CacheDashboardModule.forRoot(dashboardOptions(environment)),
        AnalyticsModule,
        RunsModule,
        HealthModule,
      ],
      providers: [SyntheticRuns, { provide: APP_FILTER, useClass: ProblemFilter }],
    };
  }
}

/** Open while one develops; in production for whoever has the token, and without values. */
function dashboardOptions({ NODE_ENV, DASHBOARD_TOKEN: token }: Environment): CacheDashboardOptions {
  return { production: NODE_ENV === 'production', ...(token !== undefined && { token }) };
}

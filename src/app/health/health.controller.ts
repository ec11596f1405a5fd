import { Controller, Get, UseFilters } from '@nestjs/common';
import { HealthCheck, type HealthCheckResult, HealthCheckService } from '@nestjs/terminus';
import { CacheHealthIndicator } from '../../index.js';
import { DatabaseHealth } from './database.health.js';
import { HealthFailureFilter } from './health-failure.filter.js';

/** Whether the backend lives, and whether it can serve: apart, as a cache that is degraded is no reason to restart. */
@Controller('health')
@UseFilters(HealthFailureFilter)
export class HealthController {
  constructor(
    private readonly health: HealthCheckService,
    private readonly cache: CacheHealthIndicator,
    private readonly database: DatabaseHealth,
  ) {}

  /** The process runs. Nothing else is asked: a restart would mend neither Redis nor the database. */
  @Get('live')
  @HealthCheck()
  live(): Promise<HealthCheckResult> {
    return this.health.check([]);
  }

  /** The process can answer. Without Redis it still can, and says `degraded`; without the database it cannot. */
  @Get('ready')
  @HealthCheck()
  ready(): Promise<HealthCheckResult> {
    return this.health.check([() => this.cache.check('cache'), () => this.database.check('database')]);
  }
}

import { Controller, Get, Param, Query } from '@nestjs/common';
import { CacheService, type Lookup } from '../../index.js';
import { CachedAnswer } from '../http/cached-answer.js';
import { MetricAnswer } from './answers/overall.answers.js';
import { metricKey } from './keys.js';
import { OverallService } from './overall.service.js';
import { MetricParam } from './requests/params.js';
import { MetricQuery } from './requests/queries.js';
import { spotChecked } from './spot-checks.js';

/** Metrics over time. */
@Controller('analytics/metrics')
export class MetricsController {
  constructor(
    private readonly cache: CacheService,
    private readonly overall: OverallService,
  ) {}

  @Get(':metric')
  @CachedAnswer(MetricAnswer)
  metric(
    @Param() { metric }: MetricParam,
    @Query() { user, workspace, timeframe }: MetricQuery,
  ): Promise<Lookup<MetricAnswer>> {
    const scope = {
      ...(user === undefined ? {} : { userId: user }),
      ...(workspace === undefined ? {} : { workspaceId: workspace }),
    };
    return this.cache.lookup(
      metricKey(metric, scope, timeframe),
      () => this.overall.metric(metric, scope, timeframe),
      spotChecked(timeframe),
    );
  }
}

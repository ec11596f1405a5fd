import { Controller, Get, Param, Query } from '@nestjs/common';
import { CacheResponse, CacheService, type Lookup } from '../../index.js';
import { CachedAnswer, DescribedAnswer } from '../http/cached-answer.js';
import { AgentListAnswer } from './answers/overall.answers.js';
import { AgentStatsAnswer } from './answers/subject.answers.js';
import { AgentList, AgentStats } from './keys.js';
import { OverallService } from './overall.service.js';
import { IdParam } from './requests/params.js';
import { numberFromQuery, TIMEFRAME } from './requests/parts.js';
import { AgentListQuery, TimeframeQuery } from './requests/queries.js';
import { spotChecked } from './spot-checks.js';
import { SubjectsService } from './subjects.service.js';

/** What agents have done. */
@Controller('agents')
export class AgentsController {
  constructor(
    private readonly cache: CacheService,
    private readonly overall: OverallService,
    private readonly subjects: SubjectsService,
  ) {}

  /** The agents that ran in the timeframe, the busiest first. */
  @Get()
  @DescribedAnswer(AgentListAnswer)
  @CacheResponse(AgentList, {
    key: { page: numberFromQuery('page', 1), pageSize: numberFromQuery('pageSize', 20), timeframe: TIMEFRAME },
    public: true,
    revalidate: true,
  })
  list(@Query() { page, pageSize, timeframe }: AgentListQuery): Promise<AgentListAnswer> {
    return this.overall.agents({ page, pageSize }, timeframe);
  }

  @Get(':id/stats')
  @CachedAnswer(AgentStatsAnswer)
  stats(@Param() { id }: IdParam, @Query() { timeframe }: TimeframeQuery): Promise<Lookup<AgentStatsAnswer>> {
    return this.cache.lookup(
      AgentStats({ agentId: id, timeframe }),
      () => this.subjects.agentStats(id, timeframe),
      spotChecked(timeframe),
    );
  }
}

import { Controller, Get, Param, Query } from '@nestjs/common';
import { CacheService, type Lookup } from '../../index.js';
import { CachedAnswer } from '../http/cached-answer.js';
import { AgentListAnswer } from './answers/overall.answers.js';
import { AgentStatsAnswer } from './answers/subject.answers.js';
import { AgentList, AgentStats } from './keys.js';
import { OverallService } from './overall.service.js';
import { IdParam } from './requests/params.js';
import { AgentListQuery, TimeframeQuery } from './requests/queries.js';
import { SubjectsService } from './subjects.service.js';

@Controller('agents')
export class AgentsController {
  constructor(
    private readonly cache: CacheService,
    private readonly overall: OverallService,
    private readonly subjects: SubjectsService,
  ) {}

  /** The agents that ran in the timeframe, the busiest first. */
  @Get()
  @CachedAnswer(AgentListAnswer)
  list(@Query() { page, pageSize, timeframe }: AgentListQuery): Promise<Lookup<AgentListAnswer>> {
    return this.cache.lookup(AgentList({ page, pageSize, timeframe }), () =>
      this.overall.agents({ page, pageSize }, timeframe),
    );
  }

  @Get(':id/stats')
  @CachedAnswer(AgentStatsAnswer)
  stats(@Param() { id }: IdParam, @Query() { timeframe }: TimeframeQuery): Promise<Lookup<AgentStatsAnswer>> {
    return this.cache.lookup(AgentStats({ agentId: id, timeframe }), () => this.subjects.agentStats(id, timeframe));
  }
}

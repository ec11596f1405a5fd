import { Controller, Get, Query } from '@nestjs/common';
import { CacheService, type Lookup } from '../../index.js';
import { CachedAnswer } from '../http/cached-answer.js';
import { LeaderboardAnswer } from './answers/overall.answers.js';
import { AgentLeaderboard } from './keys.js';
import { OverallService } from './overall.service.js';
import { LeaderboardQuery } from './requests/queries.js';

@Controller('leaderboards')
export class LeaderboardsController {
  constructor(
    private readonly cache: CacheService,
    private readonly overall: OverallService,
  ) {}

  @Get('agents')
  @CachedAnswer(LeaderboardAnswer)
  agents(@Query() { by, limit, timeframe }: LeaderboardQuery): Promise<Lookup<LeaderboardAnswer>> {
    return this.cache.lookup(AgentLeaderboard({ by, limit, timeframe }), () =>
      this.overall.leaderboard(by, limit, timeframe),
    );
  }
}

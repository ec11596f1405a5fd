import { Controller, Get, Query } from '@nestjs/common';
import { CacheResponse, fromQuery } from '../../index.js';
import { DescribedAnswer } from '../http/cached-answer.js';
import { LeaderboardAnswer } from './answers/overall.answers.js';
import { AgentLeaderboard } from './keys.js';
import { OverallService } from './overall.service.js';
import { numberFromQuery, TIMEFRAME } from './requests/parts.js';
import { LeaderboardQuery } from './requests/queries.js';

/** Who has done most. */
@Controller('leaderboards')
export class LeaderboardsController {
  constructor(private readonly overall: OverallService) {}

  @Get('agents')
  @DescribedAnswer(LeaderboardAnswer)
  @CacheResponse(AgentLeaderboard, {
    key: { by: fromQuery('by', { default: 'runs' }), limit: numberFromQuery('limit', 10), timeframe: TIMEFRAME },
    public: true,
    revalidate: true,
  })
  agents(@Query() { by, limit, timeframe }: LeaderboardQuery): Promise<LeaderboardAnswer> {
    return this.overall.leaderboard(by, limit, timeframe);
  }
}

import { ApiPropertyOptional } from '@nestjs/swagger';
import { Type } from 'class-transformer';
import { IsIn, IsInt, IsOptional, Max, Min } from 'class-validator';
import { TIMEFRAMES, type Timeframe } from '../../../index.js';
import { IsId } from '../../http/id.js';
import { LEADERBOARD_CRITERIA, type LeaderboardCriterion } from '../leaderboard-criteria.js';

/** Every question has a timeframe. */
export class TimeframeQuery {
  @ApiPropertyOptional({ enum: TIMEFRAMES, default: '7d', description: '`1m` is a month, not a minute' })
  @IsIn(TIMEFRAMES)
  readonly timeframe: Timeframe = '7d';
}

/** Which page of the list of agents. */
export class AgentListQuery extends TimeframeQuery {
  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 10_000, default: 1 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly page: number = 1;

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 20 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  readonly pageSize: number = 20;
}

/** Whose runs a metric is about. */
export class MetricQuery extends TimeframeQuery {
  @ApiPropertyOptional({ description: 'only the runs of this user' })
  @IsOptional()
  @IsId()
  readonly user?: string;

  @ApiPropertyOptional({ description: 'only the runs in this workspace' })
  @IsOptional()
  @IsId()
  readonly workspace?: string;
}

/** By what, and how many. */
export class LeaderboardQuery extends TimeframeQuery {
  @ApiPropertyOptional({ enum: LEADERBOARD_CRITERIA, default: 'runs' })
  @IsIn(LEADERBOARD_CRITERIA)
  readonly by: LeaderboardCriterion = 'runs';

  @ApiPropertyOptional({ type: 'integer', minimum: 1, maximum: 100, default: 10 })
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(100)
  readonly limit: number = 10;
}

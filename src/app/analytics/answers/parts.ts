import { ApiProperty } from '@nestjs/swagger';
import { TIMEFRAMES, type Timeframe } from '../../../index.js';
import { RUN_STATUSES, type RunStatus } from '../../database/schema.js';
import type { Run } from '../run.js';
import type { Bucket } from '../window.js';
import { Figure, Instant } from './fields.js';

/** What every answer about a timeframe begins with. */
export class Framed {
  @ApiProperty({ enum: TIMEFRAMES })
  readonly timeframe!: Timeframe;

  @Instant('runs after this instant are in the window; null for all')
  readonly from!: string | null;

  @Instant('runs up to this instant are in the window; null for all')
  readonly to!: string | null;
}

/** The figures of a set of runs. Counts are null when no run of the subject has a time and the window needs one. */
export class RunSummary {
  @Figure('runs')
  readonly runs!: number | null;
  @Figure('runs that completed')
  readonly completed!: number | null;
  @Figure('runs that failed')
  readonly failed!: number | null;
  @Figure('runs that were cancelled')
  readonly cancelled!: number | null;
  @Figure('runs that ran out of time')
  readonly timeout!: number | null;
  @ApiProperty({
    description: 'runs of the subject that have no start time, so that only the timeframe `all` can count them',
  })
  readonly undatedRuns!: number;
  @Figure('completed runs among all runs, 0 to 1')
  readonly successRate!: number | null;
  @Figure('median runtime in seconds')
  readonly runtimeP50!: number | null;
  @Figure('95th percentile of the runtime in seconds')
  readonly runtimeP95!: number | null;
  @Figure('tokens read')
  readonly tokensIn!: number | null;
  @Figure('tokens written')
  readonly tokensOut!: number | null;
  @Figure('tokens read and written, of the runs that say both')
  readonly tokens!: number | null;
  @Figure('tool calls')
  readonly toolCalls!: number | null;
  @Figure('credits consumed')
  readonly credits!: number | null;
  @Figure('different users, unknown ones not counted')
  readonly activeUsers!: number | null;
}

/** The runs of one model. */
export class ModelShare {
  @ApiProperty({ type: String, nullable: true, description: 'null: the source does not say' })
  readonly model!: string | null;
  @ApiProperty()
  readonly runs!: number;
  @Figure('completed runs among all runs, 0 to 1')
  readonly successRate!: number | null;
  @Figure('median runtime in seconds')
  readonly runtimeP50!: number | null;
  @Figure('tokens read and written')
  readonly tokens!: number | null;
  @Figure('credits consumed')
  readonly credits!: number | null;
}

/** The runs of one step of time. Steps without runs are left out, and so are runs without a time. */
export class RunsPoint {
  @ApiProperty({ format: 'date-time', description: 'when the step begins' })
  readonly at!: string;
  @ApiProperty()
  readonly runs!: number;
  @ApiProperty()
  readonly completed!: number;
}

/** Somebody or something, with its number of runs. */
export class RunCount {
  @ApiProperty()
  readonly id!: string;
  @ApiProperty()
  readonly runs!: number;
}

/** One run as it was recorded. */
export class RecordedRun implements Run {
  @ApiProperty()
  readonly runId!: string;
  @ApiProperty()
  readonly agentId!: string;
  @ApiProperty()
  readonly userId!: string;
  @ApiProperty()
  readonly workspaceId!: string;
  @ApiProperty({ enum: RUN_STATUSES })
  readonly status!: RunStatus;
  @Instant('when it started')
  readonly startedAt!: string | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly runtimeSeconds!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly tokensIn!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly tokensOut!: number | null;
  @ApiProperty({ type: String, nullable: true })
  readonly model!: string | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly toolCalls!: number | null;
  @ApiProperty({ type: Number, nullable: true })
  readonly credits!: number | null;
}

/** The steps of a series. */
export const BUCKETS = ['hour', 'day', 'week', 'month'] as const satisfies readonly Bucket[];

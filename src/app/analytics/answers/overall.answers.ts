import { ApiProperty } from '@nestjs/swagger';
import { LEADERBOARD_CRITERIA, type LeaderboardCriterion } from '../leaderboard-criteria.js';
import { METRICS, type Metric } from '../metrics.js';
import type { Bucket } from '../window.js';
import { Figure, Instant } from './fields.js';
import { BUCKETS, Framed } from './parts.js';

/** An agent in the list of agents. */
export class ListedAgent {
  @ApiProperty()
  readonly agentId!: string;
  @ApiProperty()
  readonly runs!: number;
  @Figure('completed runs among all runs, 0 to 1')
  readonly successRate!: number | null;
  @Instant('start of the last run in the window')
  readonly lastRunAt!: string | null;
}

/** One page of the agents that ran in the window, the busiest first. */
export class AgentListAnswer extends Framed {
  @ApiProperty()
  readonly page!: number;
  @ApiProperty()
  readonly pageSize!: number;
  @ApiProperty({ description: 'agents on all pages' })
  readonly total!: number;
  @ApiProperty({ type: [ListedAgent] })
  readonly agents!: ListedAgent[];
}

/** A metric in one step of time. */
export class MetricPoint {
  @ApiProperty({ format: 'date-time', description: 'when the step begins' })
  readonly at!: string;
  @ApiProperty()
  readonly value!: number;
}

/** A metric of the runs of one model. */
export class MetricOfModel {
  @ApiProperty({ type: String, nullable: true, description: 'null: the source does not say' })
  readonly model!: string | null;
  @ApiProperty()
  readonly value!: number;
}

/** One number, where it comes from and how it moved. */
export class MetricAnswer extends Framed {
  @ApiProperty({ enum: METRICS })
  readonly metric!: Metric;
  @ApiProperty()
  readonly unit!: string;
  @ApiProperty({ type: String, nullable: true, description: 'whose runs; null for everybody' })
  readonly user!: string | null;
  @ApiProperty({ type: String, nullable: true, description: 'where; null for everywhere' })
  readonly workspace!: string | null;
  @Figure('the metric over the window')
  readonly value!: number | null;
  @ApiProperty({ type: [MetricOfModel] })
  readonly byModel!: MetricOfModel[];
  @ApiProperty({ enum: BUCKETS })
  readonly bucket!: Bucket;
  @ApiProperty({ type: [MetricPoint], description: 'steps in which no run says the metric are left out' })
  readonly series!: MetricPoint[];
}

/** An agent's place. Agents with one value share one rank, and the next rank is skipped. */
export class LeaderboardEntry {
  @ApiProperty()
  readonly rank!: number;
  @ApiProperty()
  readonly agentId!: string;
  @ApiProperty()
  readonly value!: number;
  @ApiProperty()
  readonly runs!: number;
}

/** The first agents by one criterion. */
export class LeaderboardAnswer extends Framed {
  @ApiProperty({ enum: LEADERBOARD_CRITERIA })
  readonly by!: LeaderboardCriterion;
  @ApiProperty({ description: 'agents with fewer runs in the window are not ranked' })
  readonly minRuns!: number;
  @ApiProperty({ type: [LeaderboardEntry] })
  readonly entries!: LeaderboardEntry[];
}

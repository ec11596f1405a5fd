import { ApiProperty } from '@nestjs/swagger';
import type { Bucket } from '../window.js';
import { Instant } from './fields.js';
import { BUCKETS, Framed, ModelShare, RecordedRun, RunCount, RunsPoint, RunSummary } from './parts.js';

/** How an agent does. */
export class AgentStatsAnswer extends Framed {
  @ApiProperty()
  readonly agentId!: string;
  @ApiProperty()
  readonly summary!: RunSummary;
  @ApiProperty({ type: [ModelShare] })
  readonly byModel!: ModelShare[];
  @ApiProperty({ enum: BUCKETS })
  readonly bucket!: Bucket;
  @ApiProperty({ type: [RunsPoint] })
  readonly series!: RunsPoint[];
  @ApiProperty({ type: [RunCount] })
  readonly topUsers!: RunCount[];
}

/** Who a user is, by what they ran. */
export class UserProfileAnswer extends Framed {
  @ApiProperty()
  readonly userId!: string;
  @Instant('start of the first run ever')
  readonly firstRunAt!: string | null;
  @Instant('start of the last run ever')
  readonly lastRunAt!: string | null;
  @ApiProperty()
  readonly summary!: RunSummary;
  @ApiProperty({ type: [ModelShare] })
  readonly byModel!: ModelShare[];
  @ApiProperty({ type: [RunCount] })
  readonly topAgents!: RunCount[];
  @ApiProperty({ type: [RunCount] })
  readonly workspaces!: RunCount[];
}

/** What a user did, over time and lately. */
export class UserActivityAnswer extends Framed {
  @ApiProperty()
  readonly userId!: string;
  @ApiProperty({ enum: BUCKETS })
  readonly bucket!: Bucket;
  @ApiProperty({ type: [RunsPoint] })
  readonly series!: RunsPoint[];
  @ApiProperty({ type: [RecordedRun], description: 'newest first' })
  readonly recentRuns!: RecordedRun[];
}

/** What goes on in a workspace. */
export class WorkspaceOverviewAnswer extends Framed {
  @ApiProperty()
  readonly workspaceId!: string;
  @ApiProperty()
  readonly summary!: RunSummary;
  @ApiProperty({ type: [ModelShare] })
  readonly byModel!: ModelShare[];
  @ApiProperty({ enum: BUCKETS })
  readonly bucket!: Bucket;
  @ApiProperty({ type: [RunsPoint] })
  readonly series!: RunsPoint[];
  @ApiProperty({ type: [RunCount] })
  readonly topAgents!: RunCount[];
  @ApiProperty({ type: [RunCount] })
  readonly topUsers!: RunCount[];
}

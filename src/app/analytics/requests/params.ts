import { ApiProperty } from '@nestjs/swagger';
import { IsIn } from 'class-validator';
import { IsId } from '../../http/id.js';
import { METRICS, type Metric } from '../metrics.js';

/** The id in a path. */
export class IdParam {
  @ApiProperty({ example: '456' })
  @IsId()
  readonly id!: string;
}

/** The metric in a path. */
export class MetricParam {
  @ApiProperty({ enum: METRICS })
  @IsIn(METRICS)
  readonly metric!: Metric;
}

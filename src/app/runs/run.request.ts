import { ApiProperty, ApiPropertyOptional } from '@nestjs/swagger';
import { IsIn, IsInt, IsNumber, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { RUN_STATUSES, type RunStatus } from '../database/schema.js';
import { IsId } from '../http/id.js';
import { IsPastInstant } from './instant.js';

const BILLION = 1_000_000_000;

/** A run to be recorded. What is left out is not known: it counts towards no figure, rather than as zero. */
export class RunRequest {
  @ApiPropertyOptional({ description: 'made up when left out; a second run of the same id is refused' })
  @IsOptional()
  @IsId()
  readonly runId?: string | null;

  @ApiProperty({ example: '456' })
  @IsId()
  readonly agentId!: string;

  @ApiProperty({ example: '123' })
  @IsId()
  readonly userId!: string;

  @ApiProperty({ example: '789' })
  @IsId()
  readonly workspaceId!: string;

  @ApiProperty({ enum: RUN_STATUSES })
  @IsIn(RUN_STATUSES)
  readonly status!: RunStatus;

  @ApiPropertyOptional({
    format: 'date-time',
    description: 'now when left out (the newest run, with ANALYTICS_NOW=latest)',
  })
  @IsOptional()
  @IsPastInstant()
  readonly startedAt?: string | null;

  @ApiPropertyOptional()
  @IsOptional()
  @IsNumber()
  @Min(0)
  @Max(BILLION)
  readonly runtimeSeconds?: number | null;

  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(BILLION)
  readonly tokensIn?: number | null;

  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(BILLION)
  readonly tokensOut?: number | null;

  @ApiPropertyOptional()
  @IsOptional()
  @IsString()
  @Length(1, 100)
  readonly model?: string | null;

  @ApiPropertyOptional()
  @IsOptional()
  @IsInt()
  @Min(0)
  @Max(1_000_000)
  readonly toolCalls?: number | null;

  @ApiPropertyOptional({ description: 'at most 4 decimals' })
  @IsOptional()
  @IsNumber({ maxDecimalPlaces: 4 })
  @Min(0)
  @Max(BILLION)
  readonly credits?: number | null;
}

import { Type } from 'class-transformer';
import { IsIn, IsInt, IsNotEmpty, IsOptional, IsString, Max, Min, MinLength } from 'class-validator';
import { CacheEnvironment } from '../../index.js';

/** What "now" is to an analytics question: the clock's time, or that of the newest run (for data of the past). */
export type AnalyticsNow = 'now' | 'latest';

/** Every variable the backend listens to: the cache's own, and these. */
export class Environment extends CacheEnvironment {
  /** The port to listen on; 0 takes a free one. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(65_535)
  readonly PORT: number = 3000;

  /** What the dashboard of the cache asks for; in production there is none without it. At least 16 characters. */
  @IsOptional()
  @IsString()
  @MinLength(16)
  readonly DASHBOARD_TOKEN?: string;

  /** The DuckDB file, or `:memory:` for data that live with the process. */
  @IsString()
  @IsNotEmpty()
  readonly DUCKDB_PATH: string = ':memory:';

  @IsIn(['now', 'latest'])
  readonly ANALYTICS_NOW: AnalyticsNow = 'now';

  /** How many invented runs an empty database is filled with; 0 leaves it empty. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(10_000_000)
  readonly SYNTHETIC_RUNS: number = 500_000;

  /** The same seed invents the same runs. */
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(2_147_483_647)
  readonly SYNTHETIC_SEED: number = 1;
}

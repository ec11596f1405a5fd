import { Injectable } from '@nestjs/common';
import { Cacheable, type Timeframe } from '../../index.js';
import { Environment } from '../config/environment.js';
import { Database } from '../database/database.js';
import { NewestRun } from './keys.js';
import { systemNow } from './now.js';
import { type Bucket, bucketOf, type Window, windowOf } from './window.js';

/** A timeframe as it is meant now. */
export interface Frame {
  readonly window: Window;
  readonly bucket: Bucket;
  /** The window as answers state it. */
  readonly stated: { readonly timeframe: Timeframe } & Window;
}

// The database counts in microseconds and answers in milliseconds: rounded down, the newest run would be after now.
const LATEST = 'SELECT make_timestamp((epoch_us(max(started_at)) + 999) // 1000 * 1000) AS latest FROM agent_runs';

/**
 * What "now" is to the questions. With `ANALYTICS_NOW=latest` it is when the newest run started, so that data of the past
 * answer as on the day they were recorded. Either way time passes under cached answers, and their TTL bounds how far.
 */
@Injectable()
export class AnalyticsClock {
  constructor(
    private readonly environment: Environment,
    private readonly database: Database,
  ) {}

  async now(): Promise<Date> {
    if (this.environment.ANALYTICS_NOW === 'now') return systemNow();
    const newest = await this.newestRun();
    return newest === null ? systemNow() : new Date(newest);
  }

  async frame(timeframe: Timeframe): Promise<Frame> {
    const window = windowOf(timeframe, await this.now());
    return { window, bucket: bucketOf(timeframe), stated: { timeframe, ...window } };
  }

  /**
   * Every load asks for it. Read strictly: what another instance has evicted must not be made part of a new answer. A
   * source of its own: who asks holds one of the places at the database already.
   */
  @Cacheable(NewestRun, { consistency: 'strict', source: 'newest-run' })
  async newestRun(): Promise<string | null> {
    const [row] = await this.database.query<{ latest: string | null }>(LATEST);
    return row?.latest ?? null;
  }
}

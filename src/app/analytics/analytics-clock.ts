import { Injectable } from '@nestjs/common';
import type { Timeframe } from '../../index.js';
import { Environment } from '../config/environment.js';
import { Database } from '../database/database.js';
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
    const [row] = await this.database.query<{ latest: string | null }>(LATEST);
    return typeof row?.latest === 'string' ? new Date(row.latest) : systemNow();
  }

  async frame(timeframe: Timeframe): Promise<Frame> {
    const window = windowOf(timeframe, await this.now());
    return { window, bucket: bucketOf(timeframe), stated: { timeframe, ...window } };
  }
}

import { CacheError, InvalidOptionError } from '../../primitives/errors.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { ReadOptions } from '../call-options.js';
import type { BucketPart } from './bucket-keys.js';
import { type Instant, instantOf } from './instant.js';
import type { AnyTimeSeries } from './time-series.js';

/** The time of which a range is asked: from `from` up to and without `to`. */
export interface TimeRange {
  readonly from: Instant;
  readonly to: Instant;
}

/** A range, and how it is read. */
export interface RangeOptions extends TimeRange, ReadOptions {}

/** A piece of a range: a bucket, or what the range cuts out of one. */
export interface Part extends BucketPart {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly ttl: Milliseconds;
  /** Whether its bucket has not begun: an open-ended invalidation need not reach it. */
  readonly isAhead: boolean;
}

/** A range of more buckets than `maxBuckets`. `fields`: `limit`, `bucket`. */
export class TooManyBucketsError extends CacheError {
  /** @internal */
  constructor({ calendar, maxBuckets, buckets }: AnyTimeSeries) {
    const message = `the range must be of at most ${maxBuckets} buckets of a ${calendar.unit} of ${buckets.template}; received more. Ask a series of wider buckets for it, or raise maxBuckets`;
    super('TOO_MANY_BUCKETS', 'usage', message, { limit: maxBuckets, bucket: calendar.unit });
  }
}

/**
 * The pieces of a range in order. Whether a bucket is closed is decided here, before anything is loaded: one that closes
 * meanwhile lives as short as one that is open. @throws InvalidOptionError, TooManyBucketsError
 */
export function partsOf(series: AnyTimeSeries, range: TimeRange, now: Milliseconds): Part[] {
  const [from, to] = [instantOf('from', range.from), instantOf('to', range.to)];
  if (from > to) throw new InvalidOptionError('to', 'not before from', range.to);
  const parts: Part[] = [];
  for (let start = series.calendar.startOf(from); start < to;) {
    if (parts.length === series.maxBuckets) throw new TooManyBucketsError(series);
    const end = series.calendar.next(start);
    parts.push(partOf(series, { start, end }, { from: Math.max(from, start), to: Math.min(to, end) }, now));
    start = end;
  }
  return parts;
}

interface Bucket {
  readonly start: Milliseconds;
  readonly end: Milliseconds;
}

function partOf(
  series: AnyTimeSeries,
  { start, end }: Bucket,
  { from, to }: Pick<Part, 'from' | 'to'>,
  now: Milliseconds,
): Part {
  const isClosed = end + series.lateness <= now;
  // A range that ends now asks for all that is there of its last bucket, and so does the next one, a moment later.
  const isTail = !isClosed && from === start && to >= now - series.tailTtl;
  const isAll = isTail || (from === start && to === end);
  const ttl = isClosed && isAll ? series.closedTtl : series.tailTtl;
  return { start, from, to, ttl, isAhead: start > now, ...(!isAll && { cut: { from, to } }) };
}

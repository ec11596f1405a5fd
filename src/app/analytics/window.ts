import type { Timeframe } from '../../index.js';

/** The span a question is about: after `from`, up to and including `to`. Both `null`: everything, runs without a time too. */
export type Window = { readonly from: string; readonly to: string } | { readonly from: null; readonly to: null };

/** The width of one step of a series. */
export type Bucket = 'hour' | 'day' | 'week' | 'month';

const DAY_MS = 86_400_000;

/** Months and years are counted in days, so that `1m` and `30d` are one answer, as they are one lifetime in the cache. */
const SPANS = {
  '24h': { days: 1, bucket: 'hour' },
  '7d': { days: 7, bucket: 'day' },
  '1w': { days: 7, bucket: 'day' },
  '30d': { days: 30, bucket: 'day' },
  '1m': { days: 30, bucket: 'day' },
  '90d': { days: 90, bucket: 'week' },
  '3m': { days: 90, bucket: 'week' },
  '6m': { days: 180, bucket: 'week' },
  '1y': { days: 365, bucket: 'month' },
  all: { days: null, bucket: 'month' },
} as const satisfies Record<Timeframe, { days: number | null; bucket: Bucket }>;

/** The window that `timeframe` means at `now`. */
export function windowOf(timeframe: Timeframe, now: Date): Window {
  const { days } = SPANS[timeframe];
  if (days === null) return { from: null, to: null };
  return { from: new Date(now.getTime() - days * DAY_MS).toISOString(), to: now.toISOString() };
}

/** The step of the series of an answer about `timeframe`: some 4 to 30 points, more for `all`. */
export function bucketOf(timeframe: Timeframe): Bucket {
  return SPANS[timeframe].bucket;
}

/** When the step that holds `instant` begins, as text. Weeks begin on Monday. */
export function stepOf(instant: number, bucket: Bucket): string {
  const date = new Date(instant);
  date.setUTCMinutes(0, 0, 0);
  if (bucket !== 'hour') date.setUTCHours(0);
  if (bucket === 'week') date.setUTCDate(date.getUTCDate() - ((date.getUTCDay() + 6) % 7));
  if (bucket === 'month') date.setUTCDate(1);
  return date.toISOString();
}

import { bestTtl, type Replay, replay } from './replay.js';
import { ChangingSource } from './source.js';
import { traceOf, type TraceShape } from './trace.js';

/** A source, how it is read, and with which TTL one begins. */
export interface Trial extends Pick<TraceShape, 'rhythm' | 'keys' | 'reads'> {
  /** Milliseconds between two changes of a value, on average. */
  readonly changesEvery: number;
  /** Milliseconds between two reads of a key, on average. */
  readonly readEvery: number;
  /** Milliseconds. */
  readonly ttl: number;
  readonly maxStale: number;
}

/** What the advice was worth. */
export interface TrialResult {
  /** Milliseconds, by trying. */
  readonly best: number;
  readonly advised: number;
  /** Where `auto` has come to. */
  readonly reached: number;
  /** With the TTL that one began with, with the one advised, and of `auto` in the last quarter of the trace. */
  readonly before: Replay;
  readonly after: Replay;
  readonly moving: Replay;
}

/** Minutes and seconds as they are in life: nothing depends on the unit. */
export const TRIALS: readonly Trial[] = (
  [
    ['random', 12_000, 300_000],
    ['random', 12_000, 15_000],
    ['regular', 12_000, 300_000],
    ['regular', 12_000, 15_000],
    ['zipf', 12_000, 300_000],
    ['zipf', 12_000, 15_000],
    ['random', 60_000, 20_000],
  ] as const
).map(([rhythm, readEvery, ttl]) => ({
  ...{ rhythm, readEvery, ttl, keys: 50, reads: 80_000 },
  ...{ changesEvery: 600_000, maxStale: 0.05 },
}));

/** Replays one trace with the TTL that one begins with, with the best one, with the one advised, and with one that moves. */
export async function tried(trial: Trial): Promise<TrialResult> {
  const { changesEvery, readEvery, ttl, maxStale, reads } = trial;
  const trace = traceOf({ ...trial, every: readEvery });
  const source = new ChangingSource(changesEvery, 7);
  const best = await bestTtl(trace, source, { maxStale, from: 0.06 * changesEvery, to: 0.24 * changesEvery });
  const before = await replay(trace, source, { ttl, advice: 'advise', maxStale });
  const advised = 1000 * (before.advice?.recommended?.ttl ?? NaN);
  const after = await replay(trace, source, { ttl: advised, advice: 'off', maxStale });
  const auto = { minTtl: ttl / 50_000, maxTtl: ttl / 20 };
  const moving = await replay(trace, source, { ttl, advice: { auto }, maxStale, countedFrom: 0.75 * reads });
  return { best, advised, reached: 1000 * (moving.advice?.ttl ?? NaN), before, after, moving };
}

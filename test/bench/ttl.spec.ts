import { beforeAll, describe, expect, it } from 'vitest';
import { type Trial, tried, type TrialResult } from '../../bench/ttl/trials.js';

const FAR = 0.25;
const LIMIT_MS = 120_000;
const SOURCE = { changesEvery: 600_000, maxStale: 0.05, keys: 50 };

/** A few of those that `npm run bench:ttl` tries, with fewer reads. */
const TRIALS: readonly [string, Trial][] = [
  ['too long a TTL, read at any time', { ...SOURCE, rhythm: 'random', readEvery: 12_000, ttl: 300_000, reads: 40_000 }],
  ['keys that are seldom read', { ...SOURCE, rhythm: 'random', readEvery: 60_000, ttl: 20_000, reads: 16_000 }],
];

describe.each(TRIALS)('of a source that changes at a known rate, with %s', (_, trial) => {
  let result: TrialResult;
  beforeAll(async () => {
    result = await tried(trial);
  }, LIMIT_MS);

  it('the TTL that is advised is near the best one, which was found by trying', () => {
    expect(Math.abs(result.advised / result.best - 1)).toBeLessThan(FAR);
  });

  it('the TTL that moves comes as near, inside its bounds', () => {
    expect(Math.abs(result.reached / result.best - 1)).toBeLessThan(FAR);
  });

  it('the share of stale hits becomes what was asked for', () => {
    expect(result.after.staleShare).toBeGreaterThan(0.7 * trial.maxStale);
    expect(result.after.staleShare).toBeLessThan(1.3 * trial.maxStale);
    expect(result.before.advice?.recommended?.staleShare).toBeCloseTo(trial.maxStale, 3);
  });

  it('the loads that are saved are those that were foretold', () => {
    const saved = 1 - result.after.loads / result.before.loads;
    // Waits for readers are part of it.
    expect(Math.abs((result.before.advice?.recommended?.loadsSaved ?? NaN) - saved)).toBeLessThan(
      0.15 * Math.max(1, Math.abs(saved)),
    );
  });
});

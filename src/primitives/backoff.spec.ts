import { describe, expect, it } from 'vitest';
import { retryDelay, type RetrySchedule } from './backoff.js';
import type { Random } from './random.js';

const chance = (fraction: number): Random => ({ fraction: () => fraction, token: () => '' });
const GUIDE: RetrySchedule = { attempts: 5, base: 2_000, cap: 600_000, jitter: 0 };

describe('retryDelay', () => {
  it('is 2, 4, 8, 16, 32 s and then 32 s for ever under the schedule of the guide', () => {
    const delays = [1, 2, 3, 4, 5, 6, 7, 100, 1e6].map((attempt) => retryDelay(GUIDE, attempt, chance(0.5)));

    expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 32_000, 32_000, 32_000, 32_000]);
  });

  it('is never longer than the cap', () => {
    expect([1, 2, 3, 20].map((attempt) => retryDelay({ ...GUIDE, cap: 5_000 }, attempt, chance(0)))).toEqual([
      2_000, 4_000, 5_000, 5_000,
    ]);
  });

  it.each([0, 1])('does not grow with %s attempts', (attempts) => {
    expect([1, 2, 3].map((attempt) => retryDelay({ ...GUIDE, attempts }, attempt, chance(0)))).toEqual([
      2_000, 2_000, 2_000,
    ]);
  });

  it('is spread by the jitter on both sides, and only by it', () => {
    const delay = (fraction: number, jitter: number): number => retryDelay({ ...GUIDE, jitter }, 1, chance(fraction));

    expect([delay(0, 0.25), delay(0.5, 0.25), delay(1, 0.25)]).toEqual([1_500, 2_000, 2_500]);
    expect([delay(0, 0), delay(1, 0)]).toEqual([2_000, 2_000]);
  });
});

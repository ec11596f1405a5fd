import { describe, expect, it } from 'vitest';
import { faultsOf, Soak, summaryOf } from './soak.js';

/* A short turn of the soak; the long one is `npm run soak -- --minutes 10`. */
const OPTIONS = { lasts: 6_000, seed: 4, workers: 2, every: 2_000 };

describe('the soak', { timeout: 90_000 }, () => {
  it('finds nothing wrong, and says what it did', async () => {
    const lines: string[] = [];
    const result = await Soak.run({ ...OPTIONS, print: (line) => lines.push(line) });

    expect(faultsOf(result)).toEqual([]);
    expect(result.faults).toBeGreaterThan(0);
    expect(result.reads).toBeGreaterThan(500);
    expect(result.growth.length).toBeGreaterThanOrEqual(OPTIONS.workers);
    expect(lines).toHaveLength(result.faults);
    expect(summaryOf(result)).toMatch(
      /^\d+ reads, \d+ faults, 0 wrong answers, 0 unhandled rejections, 0 mishaps in all/,
    );
  });

  it('notices a cache that loses invalidations', async () => {
    const result = await Soak.run({ ...OPTIONS, flaw: 'stale', print: () => undefined });

    expect(faultsOf(result)).toContainEqual(expect.stringMatching(/^wrong answer: worker \d: .* was invalidated/));
  });
});

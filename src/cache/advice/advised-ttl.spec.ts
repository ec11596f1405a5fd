import { describe, expect, it } from 'vitest';
import { advisedTtl, nextTtl } from './advised-ttl.js';
import { RenewalCounts } from './renewal-counts.js';
import { staleShare, ttlFor } from './stale-share.js';

function counted(changed: number, same: number, age = 1_000): RenewalCounts {
  const counts = new RenewalCounts();
  for (let i = 0; i < changed; i += 1) counts.add('changed', age, { ttl: age, took: 5 });
  for (let i = 0; i < same; i += 1) counts.add('same', age, { ttl: age, took: 5 });
  return counts;
}

describe('the share of stale hits', () => {
  it('is that of values which change at any age alike', () => {
    // The mean of 1 - exp(-a / 600) over 0 to 60, by many small steps.
    const steps = 100_000;
    let sum = 0;
    for (let i = 0; i < steps; i += 1) sum += -Math.expm1((-60 * (i + 0.5)) / steps / 600) / steps;
    expect(staleShare(1 / 600, 60)).toBeCloseTo(sum, 9);
  });

  it('has no gap where few values change', () => {
    expect(staleShare(1, 0.999_99e-4) / staleShare(1, 1.000_01e-4)).toBeCloseTo(1, 4);
    expect(staleShare(0, 1_000)).toBe(0);
  });

  it.each([0.000_1, 0.01, 0.05, 0.2, 0.5])('of %d is that of the TTL for it', (share) => {
    expect(staleShare(0.003, ttlFor(0.003, share))).toBeCloseTo(share, 9);
    expect(ttlFor(0, share)).toBe(Infinity);
  });
});

describe('the TTL that is advised', () => {
  it('is none of few values', () => {
    expect(advisedTtl(counted(20, 29), 0.05, 1_000)).toBeUndefined();
  });

  it('is that of the likeliest rate, where many had changed', () => {
    const { ttl, changes } = advisedTtl(counted(100, 900), 0.05, 1_000) ?? { ttl: NaN, changes: { rate: NaN } };
    expect(staleShare(changes.rate, ttl)).toBeCloseTo(0.05, 6);
  });

  it('is as long as was borne out, where none had', () => {
    const { ttl } = advisedTtl(counted(0, 1_000), 0.05, 1_000) ?? { ttl: NaN };
    // At the highest rate that is likely, which would show nothing in a million milliseconds with a chance of 5 %.
    expect(staleShare(-Math.log(0.05) / 1_000_500, ttl)).toBeCloseTo(0.05, 6);
  });

  it('stays where few changes allow for it', () => {
    expect(advisedTtl(counted(5, 95), 0.05, 1_200)?.ttl).toBe(1_200);
    expect(advisedTtl(counted(9, 42), 0.05, 1_200)?.ttl).toBeLessThan(1_000);
  });

  it('is 366 days at most', () => {
    expect(advisedTtl(counted(0, 1_000, 40 * 86_400_000), 0.5, 1_000)?.ttl).toBe(366 * 86_400_000);
  });
});

describe('a step', () => {
  const bounds = { min: 500, max: 2_000 };

  it('is a tenth at most, and ends where it is advised to', () => {
    expect(nextTtl(1_000, 1_900, bounds)).toBeCloseTo(1_100, 9);
    expect(nextTtl(1_000, 600, bounds)).toBeCloseTo(900, 9);
    expect(nextTtl(1_000, 1_060, bounds)).toBe(1_060);
  });

  it('leaves the bounds never', () => {
    expect(nextTtl(1_950, 90_000, bounds)).toBeUndefined();
    expect(nextTtl(1_900, 90_000, bounds)).toBe(2_000);
    expect(nextTtl(540, 1, bounds)).toBe(500);
  });

  it('is none where it is near enough', () => {
    expect(nextTtl(1_000, 1_040, bounds)).toBeUndefined();
  });
});

import fc from 'fast-check';
import { TDigest } from 'tdigest';
import { describe, expect, it } from 'vitest';
import type { Merger } from './basic-mergers.js';
import * as mergers from './mergers.js';

/** Whatever way buckets are put together, with buckets without data among them, the range is the same. */
function expectAnyGrouping<S, V>(merger: Merger<S, V>, states: readonly S[], cut: number): void {
  const [one, other] = [states.slice(0, cut), states.slice(cut)];
  const inTwo = merger.merge([merger.merge(one), merger.merge([]), merger.merge(other)]);
  expect(merger.result(inTwo)).toEqual(merger.result(merger.merge(states)));
}

const wholes = fc.array(fc.integer({ min: -1000, max: 1000 }));

describe('a merger', () => {
  it('of sums, extremes and means does not care how buckets are put together', () => {
    fc.assert(
      fc.property(wholes, fc.nat(20), (values, cut) => {
        expectAnyGrouping(mergers.sum(), values, cut);
        expectAnyGrouping(mergers.min(), values, cut);
        expectAnyGrouping(mergers.max(), values, cut);
        expectAnyGrouping(
          mergers.weightedMean(),
          values.map((sum) => ({ sum, weight: 1 })),
          cut,
        );
        expectAnyGrouping(
          mergers.histogram([0, 10]),
          values.map((value) => [value, 1, 2]),
          cut,
        );
        const both = mergers.record({ total: mergers.sum(), top: mergers.max() });
        expectAnyGrouping(
          both,
          values.map((value) => ({ total: value, top: value })),
          cut,
        );
        expectAnyGrouping(
          mergers.groups(mergers.sum()),
          values.map((value) => ({ [`g${value % 3}`]: value })),
          cut,
        );
      }),
    );
  });

  it('tells what a range without data is', () => {
    const none = <S, V>(merger: Merger<S, V>): V => merger.result(merger.merge([]));
    expect(none(mergers.sum())).toBe(0);
    expect(none(mergers.min())).toBeNull();
    expect(none(mergers.weightedMean())).toBeNull();
    expect(none(mergers.histogram([1]))).toEqual({ bounds: [1], counts: [0, 0] });
    expect(none(mergers.percentiles(TDigest, [0.5]))).toEqual([null]);
    expect(none(mergers.groups(mergers.sum()))).toEqual({});
  });

  it('of means weighs each bucket by its own weight', () => {
    const mean = mergers.weightedMean();
    expect(
      mean.result(
        mean.merge([
          { sum: 10, weight: 1 },
          { sum: 0, weight: 9 },
        ]),
      ),
    ).toBe(1);
  });

  it('takes what is frozen, and group names that objects have of themselves', () => {
    const byName = mergers.groups(mergers.sum());
    const odd = Object.freeze(JSON.parse('{"__proto__":1,"constructor":2}') as Record<string, number>);
    expect(Object.entries(byName.merge([odd, odd]))).toEqual([
      ['__proto__', 2],
      ['constructor', 4],
    ]);
  });

  it.each([[[]], [[1, 1]], [[2, 1]], [[Number.NaN]]])('of classes refuses the bounds %j', (bounds) => {
    expect(() => mergers.histogram(bounds)).toThrow('bounds must be ascending numbers');
  });
});

describe('percentiles', () => {
  it('of many buckets are within one percent of rank of those of all values', () => {
    const p = mergers.percentiles(TDigest, [0.01, 0.5, 0.95, 0.99]);
    // Skewed, as runtimes are: the quantiles of an exponential distribution, dealt out to 24 buckets.
    const values = Array.from({ length: 24_000 }, (_, i) => -Math.log(1 - (i + 0.5) / 24_000));
    const buckets = Array.from({ length: 24 }, (_, hour) => p.of(values.filter((_, i) => (i * 7919) % 24 === hour)));
    const merged = p.result(p.merge(buckets));
    for (const [i, share] of [0.01, 0.5, 0.95, 0.99].entries())
      expect(1 - Math.exp(-(merged[i] as number)), `p${100 * share}`).toBeCloseTo(share, 2);
    expect(JSON.stringify(p.merge(buckets)).length).toBeLessThan(100_000);
  });

  it.each([
    [() => mergers.percentiles({} as never, [0.5]), 'Digest must be the class TDigest'],
    [() => mergers.percentiles(TDigest, [50]), 'a share of percentiles must be a number from 0 to 1'],
    [() => mergers.percentiles(TDigest, [0.5], { delta: 0 }), 'delta must be a number'],
  ])('refuse %s', (make, message) => {
    expect(make).toThrow(message);
  });
});

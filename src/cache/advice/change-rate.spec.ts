import { describe, expect, it } from 'vitest';
import { SeededRandom } from '../../testing/seeded-random.js';
import { changeRateOf } from './change-rate.js';
import { RenewalCounts } from './renewal-counts.js';

const UNDER = { ttl: 1_000, took: 5 };

/** Values that change at `rate`, each looked at once at an age that `age` draws. */
function seen(rate: number, times: number, age: (random: SeededRandom) => number, seed = 1): RenewalCounts {
  const random = new SeededRandom(seed);
  const counts = new RenewalCounts();
  for (let i = 0; i < times; i += 1) {
    const at = age(random);
    counts.add(random.fraction() < -Math.expm1(-rate * at) ? 'changed' : 'same', at, UNDER);
  }
  return counts;
}

const regular = (): number => 1_000;
const irregular = (random: SeededRandom): number => -1_000 * Math.log1p(-random.fraction());
/** As those of entries of several TTLs, each with a wait for its reader. */
const mixed = (random: SeededRandom): number =>
  ([100, 1_000, 10_000][random.below(3)] as number) + 50 * random.fraction();

describe('the rate at which values change', () => {
  it('is not known of nothing', () => {
    expect(changeRateOf(new RenewalCounts())).toBeUndefined();
  });

  // J. Cho and H. Garcia-Molina, Estimating Frequency of Change (2003), section 4.2: -ln((unchanged + 0.5) / (n + 0.5)).
  it.each([
    [1, 9],
    [5, 5],
    [9, 1],
    [10, 0],
    [300, 40],
  ])('is the bias-reduced one where all ages are equal: %d changed, %d had not', (changed, same) => {
    const counts = new RenewalCounts();
    for (let i = 0; i < changed; i += 1) counts.add('changed', 1_000, UNDER);
    for (let i = 0; i < same; i += 1) counts.add('same', 1_000, UNDER);
    const expected = -Math.log((same + 0.5) / (changed + same + 0.5));
    expect(1_000 * (changeRateOf(counts)?.rate ?? NaN)).toBeCloseTo(expected, 6);
  });

  it('is none where nothing has changed, and may be as high as would show once in twenty times', () => {
    const counts = seen(0, 200, regular);
    const { rate, low, high } = changeRateOf(counts) ?? { rate: NaN, low: NaN, high: NaN };
    expect([rate, low]).toEqual([0, 0]);
    expect(Math.exp(-high * 200_500)).toBeCloseTo(0.05, 9);
  });

  it.each([
    ['regular', regular],
    ['irregular', irregular],
    ['mixed', mixed],
  ] as const)('is found at %s ages, without bias and with honest bounds', (_, age) => {
    for (const rate of [0.000_05, 0.000_3, 0.001]) {
      const found = Array.from({ length: 200 }, (_each, seed) => changeRateOf(seen(rate, 300, age, seed + 1)));
      const mean = found.reduce((sum, each) => sum + (each?.rate ?? NaN), 0) / found.length;
      const within = found.filter((each) => each && each.low <= rate && rate <= each.high).length;
      expect(mean / rate).toBeGreaterThan(0.93);
      expect(mean / rate).toBeLessThan(1.07);
      // 95 % of 200, and what chance may take from that.
      expect(within).toBeGreaterThanOrEqual(180);
    }
  });

  it('follows a source that changes more often than before', () => {
    const counts = seen(0.000_02, 20_000, regular);
    const later = new SeededRandom(3);
    for (let i = 0; i < 12_000; i += 1)
      counts.add(later.fraction() < -Math.expm1(-0.2) ? 'changed' : 'same', 1_000, UNDER);
    const { rate = NaN } = changeRateOf(counts) ?? {};
    expect(rate).toBeGreaterThan(0.000_17);
    expect(rate).toBeLessThan(0.000_23);
  });
});

describe('what was seen', () => {
  it('is the same whether one has counted it or two', () => {
    const [one, first, second] = [new RenewalCounts(), new RenewalCounts(), new RenewalCounts()];
    for (const [i, age] of [100, 950, 2_000, 2_100, 70].entries())
      for (const counts of [one, i % 2 === 0 ? first : second])
        counts.add((['same', 'changed', 'invalidated'] as const)[i % 3] ?? 'same', age, { ttl: 900, took: i });
    first.absorb(second.written());
    expect(changeRateOf(first)?.rate).toBeCloseTo(changeRateOf(one)?.rate ?? NaN, 12);
    for (const what of ['compared', 'changed', 'invalidated', 'invalidationRate', 'meanWait', 'meanLoad'] as const)
      expect(first[what]).toBeCloseTo(one[what], 9);
  });

  it('tells how long lives and waits are, of which invalidations are no part', () => {
    const counts = new RenewalCounts();
    counts.add('same', 1_500, { ttl: 1_000, took: 10 });
    counts.add('changed', 800, { ttl: 1_000, took: 30 });
    counts.add('invalidated', 200, { ttl: 1_000, took: 20 });
    expect(counts.invalidationRate).toBeCloseTo(1 / 2_000, 12);
    expect([counts.meanWait, counts.meanLoad, counts.compared]).toEqual([150, 20, 2]);
  });

  it('is a few numbers, however much it was', () => {
    const counts = seen(0.001, 50_000, irregular);
    expect(counts.compared).toBeLessThanOrEqual(20_000);
    expect(counts.changed).toBeLessThanOrEqual(400);
    expect(JSON.stringify(counts.written()).length).toBeLessThan(2_500);
  });
});

import { describe, expect, it } from 'vitest';
import { marksBetween, nearest, roundAbove } from './scale.js';

describe('the scale of a plot', () => {
  it.each([
    [0, 1],
    [0.0031, 0.005],
    [1, 1],
    [1.2, 2],
    [173, 200],
    [501, 1000],
  ])('ends above %d at %d', (value, top) => {
    expect(roundAbove(value)).toBeCloseTo(top, 9);
  });

  it('has few marks on its time axis, at round times', () => {
    expect(marksBetween(1_000, 61_000, 5)).toEqual([15_000, 30_000, 45_000, 60_000]);
    expect(marksBetween(1_000, 61_000, 2)).toEqual([30_000, 60_000]);
    expect(marksBetween(0, 600_000, 5)).toHaveLength(6);
  });

  it('finds the sample nearest to an instant', () => {
    expect([nearest([10, 20, 30], 24), nearest([10, 20, 30], 99), nearest([], 5)]).toEqual([1, 2, 0]);
  });
});

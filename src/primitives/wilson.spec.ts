import { describe, expect, it } from 'vitest';
import { ratioOf } from './wilson.js';

describe('a ratio', () => {
  it('of nothing is none', () => {
    expect(ratioOf(0, 0)).toBeUndefined();
  });

  // The examples of Statistics in Medicine 17 (1998), 857 to 872, table I, method 3.
  it.each([
    [81, 263, { ratio: 0.308, low: 0.2553, high: 0.3662 }],
    [15, 148, { ratio: 0.1014, low: 0.0624, high: 0.1605 }],
    [1, 29, { ratio: 0.0345, low: 0.0061, high: 0.1718 }],
    [0, 20, { ratio: 0, low: 0, high: 0.1611 }],
    [20, 20, { ratio: 1, low: 0.8389, high: 1 }],
  ])('of %d in %d is %o', (part, whole, { ratio, low, high }) => {
    const found = ratioOf(part, whole);
    expect(found?.ratio).toBeCloseTo(ratio, 4);
    expect(found?.low).toBeCloseTo(low, 4);
    expect(found?.high).toBeCloseTo(high, 4);
  });

  it('keeps its bounds at the ends exact', () => {
    expect(ratioOf(0, 1_000_003)?.low).toBe(0);
    expect(ratioOf(1_000_003, 1_000_003)?.high).toBe(1);
  });
});

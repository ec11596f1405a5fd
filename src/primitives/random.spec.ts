import { describe, expect, it } from 'vitest';
import { SystemRandom } from './random.js';

describe('SystemRandom', () => {
  const random = new SystemRandom();

  it('makes tokens of twelve URL-safe characters, none twice, beyond the end of its pool', () => {
    const tokens = Array.from({ length: 5_000 }, () => random.token());

    expect(new Set(tokens).size).toBe(5_000);
    expect(tokens.filter((token) => !/^[\w-]{12}$/.test(token))).toEqual([]);
  });

  it('makes other tokens than another instance', () => {
    expect(new SystemRandom().token()).not.toBe(new SystemRandom().token());
  });

  it('makes fractions from 0 to below 1', () => {
    for (const fraction of Array.from({ length: 1_000 }, () => random.fraction())) {
      expect(fraction).toBeGreaterThanOrEqual(0);
      expect(fraction).toBeLessThan(1);
    }
  });
});

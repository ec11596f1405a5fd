import { describe, expect, it } from 'vitest';
import { SeededRandom } from './seeded-random.js';

describe('SeededRandom', () => {
  it('gives the known sequence of mulberry32', () => {
    const random = new SeededRandom(1);
    const numbers = [random.fraction(), random.fraction(), random.fraction()].map((n) => n.toFixed(6));
    expect(numbers).toEqual(['0.627074', '0.002736', '0.527447']);
  });

  it('repeats with its seed and differs with another', () => {
    const sequence = (seed: number): number[] => {
      const random = new SeededRandom(seed);
      return Array.from({ length: 20 }, () => random.below(1_000));
    };
    expect(sequence(7)).toEqual(sequence(7));
    expect(sequence(7)).not.toEqual(sequence(8));
  });

  it('stays within its bounds and reaches all of them', () => {
    const random = new SeededRandom(3);
    const numbers = Array.from({ length: 1_000 }, () => random.below(5));
    expect(new Set(numbers)).toEqual(new Set([0, 1, 2, 3, 4]));
    for (let i = 0; i < 1_000; i += 1) {
      const number = random.between(10, 20);
      expect(number).toBeGreaterThanOrEqual(10);
      expect(number).toBeLessThan(20);
    }
  });

  it('makes tokens like those of the system: twelve URL-safe characters', () => {
    const random = new SeededRandom(1);
    const tokens = Array.from({ length: 100 }, () => random.token());
    for (const token of tokens) expect(token).toMatch(/^[\w-]{12}$/);
    expect(new Set(tokens).size).toBe(100);
  });
});

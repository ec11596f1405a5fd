import { describe, expect, it } from 'vitest';
import { textHash } from './text-hash.js';

describe('the hash of a text', () => {
  it('spreads keys that differ in a number evenly', () => {
    const buckets = Array.from({ length: 16 }, () => 0);
    for (let id = 0; id < 16_000; id += 1) {
      const bucket = Math.floor(textHash(`user:${id}:profile`) / 2 ** 28);
      buckets[bucket] = (buckets[bucket] ?? 0) + 1;
    }
    for (const count of buckets) expect(Math.abs(count - 1_000)).toBeLessThan(150);
  });

  it('is the same for the same text, and a number of 32 bits', () => {
    expect(textHash('user:1')).toBe(textHash(['user', '1'].join(':')));
    for (const text of ['', 'a', 'ü', 'x'.repeat(1_000)]) {
      const hash = textHash(text);
      expect(Number.isInteger(hash) && hash >= 0 && hash < 2 ** 32).toBe(true);
    }
  });
});

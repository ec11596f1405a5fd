import type { Milliseconds } from '../../primitives/units.js';

const STEPS = 60;

/**
 * The share of the hits whose value its source has changed since, where values change at `rate` and live for `ttl`: hits
 * come at any age alike, and at age a the value has changed with 1 - exp(-rate a).
 */
export function staleShare(rate: number, ttl: Milliseconds): number {
  const changes = rate * ttl;
  // Below that the difference of two numbers near 1 has few digits left.
  if (changes < 1e-4) return changes / 2;
  return 1 + Math.expm1(-changes) / changes;
}

/** The longest TTL at which that share is at most `maxStale`; infinite where nothing changes. */
export function ttlFor(rate: number, maxStale: number): Milliseconds {
  if (rate === 0) return Infinity;
  let [low, high] = [0, 2];
  while (staleShare(1, high) < maxStale) high *= 2;
  for (let i = 0; i < STEPS; i += 1) {
    const middle = (low + high) / 2;
    if (staleShare(1, middle) < maxStale) low = middle;
    else high = middle;
  }
  return low / rate;
}

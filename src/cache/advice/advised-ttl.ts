import type { TtlBounds } from '../../keys/advice-mode.js';
import { LONGEST_TTL } from '../../keys/load-policy.js';
import type { Milliseconds } from '../../primitives/units.js';
import { type ChangeRate, changeRateOf } from './change-rate.js';
import type { RenewalCounts } from './renewal-counts.js';
import { ttlFor } from './stale-share.js';

/** So many values must have been compared before anything is said. */
export const LEAST_COMPARED = 50;
/** Of fewer changes than these the rate is known too badly to be taken at its word. */
const FEW_CHANGES = 10;
const LARGEST_STEP = 0.1;
/** What is nearer to the advice than this is left alone: chance would move it to and fro. */
const NEAR = 0.05;

/** What fits, and how often values change. */
export interface AdvisedTtl {
  readonly ttl: Milliseconds;
  readonly changes: ChangeRate;
}

/**
 * The longest TTL with no more stale hits than `maxStale`; `undefined` of too few values. Where few changes were seen the TTL
 * is made longer only as far as the highest rate allows that is likely, and shorter as soon as the likeliest rate asks for it.
 */
export function advisedTtl(counts: RenewalCounts, maxStale: number, ttl: Milliseconds): AdvisedTtl | undefined {
  const changes = changeRateOf(counts);
  if (!changes || counts.compared < LEAST_COMPARED) return undefined;
  const likeliest = ttlFor(changes.rate, maxStale);
  const cautious = ttlFor(changes.high, maxStale);
  const fitting = counts.changed >= FEW_CHANGES ? likeliest : Math.max(cautious, Math.min(ttl, likeliest));
  return { ttl: Math.min(Math.max(fitting, 1), 1000 * LONGEST_TTL), changes };
}

/** One step from `ttl` to what is advised: a tenth at most, inside the bounds; `undefined` where it is near enough. */
export function nextTtl(ttl: Milliseconds, advised: Milliseconds, { min, max }: TtlBounds): Milliseconds | undefined {
  const target = Math.min(Math.max(advised, min), max);
  if (Math.abs(target / ttl - 1) <= NEAR) return undefined;
  return Math.min(Math.max(target, ttl * (1 - LARGEST_STEP)), ttl * (1 + LARGEST_STEP));
}

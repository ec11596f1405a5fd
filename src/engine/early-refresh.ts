import type { LoadPolicy } from '../keys/load-policy.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Lifetime } from './lifetime.js';

// The chance of -ln(random) being larger is 1 in 10^13: further from its expiry a hit does not even draw.
const LARGEST_DRAW = 30;

/**
 * Whether a hit on a fresh value should begin a refresh: past `refreshAhead` of its life, or drawn by XFetch, which
 * spreads the refreshes of many readers over the time before expiry, the earlier the longer the load takes.
 */
export function isDueEarly(
  { loadedAt, loadTook, freshUntil }: Lifetime,
  { refreshAhead, beta }: LoadPolicy,
  now: Milliseconds,
  random: Random,
): boolean {
  if (refreshAhead < 1 && now >= loadedAt + refreshAhead * (freshUntil - loadedAt)) return true;
  const reach = beta * loadTook;
  if (now + LARGEST_DRAW * reach < freshUntil) return false;
  // 1 - fraction is never 0, whose logarithm is infinite.
  return reach > 0 && now - reach * Math.log(1 - random.fraction()) >= freshUntil;
}

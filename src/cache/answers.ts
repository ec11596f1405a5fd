import { type Found, isFound, type NotFound } from '../engine/lookup.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Lookup } from './call-options.js';

/** What `get` answers. */
export function valueOrNull(result: Found | NotFound): unknown {
  return isFound(result) ? result.value : null;
}

/** What `lookup` answers. */
export function lookupOf(found: Found, now: Milliseconds): Lookup<unknown> {
  const { value, loadedAt: asOf, freshUntil, source, stale, cause, staleReason, coalesced, stored } = found;
  const reason = staleReason ?? cause;
  const lookup = { value, asOf, source, stale, ttl: (freshUntil - now) / 1000, coalesced, stored };
  return reason ? { ...lookup, reason } : lookup;
}

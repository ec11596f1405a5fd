import type { Lookup } from './call-options.js';

/**
 * The value of a `Cache-Status` header (RFC 9211) for a lookup, such as `shadower; hit; ttl=1795; detail=l2` or
 * `shadower; fwd=miss; stored`. `cache` is a token naming this cache.
 */
export function cacheStatus(lookup: Lookup<unknown>, cache = 'shadower'): string {
  const { source, stale, reason, ttl, coalesced, stored } = lookup;
  const parts = [cache];
  if (source === 'loader') {
    parts.push(`fwd=${FORWARDED[reason ?? 'absent']}`);
    if (stored) parts.push('stored');
    if (coalesced) parts.push('collapsed');
    if (reason === 'degraded') parts.push('detail=degraded');
  } else {
    parts.push('hit', `ttl=${Math.floor(ttl)}`, `detail=${stale ? `${source}-stale` : source}`);
  }
  return parts.join('; ');
}

const FORWARDED = {
  absent: 'miss',
  evicted: 'miss',
  invalidated: 'miss',
  unreadable: 'miss',
  invalid: 'miss',
  version: 'miss',
  expired: 'stale',
  refreshing: 'stale',
  slow: 'stale',
  failed: 'stale',
  rejected: 'stale',
  degraded: 'bypass',
} as const;

import { describe, expect, it } from 'vitest';
import type { Lookup } from './call-options.js';
import { cacheStatus } from './cache-status.js';

const lookup = (parts: Partial<Lookup<unknown>>): Lookup<unknown> => ({
  value: 1,
  asOf: 0,
  source: 'loader',
  stale: false,
  ttl: 300,
  coalesced: false,
  stored: true,
  ...parts,
});

describe('cacheStatus', () => {
  it.each<[string, Partial<Lookup<unknown>>]>([
    ['shadower; hit; ttl=1795; detail=l2', { source: 'l2', ttl: 1795.9 }],
    ['shadower; hit; ttl=0; detail=l1', { source: 'l1', ttl: 0.4 }],
    ['shadower; hit; ttl=-12; detail=l1-stale', { source: 'l1', stale: true, reason: 'refreshing', ttl: -11.2 }],
    ['shadower; hit; ttl=-1; detail=l2-stale', { source: 'l2', stale: true, reason: 'refreshing', ttl: -0.5 }],
    ['shadower; fwd=miss; stored', { reason: 'absent' }],
    ['shadower; fwd=miss; stored', { reason: 'invalidated' }],
    ['shadower; fwd=miss; stored', { reason: 'unreadable' }],
    ['shadower; fwd=miss; stored', { reason: 'version' }],
    ['shadower; fwd=miss; stored', {}],
    ['shadower; fwd=stale; stored', { reason: 'expired' }],
    ['shadower; fwd=miss; stored; collapsed', { reason: 'absent', coalesced: true }],
    ['shadower; fwd=miss', { reason: 'absent', stored: false }],
    ['shadower; fwd=bypass; detail=degraded', { reason: 'degraded', stored: false }],
  ])('is "%s"', (header, parts) => {
    expect(cacheStatus(lookup(parts))).toBe(header);
  });

  it('names the cache as it is told to', () => {
    expect(cacheStatus(lookup({ reason: 'absent' }), 'analytics')).toBe('analytics; fwd=miss; stored');
  });

  it('is a list member of RFC 9211: a token and parameters in lower case', () => {
    for (const source of ['l1', 'l2', 'loader'] as const)
      for (const reason of ['absent', 'expired', 'degraded', 'refreshing'] as const)
        expect(cacheStatus(lookup({ source, reason, stale: reason === 'refreshing' }))).toMatch(
          /^[a-z]+(; [a-z]+(=-?[a-z0-9-]+)?)+$/,
        );
  });
});

import { type CacheMetric, countPerTemplate } from './definitions.js';

/** The TTLs that `advice: { auto }` moves. */
export const TTL_METRICS: readonly CacheMetric[] = [
  {
    ...{ name: 'cache_ttl_seconds', type: 'gauge', labels: ['key_pattern', 'declared_ttl'] },
    help: 'TTL in force of templates whose TTL moves, by the one that they declare; of others there is no sample',
    read: ({ runtime: { advice } }) =>
      advice.moving.map(({ label, declared, ttl }) => ({
        labels: { key_pattern: label, declared_ttl: String(declared / 1000) },
        value: ttl / 1000,
      })),
  },
  countPerTemplate(
    'cache_ttl_changes_total',
    'How often this instance has moved the TTL of a template, for all instances',
    ({ ttlChanges }) => ttlChanges,
  ),
];

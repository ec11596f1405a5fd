import type { CacheRuntime } from '../cache/cache-runtime.js';
import { type CacheMetric, type MetricSource, plain, shared } from './definitions.js';
import { LOAD_METRICS, READ_METRICS, SPOT_CHECK_METRICS } from './read-metrics.js';
import { INVALIDATION_METRICS, REDIS_METRICS } from './redis-metrics.js';
import { TTL_METRICS } from './ttl-metrics.js';
import { WARMING_METRICS } from './warming-metrics.js';

const KEYS_HELP =
  'Keys in the Redis database (DBSIZE, so those of others in the same database too); without Redis, entries in memory';

const MEMORY_METRICS: readonly CacheMetric[] = [
  // Both names have the same value; the guide's ends in `_total` although it is a gauge.
  shared(plain('gauge', 'cache_keys', KEYS_HELP, countKeys), hasRedis),
  shared(plain('gauge', 'cache_keys_total', KEYS_HELP, countKeys), hasRedis),
  plain('gauge', 'cache_l1_entries', 'Entries in memory', ({ runtime }) => runtime.view.memory.size),
  plain('gauge', 'cache_l1_bytes', 'Bytes of entries in memory, about', ({ runtime }) => runtime.view.memory.bytes),
  plain(
    'counter',
    'cache_l1_evictions_total',
    'Entries removed from memory to make room',
    ({ runtime }) => runtime.view.memory.evictions,
  ),
  plain('gauge', 'cache_l1_unread_entries', 'Entries in memory that nobody has read from there', ({ runtime }) =>
    unreadIn(runtime),
  ),
  plain(
    'counter',
    'cache_label_overflow_total',
    'Counts that went to key_pattern "other", as there are too many templates',
    ({ tally }) => tally.labelOverflow,
  ),
];

/** Every metric of the cache. Labels hold templates and kinds, never ids. */
export const CACHE_METRICS: readonly CacheMetric[] = Object.freeze([
  ...READ_METRICS,
  ...LOAD_METRICS,
  ...SPOT_CHECK_METRICS,
  ...WARMING_METRICS,
  ...TTL_METRICS,
  ...INVALIDATION_METRICS,
  ...REDIS_METRICS,
  ...MEMORY_METRICS,
]);

/** Zero while Redis is away: a scrape must not fail because of it. */
async function countKeys({ runtime: { connection, store, view } }: MetricSource): Promise<number> {
  return connection ? store.count().catch(() => 0) : view.memory.size;
}

function unreadIn({ view }: CacheRuntime): number {
  let unread = 0;
  for (const { isRead } of view.memory.values()) if (!isRead) unread++;
  return unread;
}

function hasRedis({ runtime: { connection } }: MetricSource): boolean {
  return connection !== undefined;
}

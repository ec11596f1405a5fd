import type { Consistency } from '../../src/engine/lookup.js';
import { startCache } from '../../test/support/caches.js';
import type { Subject } from './subject.js';

const KEY = 'report:1';
const TAG = 'metric:latency';

/** This package with its default options, in one of its modes of consistency. */
export function ours(consistency: Consistency): Subject {
  return {
    packages: [],
    options: `redis.url, consistency '${consistency}'; getOrLoad with tags; delete, invalidation.tags; refresh: grace of twice the TTL`,
    tags: true,
    refreshes: true,
    sets: true,
    follows: 'xread',
    async start({ url, ttl, kind, load }) {
      const instance = await startCache({ redis: { url }, consistency });
      const { cache, invalidation } = instance;
      const entry = {
        ttl: ttl / 1000,
        ...(kind === 'refreshing' && { grace: (2 * ttl) / 1000 }),
        ...(kind === 'tagged' && { tags: [TAG] }),
      };
      return {
        read: () => cache.getOrLoad(KEY, load, entry),
        remove: () => cache.delete(KEY),
        removeTag: () => invalidation.tags([TAG]),
        set: (value) => cache.set(KEY, value, entry),
        close: () => instance.close(),
      };
    },
  };
}

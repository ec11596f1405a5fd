import { createCache } from 'async-cache-dedupe';
import { Redis } from 'ioredis';

const ID = '1';
const REFERENCE = 'metric:latency';

/** @type {import('../peers-coherence/subject.ts').Subject} */
export const subject = {
  packages: ['async-cache-dedupe', 'ioredis'],
  options:
    'storage redis with invalidation (referencesTTL 60); define with references; clear by name and argument, invalidateAll; refresh: stale of twice the TTL; it has neither L1 nor set',
  tags: true,
  refreshes: true,
  sets: false,
  async start({ url, ttl, kind, load }) {
    const client = new Redis(url);
    const cache = createCache({
      ttl: ttl / 1000,
      ...(kind === 'refreshing' && { stale: (2 * ttl) / 1000 }),
      storage: { type: 'redis', options: { client, invalidation: { referencesTTL: 60 } } },
    });
    cache.define('report', { references: () => (kind === 'tagged' ? [REFERENCE] : null) }, () => load());
    return {
      read: () => cache.report(ID),
      remove: () => cache.clear('report', ID),
      removeTag: () => cache.invalidateAll(REFERENCE),
      close: () => client.quit(),
    };
  },
};

import KeyvRedis from '@keyv/redis';
import { createCache } from 'cache-manager';
import { CacheableMemory } from 'cacheable';
import { Keyv } from 'keyv';

const KEY = 'report:1';

/** @type {import('../peers-coherence/subject.ts').Subject} */
export const subject = {
  packages: ['cache-manager', '@keyv/redis', 'cacheable'],
  options:
    'stores: CacheableMemory (lruSize 5000), KeyvRedis; wrap; refresh: refreshThreshold of a third of the TTL; it has neither tags nor a bus',
  tags: false,
  refreshes: true,
  sets: true,
  async start({ url, ttl, kind, load }) {
    const cache = createCache({
      ttl,
      ...(kind === 'refreshing' && { refreshThreshold: Math.round(ttl / 3) }),
      stores: [
        new Keyv({ store: new CacheableMemory({ ttl, lruSize: 5000 }) }),
        new Keyv({ store: new KeyvRedis(url) }),
      ],
    });
    return {
      read: () => cache.wrap(KEY, load),
      remove: () => cache.del(KEY),
      set: (value) => cache.set(KEY, value),
      close: () => cache.disconnect(),
    };
  },
};

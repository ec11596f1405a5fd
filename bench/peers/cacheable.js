import KeyvRedis from '@keyv/redis';
import { RedisMessageProvider } from '@qified/redis';
import { Cacheable } from 'cacheable';

const KEY = 'report:1';
const TAG = 'metric:latency';

/** @type {import('../peers-coherence/subject.ts').Subject} */
export const subject = {
  packages: ['cacheable', '@keyv/redis', '@qified/redis'],
  options:
    'secondary KeyvRedis, sync with RedisMessageProvider; getOrSet; tags: true, where get and set with tags take the place of getOrSet, which takes none',
  tags: true,
  refreshes: false,
  sets: true,
  follows: 'pubsub',
  async start({ url, ttl, kind, load }) {
    const provider = new RedisMessageProvider({ uri: url });
    // Without listeners a lost connection of these two ends the process.
    provider.pub.on('error', () => {});
    provider.sub.on('error', () => {});
    await provider.connect();
    const cache = new Cacheable({
      secondary: new KeyvRedis(url),
      sync: { qified: provider },
      ttl,
      tags: kind === 'tagged',
    });
    const readTagged = async () => {
      const cached = await cache.get(KEY);
      if (cached !== undefined) return cached;
      const value = await load();
      await cache.set(KEY, value, { ttl, tags: [TAG] });
      return value;
    };
    return {
      read: () => (kind === 'tagged' ? readTagged() : cache.getOrSet(KEY, load, { ttl })),
      remove: () => cache.delete(KEY),
      removeTag: () => cache.tags.invalidateTag(TAG),
      set: (value) => cache.set(KEY, value, ttl),
      async close() {
        await cache.disconnect();
        await provider.disconnect(true);
      },
    };
  },
};

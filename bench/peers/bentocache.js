import { BentoCache, bentostore } from 'bentocache';
import { memoryDriver } from 'bentocache/drivers/memory';
import { redisBusDriver, redisDriver } from 'bentocache/drivers/redis';

const KEY = 'report:1';
const TAG = 'metric:latency';

/** @type {import('../peers-coherence/subject.ts').Subject} */
export const subject = {
  packages: ['bentocache', 'ioredis'],
  options:
    'memoryDriver 10mb, redisDriver, redisBusDriver; tags of getOrSet and deleteByTag; refresh: grace of twice the TTL, timeout 0 (default)',
  tags: true,
  refreshes: true,
  sets: true,
  follows: 'pubsub',
  async start({ url, ttl, kind, load }) {
    const { hostname, port } = new URL(url);
    const connection = { host: hostname, port: Number(port) };
    const bento = new BentoCache({
      default: 'reports',
      stores: {
        reports: bentostore()
          .useL1Layer(memoryDriver({ maxSize: '10mb' }))
          .useL2Layer(redisDriver({ connection }))
          .useBus(redisBusDriver({ connection })),
      },
    });
    const entry = { key: KEY, ttl, ...(kind === 'refreshing' && { grace: 2 * ttl }) };
    const tags = kind === 'tagged' ? [TAG] : [];
    return {
      read: () => bento.getOrSet({ ...entry, tags, factory: load }),
      remove: () => bento.delete({ key: KEY }),
      removeTag: () => bento.deleteByTag({ tags: [TAG] }),
      set: (value) => bento.set({ ...entry, tags, value }),
      close: () => bento.disconnectAll(),
    };
  },
};

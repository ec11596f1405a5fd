import { Redis } from 'ioredis-6';
import {
  createGroupNotificationPair,
  createNotificationPair,
  GroupLoader,
  Loader,
  RedisCache,
  RedisGroupCache,
} from 'layered-loader';

const KEY = 'report:1';
const GROUP = 'metric:latency';
const CHANNEL = 'reports';

function startFlat({ url, ttl, kind, load }, redis) {
  const window = kind === 'refreshing' ? { ttlLeftBeforeRefreshInMsecs: Math.round(ttl / 3) } : {};
  const { publisher, consumer } = createNotificationPair({
    channel: CHANNEL,
    consumerRedis: new Redis(url),
    publisherRedis: new Redis(url),
  });
  const loader = new Loader({
    inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: ttl, maxItems: 100, ...window },
    asyncCache: new RedisCache(redis, { json: true, ttlInMsecs: ttl, ...window }),
    dataSourceGetOneFn: load,
    notificationConsumer: consumer,
    notificationPublisher: publisher,
  });
  return {
    loader,
    node: {
      read: () => loader.get(KEY),
      remove: () => loader.invalidateCacheFor(KEY),
      set: (value) => loader.forceSetValue(KEY, value),
    },
  };
}

function startGrouped({ url, ttl, load }, redis) {
  const { publisher, consumer } = createGroupNotificationPair({
    channel: CHANNEL,
    consumerRedis: new Redis(url),
    publisherRedis: new Redis(url),
  });
  const loader = new GroupLoader({
    inMemoryCache: { ttlInMsecs: ttl, maxGroups: 1000, maxItemsPerGroup: 500 },
    asyncCache: new RedisGroupCache(redis, { json: true, ttlInMsecs: ttl }),
    dataSources: [{ name: 'source', isCache: false, getFromGroup: load }],
    notificationConsumer: consumer,
    notificationPublisher: publisher,
  });
  return {
    loader,
    node: {
      read: () => loader.get(KEY, GROUP),
      remove: () => loader.invalidateCacheFor(KEY, GROUP),
      removeTag: () => loader.invalidateCacheForGroup(GROUP),
    },
  };
}

/** @type {import('../peers-coherence/subject.ts').Subject} */
export const subject = {
  packages: ['layered-loader', 'ioredis-6'],
  options:
    'Loader with inMemoryCache lru-map, RedisCache and createNotificationPair; tags: GroupLoader, RedisGroupCache, createGroupNotificationPair; refresh: ttlLeftBeforeRefreshInMsecs of a third of the TTL in both tiers; its engines ask for Node 22',
  tags: true,
  refreshes: true,
  sets: true,
  follows: 'pubsub',
  async start(setting) {
    const redis = new Redis(setting.url);
    const { loader, node } = setting.kind === 'tagged' ? startGrouped(setting, redis) : startFlat(setting, redis);
    await loader.init();
    return {
      ...node,
      async close() {
        await loader.close();
        await redis.quit();
      },
    };
  },
};

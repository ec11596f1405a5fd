/*
 * The caches that `npm run bench` races, with the options that their documentation gives for production. `tiers` says what
 * is measured: memory before Redis, or Redis alone. `load` is the loader of every key.
 */
const SIZE = 10_000;
const TTL = 3_600_000;

async function bentocache({ url, tiers, load }) {
  const { BentoCache, bentostore } = await import('bentocache');
  const { memoryDriver } = await import('bentocache/drivers/memory');
  const { redisBusDriver, redisDriver } = await import('bentocache/drivers/redis');
  const { hostname, port } = new URL(url);
  const connection = { host: hostname, port: Number(port) };
  const shared = bentostore().useL2Layer(redisDriver({ connection }));
  const store =
    tiers === 'redis'
      ? shared
      : shared.useL1Layer(memoryDriver({ maxItems: SIZE })).useBus(redisBusDriver({ connection }));
  const bento = new BentoCache({ default: 'store', stores: { store } });
  return {
    get: (key) => bento.get({ key }),
    set: (key, value) => bento.set({ key, value, ttl: TTL }),
    getOrLoad: (key) => bento.getOrSet({ key, ttl: TTL, factory: () => load(key) }),
    close: () => bento.disconnectAll(),
  };
}

async function cacheable({ url, tiers, load }) {
  const { Cacheable, CacheableMemory } = await import('cacheable');
  const { default: KeyvRedis } = await import('@keyv/redis');
  const { Keyv } = await import('keyv');
  const redis = new Keyv({ store: new KeyvRedis(url) });
  const memory = new Keyv({ store: new CacheableMemory({ lruSize: SIZE }) });
  const cache = new Cacheable({
    ttl: TTL,
    ...(tiers === 'redis' ? { primary: redis } : { primary: memory, secondary: redis }),
  });
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value, TTL),
    getOrLoad: (key) => cache.getOrSet(key, () => load(key), { ttl: TTL }),
    close: () => cache.disconnect(),
  };
}

async function cacheManager({ url, tiers, load }) {
  const { createCache } = await import('cache-manager');
  const { CacheableMemory } = await import('cacheable');
  const { Keyv } = await import('keyv');
  const { default: KeyvRedis } = await import('@keyv/redis');
  const redis = new Keyv({ store: new KeyvRedis(url) });
  const memory = new Keyv({ store: new CacheableMemory({ ttl: TTL, lruSize: SIZE }) });
  const cache = createCache({ ttl: TTL, stores: tiers === 'redis' ? [redis] : [memory, redis] });
  return {
    get: (key) => cache.get(key),
    set: (key, value) => cache.set(key, value, TTL),
    getOrLoad: (key) => cache.wrap(key, () => load(key), TTL),
    close: () => cache.disconnect(),
  };
}

async function layeredLoader({ url, tiers, load }) {
  const { Loader, RedisCache } = await import('layered-loader');
  const { Redis } = await import('ioredis-6');
  const redis = new Redis(url);
  const loader = new Loader({
    inMemoryCache: tiers === 'redis' ? false : { cacheType: 'lru-map', ttlInMsecs: TTL, maxItems: SIZE },
    asyncCache: new RedisCache(redis, { json: true, ttlInMsecs: TTL }),
    dataSourceGetOneFn: load,
  });
  const get = (key) => loader.get(key);
  return {
    get,
    set: (key, value) => loader.forceSetValue(key, value),
    getOrLoad: get,
    close: async () => redis.disconnect(),
  };
}

/** Its one tier is Redis, or memory. */
async function asyncCacheDedupe({ url, tiers, load }) {
  const { createCache } = await import('async-cache-dedupe');
  const { Redis } = await import('ioredis-6');
  const client = new Redis(url);
  const storage =
    tiers === 'redis' ? { type: 'redis', options: { client } } : { type: 'memory', options: { size: SIZE } };
  const cache = createCache({ ttl: TTL / 1000, storage });
  cache.define('report', load);
  const get = (key) => cache.report(key);
  return { get, getOrLoad: get, close: async () => client.disconnect() };
}

/** With `tiers` of memory: its cache in the client, which Redis tells of changes. */
async function nodeRedis({ url, tiers, load }) {
  const { createClient, BasicClientSideCache } = await import('@redis/client');
  const cached = { clientSideCache: new BasicClientSideCache({ ttl: 0, maxEntries: SIZE, evictPolicy: 'LRU' }) };
  const client = createClient({ url, RESP: 3, ...(tiers === 'memory' && cached) });
  client.on('error', () => {});
  await client.connect();
  const get = async (key) => {
    const text = await client.get(key);
    return text === null ? undefined : JSON.parse(text);
  };
  const set = (key, value) => client.set(key, JSON.stringify(value), { expiration: { type: 'PX', value: TTL } });
  return {
    get,
    set,
    getOrLoad: async (key) => {
      const found = await get(key);
      if (found !== undefined) return found;
      const value = await load(key);
      await set(key, value);
      return value;
    },
    close: async () => client.destroy(),
  };
}

/** @type {import('../speed/peers.ts').Peer[]} */
export const peers = [
  {
    packages: ['bentocache', 'ioredis'],
    options: `memoryDriver of ${SIZE} items (serialize: false throws on what comes from Redis), redisDriver; with memory, redisBusDriver`,
    sharesLoads: true,
    start: bentocache,
  },
  {
    packages: ['cacheable', '@keyv/redis'],
    options: `primary CacheableMemory with lruSize ${SIZE}, secondary KeyvRedis; alone: primary KeyvRedis`,
    sharesLoads: true,
    start: cacheable,
  },
  {
    packages: ['cache-manager', '@keyv/redis', 'cacheable'],
    options: `stores CacheableMemory with lruSize ${SIZE} and KeyvRedis; wrap`,
    sharesLoads: true,
    start: cacheManager,
  },
  {
    packages: ['layered-loader', 'ioredis-6'],
    options: `inMemoryCache lru-map of ${SIZE} items, RedisCache with json: true; get, forceSetValue`,
    sharesLoads: true,
    start: layeredLoader,
  },
  {
    packages: ['async-cache-dedupe', 'ioredis-6'],
    options: `storage redis, or memory of ${SIZE} items; it has no set`,
    sharesLoads: true,
    start: asyncCacheDedupe,
  },
  {
    packages: ['@redis/client'],
    options: `RESP 3, JSON by hand; in memory: BasicClientSideCache of ${SIZE} entries, LRU`,
    sharesLoads: false,
    start: nodeRedis,
  },
];

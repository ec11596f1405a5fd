/* Two tiers each, as its documentation begins, with the client it makes or asks for and no option of that set. */
const SIZE = 5000;

async function bentocache({ url, ttl, load }) {
  const { BentoCache, bentostore } = await import('bentocache');
  const { memoryDriver } = await import('bentocache/drivers/memory');
  const { redisDriver } = await import('bentocache/drivers/redis');
  const { hostname, port } = new URL(url);
  const connection = { host: hostname, port: Number(port) };
  const store = bentostore()
    .useL1Layer(memoryDriver({ maxItems: SIZE }))
    .useL2Layer(redisDriver({ connection }));
  const bento = new BentoCache({ default: 'reports', stores: { reports: store } });
  return (key) => bento.getOrSet({ key, ttl, factory: load });
}

async function cacheable({ url, ttl, load }) {
  const { Cacheable } = await import('cacheable');
  const { default: KeyvRedis } = await import('@keyv/redis');
  const cache = new Cacheable({ secondary: new KeyvRedis(url), ttl });
  return (key) => cache.getOrSet(key, load, { ttl });
}

async function cacheableNonBlocking({ url, ttl, load }) {
  const { Cacheable } = await import('cacheable');
  const { createKeyvNonBlocking } = await import('@keyv/redis');
  const cache = new Cacheable({ secondary: createKeyvNonBlocking(url), nonBlocking: true, ttl });
  return (key) => cache.getOrSet(key, load, { ttl });
}

async function cacheManager({ url, ttl, load }) {
  const { createCache } = await import('cache-manager');
  const { CacheableMemory } = await import('cacheable');
  const { Keyv } = await import('keyv');
  const { default: KeyvRedis } = await import('@keyv/redis');
  const memory = new Keyv({ store: new CacheableMemory({ ttl, lruSize: SIZE }) });
  const cache = createCache({ ttl, stores: [memory, new Keyv({ store: new KeyvRedis(url) })] });
  return (key) => cache.wrap(key, load);
}

async function layeredLoader({ url, ttl, load }) {
  const { Loader, RedisCache } = await import('layered-loader');
  const { Redis } = await import('ioredis-6');
  const loader = new Loader({
    inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: ttl, maxItems: SIZE },
    asyncCache: new RedisCache(new Redis(url), { json: true, ttlInMsecs: ttl }),
    dataSourceGetOneFn: load,
  });
  return (key) => loader.get(key);
}

async function asyncCacheDedupe({ url, ttl, load }) {
  const { createCache } = await import('async-cache-dedupe');
  const { Redis } = await import('ioredis');
  const storage = { type: 'redis', options: { client: new Redis(url) } };
  const cache = createCache({ ttl: ttl / 1000, storage });
  cache.define('report', load);
  return (key) => cache.report(key);
}

/** @type {Record<string, import('../peers-outage/subject.ts').Subject>} */
export const subjects = {
  bentocache: {
    packages: ['bentocache', 'ioredis'],
    options: 'memoryDriver, redisDriver; getOrSet',
    start: bentocache,
  },
  cacheable: {
    packages: ['cacheable', '@keyv/redis'],
    options: 'secondary new KeyvRedis(url); getOrSet',
    start: cacheable,
  },
  'cacheable, not blocking': {
    packages: ['cacheable', '@keyv/redis'],
    options: 'secondary createKeyvNonBlocking(url), nonBlocking: true; getOrSet',
    start: cacheableNonBlocking,
  },
  'cache-manager': {
    packages: ['cache-manager', '@keyv/redis', 'cacheable'],
    options: 'stores CacheableMemory and new KeyvRedis(url); wrap',
    start: cacheManager,
  },
  'layered-loader': {
    packages: ['layered-loader', 'ioredis-6'],
    options: 'Loader with inMemoryCache and RedisCache on new Redis(url); get',
    start: layeredLoader,
  },
  'async-cache-dedupe': {
    packages: ['async-cache-dedupe', 'ioredis'],
    options: 'storage redis with new Redis(url); it has no memory of its own',
    start: asyncCacheDedupe,
  },
};

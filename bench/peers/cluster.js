/* On a Cluster as each documentation has it, with the Cluster client of the package that it builds upon. */

function addresses(nodes) {
  return nodes.map((node) => ({ host: new URL(node).hostname, port: Number(new URL(node).port) }));
}

function each(numbers, set) {
  return Promise.all(numbers.map((n) => set(`report:${n}`, { n })));
}

async function bentocache({ nodes, failed }) {
  const { BentoCache, bentostore } = await import('bentocache');
  const { memoryDriver } = await import('bentocache/drivers/memory');
  const { redisDriver } = await import('bentocache/drivers/redis');
  const { Cluster } = await import('ioredis');
  const connection = new Cluster(addresses(nodes));
  connection.on('error', failed);
  const store = bentostore()
    .useL1Layer(memoryDriver({ maxItems: 5000 }))
    .useL2Layer(redisDriver({ connection }));
  const bento = new BentoCache({ default: 'reports', stores: { reports: store } });
  return {
    fill: (numbers) => each(numbers, (key, value) => bento.set({ key, value, ttl: '1h' })),
    clear: () => bento.clear(),
    close: async () => connection.disconnect(),
  };
}

async function layeredLoader({ nodes, failed }) {
  const { Loader, RedisCache } = await import('layered-loader');
  const { Cluster } = await import('ioredis-6');
  const redis = new Cluster(addresses(nodes));
  redis.on('error', failed);
  const loader = new Loader({
    inMemoryCache: { cacheType: 'lru-map', ttlInMsecs: 3_600_000, maxItems: 5000 },
    asyncCache: new RedisCache(redis, { json: true, ttlInMsecs: 3_600_000 }),
    dataSourceGetOneFn: async () => undefined,
    cacheUpdateErrorHandler: failed,
  });
  return {
    fill: (numbers) => each(numbers, (key, value) => loader.forceSetValue(key, value)),
    clear: () => loader.invalidateCache(),
    close: async () => redis.disconnect(),
  };
}

async function clusterStore(nodes, failed) {
  const { default: KeyvRedis, createCluster } = await import('@keyv/redis');
  const client = createCluster({ rootNodes: nodes.map((url) => ({ url })) });
  // Commands that come while it connects fail.
  await client.connect();
  const store = new KeyvRedis(client);
  store.on('error', failed);
  return store;
}

async function cacheable({ nodes, failed }) {
  const { Cacheable } = await import('cacheable');
  const cache = new Cacheable({ secondary: await clusterStore(nodes, failed), ttl: '1h' });
  cache.on('error', failed);
  return {
    fill: (numbers) => each(numbers, (key, value) => cache.set(key, value)),
    clear: () => cache.clear(),
    close: () => cache.disconnect(),
  };
}

async function cacheManager({ nodes, failed }) {
  const { createCache } = await import('cache-manager');
  const { CacheableMemory } = await import('cacheable');
  const { Keyv } = await import('keyv');
  const memory = new Keyv({ store: new CacheableMemory({ lruSize: 5000 }) });
  const cache = createCache({
    ttl: 3_600_000,
    stores: [memory, new Keyv({ store: await clusterStore(nodes, failed) })],
  });
  return {
    fill: (numbers) => each(numbers, (key, value) => cache.set(key, value)),
    clear: () => cache.clear(),
    close: () => cache.disconnect(),
  };
}

async function asyncCacheDedupe({ nodes, failed }) {
  const { createCache } = await import('async-cache-dedupe');
  const { Cluster } = await import('ioredis');
  const client = new Cluster(addresses(nodes));
  client.on('error', failed);
  const quiet = () => {};
  // It logs what it does not throw.
  const log = { debug: quiet, info: quiet, warn: quiet, error: ({ err }) => failed(err) };
  const cache = createCache({ ttl: 3600, storage: { type: 'redis', options: { client, log } } });
  cache.define('report', async (n) => ({ n }));
  return {
    fill: (numbers) => Promise.all(numbers.map((n) => cache.report(n))),
    clear: () => cache.clear(),
    close: async () => client.disconnect(),
  };
}

/** @type {import('../peers-cluster/subject.ts').Subject[]} */
export const subjects = [
  {
    packages: ['bentocache', 'ioredis'],
    options: 'memoryDriver, redisDriver({ connection: new Cluster(nodes) }); set',
    call: 'clear()',
    start: bentocache,
  },
  {
    packages: ['cacheable', '@keyv/redis'],
    options: 'secondary new KeyvRedis(createCluster({ rootNodes })); set',
    call: 'clear()',
    start: cacheable,
  },
  {
    packages: ['cache-manager', '@keyv/redis', 'cacheable'],
    options: 'stores CacheableMemory and new KeyvRedis(createCluster({ rootNodes })); set',
    call: 'clear()',
    start: cacheManager,
  },
  {
    packages: ['layered-loader', 'ioredis-6'],
    options: 'Loader with inMemoryCache and RedisCache on new Cluster(nodes); forceSetValue',
    call: 'invalidateCache()',
    start: layeredLoader,
  },
  {
    packages: ['async-cache-dedupe', 'ioredis'],
    options: 'storage redis with new Cluster(nodes); it fills by its loader',
    call: 'clear()',
    start: asyncCacheDedupe,
  },
];

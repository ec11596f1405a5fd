import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { gate, startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

let redis: RedisServer;
let open: TestCache[];

async function started(options: Parameters<typeof startCache>[0] = {}): Promise<TestCache> {
  const instance = await startCache({ redis: { url: redis.url }, ...options });
  open.push(instance);
  return instance;
}

beforeEach(async () => {
  redis = await RedisServer.start();
  open = [];
});

afterEach(async () => {
  await Promise.all(open.map((instance) => instance.close()));
  await redis.stop();
});

describe('a user who may not scan', () => {
  it('invalidates everything instead of a pattern, and goes on', async () => {
    const { cache, invalidation, runtime } = await started();
    await cache.setMany([
      ['user:1:profile', 1],
      ['agent:1:stats', 2],
    ]);
    await runtime.connection?.client.acl('SETUSER', 'default', '-scan');
    expect(await invalidation.pattern('user:1:*')).toMatchObject({ acknowledged: false });
    await until(() => runtime.invalidator.queued === 0);
    expect(await cache.getMany(['user:1:profile', 'agent:1:stats'])).toEqual([null, null]);
    await until(async () => cache.set('user:1:profile', 3));
    expect(await cache.get('user:1:profile')).toBe(3);
  });
});

describe('a Redis that refuses writes', () => {
  it('does not bring back what this process has invalidated', async () => {
    const { cache, invalidation, runtime } = await started();
    await cache.set('user:1:profile', 'old');
    await runtime.connection?.client.config('SET', 'min-replicas-to-write', '1');
    const refused = invalidation.user('1');
    await cache.getOrLoad('user:1:profile', () => 'fresh');
    expect(await refused).toMatchObject({ acknowledged: false });
    expect(await cache.getOrLoad('user:1:profile', () => 'fresh')).toBe('fresh');
    await runtime.connection?.client.config('SET', 'min-replicas-to-write', '0');
    await until(() => runtime.invalidator.queued === 0);
    expect(await cache.getOrLoad('user:1:profile', () => 'fresh again', { consistency: 'strict' })).toMatch(/^fresh/);
  });

  it('is out of memory: invalidations are acknowledged all the same, and others learn of them', async () => {
    const [a, b] = [await started(), await started()];
    await a.cache.set('user:1:profile', 'old');
    expect(await b.cache.get('user:1:profile')).toBe('old');
    await a.runtime.connection?.client.config('SET', 'maxmemory-policy', 'noeviction');
    await a.runtime.connection?.client.config('SET', 'maxmemory', '1');
    expect(await a.invalidation.user('1')).toMatchObject({ acknowledged: true });
    await until(async () => (await b.cache.get('user:1:profile')) === null, 2_000);
    expect(await a.cache.getOrLoad('user:1:profile', () => 'fresh')).toBe('fresh');
  });
});

describe('stopping', () => {
  it('sends what is under way, and tries nothing afterwards', async () => {
    const [a, b] = [await started(), await started()];
    await b.cache.set('user:1:profile', 'old');
    const under = a.invalidation.user('1');
    await a.close();
    expect(await under).toMatchObject({ acknowledged: true });
    expect(await b.cache.get('user:1:profile', { consistency: 'strict' })).toBeNull();
  });

  it('says what Redis never got', async () => {
    const instance = await started();
    const { invalidation, events } = instance;
    await redis.kill();
    expect(await invalidation.user('1')).toMatchObject({ acknowledged: false, queued: 1 });
    await instance.close();
    expect(events).toContainEqual({ type: 'invalidations.lost', count: 1 });
    await redis.restart();
  });
});

describe('while invalidations wait for Redis', () => {
  it('a load that ends gives its lease back, so that no other process waits for it', async () => {
    const [a, b] = [await started(), await started()];
    const loader = gate<number>();
    const load = a.cache.getOrLoad('k', () => loader.opened);
    await until(async () => (await b.cache.explain('k')).lease !== null);
    await a.runtime.connection?.client.config('SET', 'min-replicas-to-write', '1');
    expect(await a.invalidation.user('1')).toMatchObject({ acknowledged: false });
    await a.runtime.connection?.client.config('SET', 'min-replicas-to-write', '0');
    loader.open(1);
    await load;
    const began = performance.now();
    expect(await b.cache.getOrLoad('k', () => 2)).toBe(2);
    expect(performance.now() - began).toBeLessThan(2_000);
  });
});

describe('a stale value in Redis while a refresh hangs', () => {
  it('is served to readers that find nothing in memory', async () => {
    const { cache } = await started({ memory: { maxEntries: 0 } });
    const options = { ttl: 0.05, grace: 60 };
    await cache.getOrLoad('k', () => 'stale', options);
    await new Promise((resolve) => setTimeout(resolve, 80));
    const loader = gate<string>();
    expect(await cache.getOrLoad('k', () => loader.opened, options)).toBe('stale');
    const second = vi.fn(() => 'never');
    expect(await cache.lookup('k', second, options)).toMatchObject({ value: 'stale', stale: true });
    expect(second).not.toHaveBeenCalled();
    loader.open('fresh');
  });
});

describe('in memory only', () => {
  it('keeps all of many keys that are loaded at once', async () => {
    const instance = await startCache();
    open.push(instance);
    const keys = Array.from({ length: 20 }, (_, i) => `user:${i}:profile`);
    await Promise.all(keys.map((key) => instance.cache.getOrLoad(key, async () => Promise.resolve(key))));
    expect(await instance.cache.getMany(keys)).toEqual(keys);
  });
});

describe('setMany', () => {
  it('stores the last of several values for one key', async () => {
    const { cache } = await started();
    expect(
      await cache.setMany([
        ['k', 1],
        ['k', 2],
      ]),
    ).toEqual([true, true]);
    expect(await cache.get('k', { consistency: 'strict' })).toBe(2);
  });
});

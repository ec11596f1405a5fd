import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CacheHealthIndicator } from '../../src/cache/cache-health.js';
import { startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

let redis: RedisServer;
let instance: TestCache;

beforeEach(async () => {
  redis = await RedisServer.start();
  instance = await startCache({
    redis: { url: redis.url, retry: 'fast', commandTimeoutMs: 50, circuit: { failures: 3, probeMs: 100 } },
  });
});

afterEach(async () => {
  await instance.close();
  await redis.stop();
});

/** The states that the circuits had after each change. */
function changes(): string[] {
  return instance.events.flatMap((event) =>
    event.type === 'circuit.changed' ? `${event.circuit} ${event.state}` : [],
  );
}

describe('a Redis that is paused', () => {
  it('opens the circuit of reads, then costs nothing, and is used again by itself', async () => {
    const { cache, runtime } = instance;
    const health = new CacheHealthIndicator([['default', { runtime }]]);
    await runtime.connection?.client.client('PAUSE', 700);
    for (let i = 0; i < 3; i++) await cache.get(`k:${i}`);
    expect(changes()).toEqual(['read open']);
    expect(health.check('cache').cache).toMatchObject({
      status: 'degraded',
      circuits: { read: 'open', write: 'closed', invalidation: 'closed' },
      message: 'Redis does not serve read commands; they are not sent, but for a probe from time to time.',
    });
    const start = performance.now();
    for (let i = 0; i < 100; i++) expect(await cache.getOrLoad(`k:${i}`, () => i)).toBe(i);
    // A hundred deadlines would be five seconds; a probe or two may fall among them.
    expect(performance.now() - start).toBeLessThan(500);

    await until(async () => (await cache.lookup('k', () => 1)).source !== 'loader', 10_000);
    expect(health.check('cache').cache).toMatchObject({ status: 'up', circuits: { read: 'closed' } });
  });
});

describe('a Redis that is full', () => {
  it('opens the circuit of writes alone: hits still hit, invalidations are acknowledged', async () => {
    const { cache, invalidation, runtime } = instance;
    await cache.set('user:1:profile', 'cached');
    await runtime.connection?.client.config('SET', 'maxmemory-policy', 'noeviction');
    await runtime.connection?.client.config('SET', 'maxmemory', '1');
    for (let i = 0; i < 6; i++) await cache.getOrLoad(`k:${i}`, () => i);
    expect(runtime.circuits.states).toEqual({ read: 'closed', write: 'open', invalidation: 'closed' });
    expect(await cache.get('user:1:profile', { consistency: 'strict' })).toBe('cached');
    expect(await invalidation.user('1')).toMatchObject({ acknowledged: true });
    await runtime.connection?.client.config('SET', 'maxmemory', '0');
    await until(async () => (await cache.lookup('k:1', () => 1)).stored, 10_000);
    expect(runtime.circuits.states.write).toBe('closed');
  });
});

describe('refusals that tell of the command', () => {
  it('open no circuit', async () => {
    const { runtime, cache } = instance;
    await runtime.connection?.client.rpush('shadower:g:{user:1}', 'not ours');
    for (let i = 0; i < 10; i++) expect(await cache.getOrLoad('user:1:profile', () => i)).toBe(i);
    expect(instance.events).toContainEqual({ type: 'remote.failed', operation: 'mint', failure: 'protocol' });
    await runtime.connection?.client.script('FLUSH');
    expect(await cache.getOrLoad('other', () => 1)).toBe(1);
    expect(changes()).toEqual([]);
  });
});

describe('more commands than may be under way', () => {
  it('are misses, told as overloaded; an invalidation is sent all the same', async () => {
    await instance.close();
    instance = await startCache({ redis: { url: redis.url, maxInFlight: 2 } });
    const { cache, invalidation, events } = instance;
    const reads = Array.from({ length: 10 }, (_, i) => cache.lookup(`k:${i}`, () => i));
    expect(await invalidation.user('1')).toMatchObject({ acknowledged: true });
    const found = await Promise.all(reads);
    expect(found.map(({ value }) => value)).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    expect(found.filter(({ reason }) => reason === 'degraded').length).toBeGreaterThanOrEqual(8);
    expect(events).toContainEqual({ type: 'remote.failed', operation: 'fetch', failure: 'overloaded' });
    expect(await cache.lookup('later', () => 1)).toMatchObject({ stored: true });
  });

  it('are as many of one tick as there is no room for; the others are hits', async () => {
    await instance.cache.setMany(Array.from({ length: 20 }, (_, i) => [`k:${i}`, i] as const));
    await instance.close();
    instance = await startCache({ redis: { url: redis.url, maxInFlight: 8 }, memory: { maxEntries: 0 } });
    const { cache } = instance;
    const found = await Promise.all(Array.from({ length: 20 }, (_, i) => cache.get<number>(`k:${i}`)));
    expect(found.filter((value) => value !== null)).toHaveLength(8);
    for (let i = 0; i < 20; i++) expect(await cache.get(`k:${i}`)).toBe(i);
  });
});

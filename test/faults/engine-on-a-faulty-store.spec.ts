import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { RedisStore } from '../../src/stores/redis/redis-store.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { SeededRandom } from '../../src/testing/seeded-random.js';
import { startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

const LEASE_MS = 3_000;
/** For a machine that is busy with other things. */
const SLACK_MS = 1_500;

let redis: RedisServer;
let store: FaultyStore;
let instance: TestCache;

beforeEach(async () => {
  redis = await RedisServer.start();
  const parts = {
    store: (...given: ConstructorParameters<typeof RedisStore>) => (store = new FaultyStore(new RedisStore(...given))),
  };
  // Nothing in memory, so that every read asks the store.
  instance = await startCache({ redis: { url: redis.url }, memory: { maxEntries: 0 }, leaseMs: LEASE_MS }, parts);
});

afterEach(async () => {
  store.heal();
  await instance.close();
  await redis.stop();
});

/** An operation that must not fail, each time with what it must return. */
async function readsRightly(random: SeededRandom): Promise<void> {
  const key = `user:${random.below(5)}:profile`;
  expect(await instance.cache.getOrLoad(key, () => key)).toBe(key);
}

describe('the engine on a store that fails', () => {
  it.each(['fetch', 'acquire', 'mint', 'fill', 'release'] as const)(
    'loads the value when %s fails, and caches it the next time',
    async (method) => {
      const load = vi.fn(() => 'value');
      store.failNext(method, 'timeout');

      expect(await instance.cache.getOrLoad('k', load)).toBe('value');

      store.heal();
      await until(async () => (await instance.cache.lookup('k', load)).source === 'l2');
    },
  );

  it('tells the failures from misses', async () => {
    store.failNext('fetch', 'timeout');
    await instance.cache.getOrLoad('k', () => 1);

    expect(instance.events).toContainEqual({ type: 'remote.failed', operation: 'fetch', failure: 'timeout' });
    const outcomes = instance.events.flatMap((event) => (event.type === 'operation.ended' ? [event.outcome] : []));
    expect(outcomes).toEqual(['degraded']);
  });

  it('keeps an invalidation that failed, reads nothing meanwhile, and sends it', async () => {
    const { cache, invalidation, runtime } = instance;
    await cache.set('user:1:profile', 'old');
    store.failNext('change', 'timeout');

    expect(await invalidation.user(1)).toMatchObject({ acknowledged: false, queued: 1 });
    expect(await cache.getOrLoad('user:1:profile', () => 'new')).toBe('new');

    await until(() => runtime.invalidator.queued === 0);
    expect(await cache.getOrLoad('user:1:profile', () => 'new', { consistency: 'strict' })).toBe('new');
  });

  it('is only late when the store is', async () => {
    store.delayNext('fetch', 50);
    const began = performance.now();
    expect(await instance.cache.getOrLoad('k', () => 1)).toBe(1);
    expect(performance.now() - began).toBeGreaterThanOrEqual(49);
  });

  it('does not keep a caller who has his value waiting for a release that hangs', async () => {
    store.failNext('fill', 'timeout');
    store.hangNext('release');
    expect(await instance.cache.getOrLoad('k', () => 1)).toBe(1);
  });

  it('says that nothing is stored where a lease was lost', async () => {
    store.loseNext('acquire');
    const lookup = await instance.cache.lookup('k', () => 1);
    expect(lookup).toMatchObject({ value: 1, stored: false });
  });

  it('holds nobody up for longer than the lease by one that it was granted and not told of', async () => {
    store.loseAnswerNext('acquire', 'timeout');
    store.failNext('release', 'unavailable');
    expect(await instance.cache.getOrLoad('k', () => 1)).toBe(1);

    const began = performance.now();
    expect(await instance.cache.getOrLoad('k', () => 2)).toBe(2);
    expect(performance.now() - began).toBeLessThan(LEASE_MS + SLACK_MS);
  });

  it('does not hold anybody up by a lease that was the probe of an open circuit', async () => {
    store.failNext('acquire', 'timeout', 5);
    store.failNext('mint', 'timeout', 5);
    for (let i = 0; i < 5; i += 1) await instance.cache.getOrLoad(`k${i}`, () => 1);
    expect(instance.events).toContainEqual(expect.objectContaining({ circuit: 'write', state: 'open' }));
    // The first probe is due after half a second. The key's tag is new, so its generation is minted beside.
    await new Promise((resolve) => setTimeout(resolve, 650));
    expect(await instance.cache.getOrLoad('user:9:profile', () => 1)).toBe(1);

    const began = performance.now();
    await instance.cache.getOrLoad('user:9:profile', () => 2);
    expect(performance.now() - began).toBeLessThan(LEASE_MS / 2);
  });

  it.each([1, 2, 3])('answers rightly whatever chance does to it: seed %i', async (seed) => {
    const random = new SeededRandom(seed);
    store.chance({ seed, fail: 0.1, loseAnswer: 0.1, failure: 'timeout', delay: [0, 3] });

    await Promise.all(Array.from({ length: 300 }, () => readsRightly(random)));
    store.heal();

    await until(async () => (await instance.cache.lookup('after', () => 1)).stored);
    await readsRightly(random);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { RedisOptions } from '../../src/index.js';
import { ask, askInfo } from '../support/ask.js';
import { startCache, type TestCache, until } from '../support/caches.js';
import { RedisReplicas } from '../support/redis-replicas.js';

const KEY = 'user:1:profile';

describe('a primary with two replicas', { timeout: 30_000 }, () => {
  let all: RedisReplicas;
  const running: TestCache[] = [];
  beforeAll(async () => {
    all = await RedisReplicas.start({ replicas: 2 });
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((instance) => instance.close()));
    for (const i of [0, 1]) all.mend(i);
    await all.untilSynced();
    await ask(all.primary, 'FLUSHALL');
  });
  afterAll(() => all.stop());

  async function reading(options: Partial<RedisOptions> = {}): Promise<TestCache> {
    const redis = { url: all.primary.url, replicas: all.replicaUrls, retry: 'fast', ...options } as RedisOptions;
    const instance = await startCache({ redis, memory: { maxEntries: 0 } });
    running.push(instance);
    return instance;
  }

  const onReplicas = (): Promise<unknown[]> =>
    Promise.all(all.replicas.map((replica) => ask(replica, 'EXISTS', `shadower:e:{${KEY}}`)));
  const callsOf = async (server: (typeof all)['primary'], command: string): Promise<number> =>
    Number(
      /calls=(\d+)/.exec((await askInfo(server, 'INFO', 'commandstats')).get(`cmdstat_${command}`) ?? '')?.[1] ?? 0,
    );

  it('is asked for a few bytes; the entries come from the replicas in turn', async () => {
    const { cache } = await reading();
    await cache.getOrLoad(KEY, () => 'x'.repeat(50_000));
    await all.untilSynced();
    const before = await Promise.all(all.replicas.map((replica) => callsOf(replica, 'mget')));
    const sent = Number((await askInfo(all.primary, 'INFO', 'stats')).get('total_net_output_bytes'));
    for (let i = 0; i < 20; i += 1) expect(await cache.lookup(KEY, () => 'loaded')).toMatchObject({ source: 'l2' });

    const after = await Promise.all(all.replicas.map((replica) => callsOf(replica, 'mget')));
    expect(after.map((calls, i) => calls - (before[i] as number))).toEqual([10, 10]);
    const more = Number((await askInfo(all.primary, 'INFO', 'stats')).get('total_net_output_bytes')) - sent;
    expect(more).toBeLessThan(50_000);
  });

  it.each([
    ['by key', ({ cache }: TestCache) => cache.delete(KEY)],
    ['by tag', ({ invalidation }: TestCache) => invalidation.user(1)],
    ['by pattern', ({ cache }: TestCache) => cache.clearPattern('user:1:*')],
    ['by another value', ({ cache }: TestCache) => cache.set(KEY, 'new')],
  ])(
    'is believed when it says that an entry was invalidated %s, and the replicas do not know',
    async (_, invalidate) => {
      const [a, b] = [await reading(), await reading()];
      await a.cache.getOrLoad(KEY, () => 'old');
      await all.untilSynced();
      for (const i of [0, 1]) all.cutReplication(i);
      await invalidate(a);

      for (let i = 0; i < 4; i += 1) {
        expect(await b.cache.get(KEY, { consistency: 'strict' })).not.toBe('old');
        expect(await a.cache.get(KEY)).not.toBe('old');
      }
      expect(await onReplicas()).toEqual([1, 1]);
    },
  );

  it('lends them its database number', async () => {
    const { cache } = await reading({ url: all.primary.url.replace(/\/0$/, '/3') });
    await cache.getOrLoad(KEY, () => 'value');
    await all.untilSynced();
    const before = await Promise.all(all.replicas.map((replica) => callsOf(replica, 'mget')));
    expect(await cache.lookup(KEY, () => 'loaded')).toMatchObject({ source: 'l2' });
    const after = await Promise.all(all.replicas.map((replica) => callsOf(replica, 'mget')));
    expect(after).not.toEqual(before);
    const hits = (server: (typeof all)['primary']): Promise<Map<string, string>> => askInfo(server, 'INFO', 'keyspace');
    expect([...(await hits(all.primary)).keys()]).toContain('db3');
  });

  it('serves what the replicas have not yet', async () => {
    const { cache } = await reading();
    for (const i of [0, 1]) all.cutReplication(i);
    await cache.getOrLoad(KEY, () => 'value');
    expect(await onReplicas()).toEqual([0, 0]);
    expect(await cache.lookup(KEY, () => 'loaded')).toMatchObject({ value: 'value', source: 'l2' });
  });

  it('goes on with the replicas when something of another type is under the name of an entry', async () => {
    const { cache } = await reading();
    await cache.getOrLoad(KEY, () => 'value');
    await ask(all.primary, 'RPUSH', 'shadower:e:{odd}', '1');
    await all.untilSynced();
    expect(await cache.get('odd')).toBeNull();
    const before = await Promise.all(all.replicas.map((replica) => callsOf(replica, 'mget')));
    for (let i = 0; i < 4; i += 1) expect(await cache.lookup(KEY, () => 'loaded')).toMatchObject({ source: 'l2' });
    const after = await Promise.all(all.replicas.map((replica) => callsOf(replica, 'mget')));
    expect(after.map((calls, i) => calls - (before[i] as number))).toEqual([2, 2]);
  });

  it('serves alone while the replicas are frozen, after one deadline', async () => {
    const { cache, events } = await reading();
    await cache.getOrLoad(KEY, () => 'value');
    await all.untilSynced();
    for (const replica of all.replicas) replica.freeze();
    for (let i = 0; i < 10; i += 1) expect(await cache.lookup(KEY, () => 'loaded')).toMatchObject({ source: 'l2' });
    expect(events.filter(({ type }) => type === 'circuit.changed')).toEqual([]);
    for (const replica of all.replicas) replica.resume();
  });

  describe('that an invalidation waits for', () => {
    it('acknowledges it when one of them has it', async () => {
      const { invalidation } = await reading({ waitReplicas: 1 });
      all.cutReplication(0);
      expect(await invalidation.user(1)).toMatchObject({ acknowledged: true });
    });

    it('does not when too few have it: it is made, is not queued, and nothing is read past it', async () => {
      const { cache, invalidation, runtime } = await reading({ waitReplicas: 1 });
      await cache.getOrLoad(KEY, () => 'old');
      await all.untilSynced();
      for (const i of [0, 1]) all.cutReplication(i);
      const done = await invalidation.user(1);
      expect(done).toMatchObject({ acknowledged: false, queued: 0 });
      expect(await cache.get(KEY, { consistency: 'strict' })).toBeNull();
      // Reads go by another connection: the wait holds up nobody.
      const start = performance.now();
      const pending = invalidation.user(2);
      await cache.get('user:3:profile');
      expect(performance.now() - start).toBeLessThan(150);
      expect(await pending).toMatchObject({ acknowledged: false });
      expect(runtime.circuits.states).toEqual({ read: 'closed', write: 'closed', invalidation: 'closed' });
      for (const i of [0, 1]) all.mend(i);
      await all.untilSynced();
      await until(async () => (await invalidation.user(1)).acknowledged);
    });
  });
});

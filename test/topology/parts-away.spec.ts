import { afterEach, describe, expect, it } from 'vitest';
import { startCache, type TestCache, until } from '../support/caches.js';
import { type ClusterNode, RedisCluster } from '../support/redis-cluster.js';

const IDS = Array.from({ length: 200 }, (_, i) => i);
const KEYS = IDS.map((i) => `user:${i}:profile`);
/** Long, as the machine may be busy with other things. */
const DEADLINE_MS = 1_000;
const SLACK_MS = 1_000;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
});

interface Scene {
  readonly all: RedisCluster;
  readonly instance: TestCache;
  /** A primary that has neither the ledger nor the generation that every entry has. */
  readonly victim: ClusterNode;
  /** Whether the victim has the entry, or the generation of its user. */
  readonly isGone: (id: number) => boolean;
  /** Whether the victim has the entry. */
  readonly isEntryGone: (id: number) => boolean;
}

async function scene(): Promise<Scene> {
  const all = await RedisCluster.start({ replicasEach: 0, args: ['--cluster-require-full-coverage', 'no'] });
  closing.push(() => all.stop());
  const redis = { mode: 'cluster', nodes: all.urls, retry: 'fast', commandTimeoutMs: DEADLINE_MS } as const;
  const instance = await startCache({ redis, memory: { maxEntries: 0 }, coherenceWindowMs: 10_000 });
  closing.push(() => instance.close());
  const needed = await Promise.all(['shadower:ledger', 'shadower:g:{*}'].map((name) => all.primaryOf(name)));
  const victim = (await all.primaries()).find(({ id }) => !needed.some((node) => node.id === id));
  if (!victim) throw new Error('There are three primaries');
  const { store } = instance.runtime;
  const address = `127.0.0.1:${victim.server.port}`;
  const isGone = (id: number): boolean => store.shardsOf([KEYS[id] as string], [`user:${id}`]).includes(address);
  const isEntryGone = (id: number): boolean => store.shardsOf([KEYS[id] as string]).includes(address);
  const stored = await instance.cache.setMany(KEYS.map((key) => [key, key] as const));
  expect(stored).toEqual(KEYS.map(() => true));
  return { all, instance, victim, isGone, isEntryGone };
}

describe('many keys of a Cluster of which a primary is away', { timeout: 60_000 }, () => {
  it.each(['frozen', 'killed'] as const)(
    'are hits where the others have them, and degraded otherwise: %s',
    async (how) => {
      const { instance, victim, isEntryGone, isGone } = await scene();
      const { cache, events } = instance;
      expect(await cache.getMany(KEYS)).toEqual(KEYS);
      expect(IDS.filter(isEntryGone).length).toBeGreaterThan(20);
      if (how === 'killed') await victim.server.kill();
      else victim.server.freeze();

      for (let turn = 0; turn < 10; turn += 1) {
        events.length = 0;
        const began = performance.now();
        expect(await cache.getMany(KEYS)).toEqual(KEYS.map((key, id) => (isEntryGone(id) ? null : key)));
        expect(performance.now() - began).toBeLessThan(DEADLINE_MS + SLACK_MS);
        const degraded = events.filter((event) => event.type === 'operation.ended' && event.outcome === 'degraded');
        expect(degraded).toHaveLength(IDS.filter(isEntryGone).length);
      }
      // Strict reads ask for the generations too: that of a user may be on the primary that is away.
      const strictly = await cache.getMany(KEYS, { consistency: 'strict' });
      expect(strictly).toEqual(KEYS.map((key, id) => (isGone(id) ? null : key)));
      const loaded = await cache.getOrLoadMany(KEYS, (missing) => missing.map(() => 'loaded'));
      expect(loaded).toEqual(KEYS.map((key, id) => (isEntryGone(id) ? 'loaded' : key)));
      if (how === 'frozen') victim.server.resume();
    },
  );
});

describe('a Cluster that is away as a whole', { timeout: 60_000 }, () => {
  it('fails no caller: what is to be invalidated waits, and is sent when it is back', async () => {
    const { all, instance } = await scene();
    const { cache, invalidation, runtime } = instance;
    await Promise.all(all.nodes.map((node) => node.kill()));

    expect(await invalidation.pattern('user:*')).toMatchObject({ acknowledged: false });
    expect(await cache.clearPattern('user:1:*')).toBe(0);
    expect(await cache.getMany(KEYS)).toEqual(KEYS.map(() => null));

    await Promise.all(all.nodes.map((node) => node.restart()));
    await until(() => runtime.invalidator.queued === 0, 20_000);
  });

  it('fails no caller while its nodes are frozen either', async () => {
    const { all, instance } = await scene();
    for (const node of all.nodes) node.freeze();
    const answers = await Promise.all(IDS.slice(0, 20).map((id) => instance.invalidation.pattern(`user:${id}:*`)));
    for (const answer of answers) expect(answer).toMatchObject({ acknowledged: false });
    for (const node of all.nodes) node.resume();
    await until(() => instance.runtime.invalidator.queued === 0, 20_000);
  });
});

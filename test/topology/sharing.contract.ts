import { describe, expect, it } from 'vitest';
import type { Topology } from '../cache/contracts/topology.js';
import { until } from '../support/caches.js';

const KEYS = Array.from({ length: 200 }, (_, i) => `user:${i}:profile`);

/** What two instances have of each other, over keys that lie everywhere. */
export function describeSharing({ start }: Topology): void {
  const two = () => Promise.all([start({ coherenceWindowMs: 1_000 }), start({ coherenceWindowMs: 1_000 })]);

  describe('two instances', () => {
    it('share many entries, read and written together', async () => {
      const [a, b] = await two();
      await a.cache.setMany(KEYS.map((key, i) => [key, i] as const));

      expect(await b.cache.getMany(KEYS, { consistency: 'strict' })).toEqual(KEYS.map((_, i) => i));
      expect(await b.cache.lookup(KEYS[7] as string, () => 'loaded')).toMatchObject({ value: 7 });
    });

    it('take each other’s invalidations: by tag, by key, by pattern, of everything', async () => {
      const [a, b] = await two();
      const fill = async (): Promise<void> => {
        await a.cache.setMany(KEYS.map((key) => [key, 'old'] as const));
        await b.cache.getMany(KEYS);
      };
      await fill();
      expect(await a.invalidation.user(1)).toMatchObject({ acknowledged: true });
      expect(await b.cache.get(KEYS[1] as string, { consistency: 'strict' })).toBeNull();
      expect(await a.cache.delete(KEYS[2] as string)).toBe(true);
      expect(await b.cache.get(KEYS[2] as string, { consistency: 'strict' })).toBeNull();
      expect(await b.cache.get(KEYS[3] as string, { consistency: 'strict' })).toBe('old');

      expect(await a.cache.clearPattern('user:1*:profile')).toBe(111);
      expect((await b.cache.getMany(KEYS, { consistency: 'strict' })).filter((value) => value !== null)).toHaveLength(
        88,
      );
      await fill();
      expect(await a.invalidation.all()).toMatchObject({ acknowledged: true });
      expect((await b.cache.getMany(KEYS, { consistency: 'strict' })).every((value) => value === null)).toBe(true);
    });

    it('drop what they hold in memory within the window', async () => {
      const [a, b] = await two();
      await a.cache.set('user:1:profile', 'old');
      await b.cache.get('user:1:profile');
      await a.invalidation.user(1);
      await until(async () => (await b.cache.get('user:1:profile')) === null, 2_000);
    });

    it('load a key once between them', async () => {
      const [a, b] = await two();
      let loads = 0;
      const load = async (): Promise<string> => {
        loads += 1;
        await new Promise((resolve) => setTimeout(resolve, 100));
        return 'value';
      };
      const found = await Promise.all(
        KEYS.slice(0, 20).flatMap(() => [a, b].map(({ cache }) => cache.getOrLoad('report:1', load))),
      );

      expect(new Set(found)).toEqual(new Set(['value']));
      expect(loads).toBe(1);
    });
  });

  describe('an operator', () => {
    it('counts, explains and frees what lies anywhere', async () => {
      const { cache, invalidation, runtime } = await start();
      await cache.setMany(KEYS.map((key, i) => [key, i] as const));

      expect(await runtime.store.count()).toBeGreaterThanOrEqual(KEYS.length);
      expect(await runtime.store.ping()).toBeLessThan(1_000);
      expect(await invalidation.pattern('user:1*:profile', { dryRun: true })).toMatchObject({
        blastRadius: { entries: 111 },
      });
      await invalidation.tags(KEYS.slice(0, 50).map((_, i) => `user:${i}`));
      expect(await cache.explain(KEYS[7] as string)).toMatchObject({ state: 'invalidated' });
      const swept = await runtime.sweeper.sweep();
      expect(swept).toMatchObject({ state: 'done', removed: 50 });
    });
  });
}

import { describe, expect, it } from 'vitest';
import type { Topology } from '../cache/contracts/topology.js';

const KEYS = Array.from({ length: 200 }, (_, i) => `user:${i}:profile`);

/** What whoever operates the cache is told, over keys that lie everywhere. */
export function describeOperator({ start }: Topology): void {
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

import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from '../../../src/index.js';
import type { Topology } from './topology.js';

/** What `peek` tells without asking anybody. */
export function describePeek({ start, hasRedis }: Topology): void {
  describe('peek', () => {
    it('is undefined for what memory has not, and the value at once for what it has', async () => {
      const { cache } = await start();
      expect(cache.peek('k')).toBeUndefined();

      const value = await cache.getOrLoad('k', () => ({ n: 1 }));

      expect(cache.peek('k')).toBe(value);
    });

    it('tells a cached null from none', async () => {
      const { cache } = await start();
      await cache.set('k', null);

      expect([cache.peek('k'), cache.peek('other')]).toEqual([null, undefined]);
    });

    it('has nothing of what has expired, is stale, or was invalidated by key or tag', async () => {
      const { cache, invalidation } = await start({ ttlJitter: 0 });
      await cache.set('short', 1, { ttl: 0.02, grace: 60 });
      await cache.set('deleted', 1);
      await cache.set('user:7:profile', 1);
      await new Promise((resolve) => setTimeout(resolve, 40));
      await cache.delete('deleted');
      await invalidation.user('7');

      expect(['short', 'deleted', 'user:7:profile'].map((key) => cache.peek(key))).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });

    it('asks for no memory in strict mode, where memory may be behind', async () => {
      const { cache } = await start({ consistency: 'strict' });
      await cache.set('k', 1);

      expect(cache.peek('k')).toBe(hasRedis ? undefined : 1);
    });

    it('is counted as no operation, and refuses a wrong key', async () => {
      const { cache } = await start();
      await cache.set('k', 1);
      cache.peek('k');
      cache.peek('other');

      expect(cache.statistics().templates['other']).toMatchObject({ hits: { l1: 0, l2: 0 }, misses: 0 });
      expect(() => cache.peek('no spaces')).toThrow(InvalidKeyError);
    });
  });
}

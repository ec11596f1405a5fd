import { describe, expect, it } from 'vitest';
import { defineKey, InvalidOptionError, TIMEFRAME_TTL, TIMEFRAMES } from '../../../src/index.js';
import { gate, until } from '../../support/caches.js';
import { timeTravel } from '../../support/time-travel.js';
import type { Topology } from './topology.js';

const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
const Board = defineKey('board:{id}:{timeframe}', { ttl: 7, grace: 3 });

/** How long values live: TTL by table, template and call; grace and refresh. */
export function describeLifetimes({ start }: Topology): void {
  describe('the TTL', () => {
    it.each(TIMEFRAMES)('is that of the timeframe %s, for template keys and raw ones', async (timeframe) => {
      const { cache } = await start({ ttlJitter: 0 });
      const key = Stats({ agentId: 'a', timeframe });

      expect((await cache.lookup(key, () => 1)).ttl).toBeCloseTo(TIMEFRAME_TTL[timeframe], 0);
      expect((await cache.lookup(`raw:${timeframe}`, () => 1)).ttl).toBeCloseTo(TIMEFRAME_TTL[timeframe], 0);
    });

    it('is that of the call before that of the template before that of the timeframe before the default', async () => {
      const { cache } = await start({ defaultTtl: 42, templates: [Board], ttlJitter: 0 });
      const ttlOf = async (key: string, ttl?: number): Promise<number> =>
        (await cache.lookup(key, () => 1, ttl === undefined ? {} : { ttl })).ttl;

      expect(await ttlOf('board:1:7d', 5)).toBeCloseTo(5, 0);
      expect(await ttlOf('board:2:7d')).toBeCloseTo(7, 0);
      expect(await ttlOf('x:7d')).toBeCloseTo(1_800, 0);
      expect(await ttlOf('x')).toBeCloseTo(42, 0);
    });

    it('is shortened by chance, by a tenth at most, and never lengthened', async () => {
      const { cache } = await start();
      const keys = Array.from({ length: 200 }, (_, i) => `k${i}:24h`);
      const lookups = await Promise.all(keys.map((key) => cache.lookup(key, () => 1)));
      const ttls = lookups.map(({ ttl }) => ttl);

      expect(Math.max(...ttls)).toBeLessThanOrEqual(300);
      expect(Math.min(...ttls)).toBeGreaterThan(300 * 0.9 - 5);
      expect(Math.max(...ttls) - Math.min(...ttls)).toBeGreaterThan(300 * 0.05);
    });

    it.each([0, -1, Infinity, -Infinity, NaN, 1e9, '60' as unknown as number])(
      'of %s is refused with the rule and the value; nothing is written or loaded',
      async (ttl) => {
        const { cache } = await start();
        const loader = (): never => expect.unreachable('loaded');

        await expect(cache.set('k', 1, { ttl })).rejects.toThrow(InvalidOptionError);
        await expect(cache.setMany([['k', 1]], { ttl })).rejects.toThrow(/^ttl must be a number from 0.001 to /);
        await expect(cache.getOrLoad('k', loader, { ttl })).rejects.toThrow(InvalidOptionError);

        expect(await cache.exists('k')).toBe(false);
      },
    );

    it.each([-1, Infinity, NaN])('may be followed by a grace, but not by one of %s', async (grace) => {
      const { cache } = await start();

      await expect(cache.set('k', 1, { grace })).rejects.toThrow(/^grace must be a number from 0 to /);
    });
  });

  describe('a value past its TTL', () => {
    it('is not served by any method, and is loaded anew', async () => {
      const time = timeTravel();
      const { cache } = await start({ ttlJitter: 0 });
      await cache.set('k', 'old', { ttl: 60 });
      time.forward(59_000);
      expect(await cache.get('k')).toBe('old');

      time.forward(2_000);

      expect(await cache.get('k')).toBeNull();
      expect(await cache.exists('k')).toBe(false);
      expect(await cache.getMany(['k'])).toEqual([null]);
      expect(await cache.getOrLoad('k', () => 'new')).toBe('new');
      expect(await cache.get('k')).toBe('new');
    });
  });

  describe('a value within its grace', () => {
    it('is served stale by lookup while one refresh runs behind, and is not what get returns', async () => {
      const time = timeTravel();
      const { cache } = await start({ ttlJitter: 0 });
      const refreshed = gate<string>();
      let loads = 0;
      const load = (): Promise<string> => {
        loads++;
        return refreshed.opened;
      };
      const options = { ttl: 10, grace: 60 };
      await cache.getOrLoad('k', () => 'old', options);
      time.forward(11_000);

      const served = await Promise.all([1, 2, 3].map(() => cache.lookup('k', load, options)));
      expect(served).toHaveLength(3);
      for (const answer of served) expect(answer).toMatchObject({ value: 'old', stale: true, reason: 'refreshing' });
      expect(served[0]?.ttl).toBeCloseTo(-1, 0);
      expect(await cache.get('k')).toBeNull();
      await until(() => loads > 0);
      refreshed.open('new');

      await until(async () => (await cache.get('k')) === 'new');
      expect(loads).toBe(1);
      expect(await cache.lookup('k', load, options)).toMatchObject({ value: 'new', stale: false });
    });

    it('is served again when the refresh fails, without an error', async () => {
      const time = timeTravel();
      const { cache, events } = await start();
      const options = { ttl: 10, grace: 60 };
      await cache.getOrLoad('k', () => 'old', options);
      time.forward(11_000);
      const failing = (): never => {
        throw new Error('source is down');
      };

      expect(await cache.getOrLoad('k', failing, options)).toBe('old');
      await until(() => events.some((event) => event.type === 'load.ended' && event.failed && event.background));

      expect(await cache.getOrLoad('k', failing, options)).toBe('old');
    });

    it('is loaded anew where the call allows no grace', async () => {
      const time = timeTravel();
      const { cache } = await start({ grace: 60 });
      await cache.getOrLoad('k', () => 'old', { ttl: 10 });
      time.forward(11_000);

      expect(await cache.getOrLoad('k', () => 'new', { grace: 0 })).toBe('new');
    });

    it('is never served once it was invalidated', async () => {
      const time = timeTravel();
      const { cache, invalidation } = await start({ grace: 600 });
      await cache.set('user:1:profile', 'old', { ttl: 10 });
      time.forward(11_000);

      await invalidation.user(1);

      expect(await cache.lookup('user:1:profile', () => 'new')).toMatchObject({ value: 'new', stale: false });
    });

    it('is not served after the grace has ended', async () => {
      const time = timeTravel();
      const { cache } = await start();
      await cache.set('k', 'old', { ttl: 10, grace: 5 });
      time.forward(16_000);

      expect(await cache.lookup('k', () => 'new', { grace: 5 })).toMatchObject({ value: 'new', source: 'loader' });
    });
  });
}

import { NotFoundException } from '@nestjs/common';
import { describe, expect, it } from 'vitest';
import { LoadRejectedError, LoadTimeoutError } from '../../../src/index.js';
import { gate, type TestCache, until } from '../../support/caches.js';
import { timeTravel } from '../../support/time-travel.js';
import type { Topology } from './topology.js';

const STALE = { ttl: 10, grace: 60, throttleMs: 5_000 };
const LONG = 15_000;

function failing(error: Error): () => never {
  return () => {
    throw error;
  };
}

/** Slow and failing sources: stale values instead of errors and of waiting, and never more than the source can be asked. */
export function describeFailSafe({ start }: Topology): void {
  /** An instance with a stale value `old` under `k`. */
  async function withStale(options: Parameters<typeof start>[0] = {}) {
    const time = timeTravel();
    const instance = await start(options);
    await instance.cache.getOrLoad('k', () => 'old', STALE);
    time.forward(11_000);
    return { time, ...instance };
  }

  describe('the reader of a stale value with a soft timeout', () => {
    it('gets the new value when it comes in time', async () => {
      const { cache } = await withStale();
      const found = await cache.lookup('k', () => Promise.resolve('new'), { ...STALE, softTimeoutMs: LONG });
      expect(found).toMatchObject({ value: 'new', source: 'loader', stale: false, reason: 'expired', stored: true });
    });

    it('gets the stale one when it does not; the load goes on, and is stored', async () => {
      const { cache, events } = await withStale();
      const slow = gate<string>();
      const found = await cache.lookup('k', () => slow.opened, { ...STALE, softTimeoutMs: 20 });
      expect(found).toMatchObject({ value: 'old', stale: true, reason: 'slow' });
      expect(events).toContainEqual({ type: 'stale.served', label: 'other', reason: 'slow' });
      slow.open('new');
      await until(async () => (await cache.get('k')) === 'new');
    });

    it('shares the load of others, and waits no longer than it said', async () => {
      const { cache } = await withStale();
      const slow = gate<string>();
      let loads = 0;
      const load = (): Promise<string> => {
        loads += 1;
        return slow.opened;
      };
      const patient = cache.lookup('k', load, { ...STALE, softTimeoutMs: LONG });
      await until(() => loads === 1);
      expect(await cache.lookup('k', load, { ...STALE, softTimeoutMs: 5 })).toMatchObject({ stale: true });
      slow.open('new');
      expect((await patient).value).toBe('new');
      expect(loads).toBe(1);
    });

    it('gets the stale one when the load fails', async () => {
      const { cache } = await withStale();
      const found = await cache.lookup('k', failing(new Error('down')), { ...STALE, softTimeoutMs: LONG });
      expect(found).toMatchObject({ value: 'old', stale: true, reason: 'failed' });
    });

    it('gets an error that says that the source has no such value', async () => {
      const { cache } = await withStale();
      const found = cache.lookup('k', failing(new NotFoundException('no such user')), {
        ...STALE,
        softTimeoutMs: LONG,
      });
      await expect(found).rejects.toThrow('no such user');
    });
  });

  describe('a refresh that fails', () => {
    it('leaves the source alone for the throttle time, and then asks it again', async () => {
      const { cache, time } = await withStale();
      let calls = 0;
      const load = (): never => {
        calls += 1;
        throw new Error('down');
      };
      expect(await cache.getOrLoad('k', load, STALE)).toBe('old');
      await until(async () => (await cache.lookup('k', load, STALE)).reason === 'failed');
      time.forward(4_000);
      for (let i = 0; i < 5; i++) expect(await cache.getOrLoad('k', load, STALE)).toBe('old');
      expect(calls).toBe(1);
      time.forward(1_100);
      await cache.getOrLoad('k', load, STALE);
      await until(() => calls === 2);
    });

    it('removes the value when it says that the source has it no more', async () => {
      const { cache } = await withStale();
      const gone = failing(new NotFoundException('no such user'));
      expect(await cache.getOrLoad('k', gone, STALE)).toBe('old');
      await until(() =>
        cache.getOrLoad('k', gone, STALE).then(
          () => false,
          () => true,
        ),
      );
      await expect(cache.getOrLoad('k', gone, STALE)).rejects.toThrow('no such user');
    });

    it('is hidden or not as `serveStaleOn` says; when that throws, it is not', async () => {
      const { cache } = await withStale();
      const soft = { ...STALE, softTimeoutMs: LONG, throttleMs: 0 };
      const down = failing(new Error('down'));
      expect(await cache.getOrLoad('k', failing(new NotFoundException()), { ...soft, serveStaleOn: () => true })).toBe(
        'old',
      );
      await expect(cache.getOrLoad('k', down, { ...soft, serveStaleOn: failing(new Error('oops')) })).rejects.toThrow(
        'down',
      );
    });
  });

  describe('a fresh value', () => {
    it('is refreshed behind its reader past its share of the TTL', async () => {
      const time = timeTravel();
      const { cache } = await start({ ttlJitter: 0 });
      let version = 0;
      const load = (): number => (version += 1);
      const options = { ttl: 100, refreshAhead: 0.5, beta: 0 };
      await cache.getOrLoad('k', load, options);
      time.forward(49_000);
      await cache.getOrLoad('k', load, options);
      expect(version).toBe(1);
      time.forward(2_000);
      expect(await cache.lookup('k', load, options)).toMatchObject({ value: 1, stale: false });
      await until(async () => (await cache.get('k')) === 2);
      expect(version).toBe(2);
    });

    it('is refreshed by chance before it expires, the earlier the longer its load takes', async () => {
      const time = timeTravel();
      const { cache } = await start({ ttlJitter: 0 });
      let loads = 0;
      const load = (): number => {
        loads += 1;
        if (loads === 1) time.forward(2_000);
        return loads;
      };
      const options = { ttl: 100, beta: 10 };
      await cache.getOrLoad('k', load, options);
      time.forward(90_000);
      // Expiry is 8 s away and a load takes 2: the chance of each read is e^(-8/20), two in three.
      await until(async () => (await cache.lookup('k', load, options)).value === 2);
      expect(loads).toBe(2);
    });
  });

  describe('a reader without a value', () => {
    it('waits no longer than the hard timeout; the load goes on, is the only one, and is stored', async () => {
      const { cache } = await start();
      const slow = gate<string>();
      let loads = 0;
      const load = (): Promise<string> => {
        loads += 1;
        return slow.opened;
      };
      const options = { hardTimeoutMs: 30 };
      const waiting = await Promise.allSettled([1, 2, 3].map(() => cache.getOrLoad('k', load, options)));
      for (const { status } of waiting) expect(status).toBe('rejected');
      await expect(cache.getOrLoad('k', load, options)).rejects.toBeInstanceOf(LoadTimeoutError);
      await expect(cache.getOrLoad('k', load, options)).rejects.toMatchObject({
        statusCode: 504,
        message: expect.stringMatching(/^a load labelled other has not ended within 30 ms/) as string,
        fields: { label: 'other', limit: 30 },
      });
      slow.open('value');
      await until(async () => (await cache.get('k')) === 'value');
      expect(loads).toBe(1);
    });
  });

  describe('a source with a limit', () => {
    const sources = { warehouse: { maxLoads: 2, maxWaitMs: 50 } };
    const options = { source: 'warehouse' };

    it('has no more loads under way than it may have', async () => {
      const { cache } = await start({ sources: { warehouse: { maxLoads: 2, maxWaitMs: LONG } } });
      let running = 0;
      let most = 0;
      const load = async (): Promise<number> => {
        most = Math.max(most, ++running);
        await new Promise((resolve) => setTimeout(resolve, 2));
        return --running;
      };
      await Promise.all(Array.from({ length: 20 }, (_, i) => cache.getOrLoad(`k:${i}`, load, options)));
      expect(most).toBe(2);
    });

    /** As many loads as the source allows, once they have begun. */
    async function twoLoads(cache: TestCache['cache'], end: Promise<void>): Promise<Promise<unknown>[]> {
      let begun = 0;
      const load = (): Promise<number> => {
        begun += 1;
        return end.then(() => 1);
      };
      const running = ['a', 'b'].map((key) => cache.getOrLoad(key, load, options));
      await until(() => begun === 2);
      return running;
    }

    it('rejects a load that has waited too long, with an event', async () => {
      const { cache, events } = await start({ sources });
      const slow = gate();
      const running = await twoLoads(cache, slow.opened);
      await expect(cache.getOrLoad('c', () => 1, options)).rejects.toBeInstanceOf(LoadRejectedError);
      expect(events).toContainEqual({ type: 'load.rejected', label: 'other', source: 'warehouse' });
      slow.open();
      await Promise.all(running);
      expect(await cache.getOrLoad('c', () => 1, options)).toBe(1);
    });

    it('has stale values served instead of another load, at once', async () => {
      const { cache } = await withStale({ sources });
      const slow = gate();
      const running = await twoLoads(cache, slow.opened);
      const found = await cache.lookup('k', () => 'new', { ...STALE, ...options, softTimeoutMs: LONG });
      expect(found).toMatchObject({ value: 'old', reason: 'rejected' });
      slow.open();
      await Promise.all(running);
    });

    it('counts a batch as one load', async () => {
      const { cache } = await start({ sources: { warehouse: { maxLoads: 1, maxWaitMs: LONG } } });
      const calls: number[] = [];
      const loadMissing = async (missing: readonly unknown[]): Promise<number[]> => {
        calls.push(missing.length);
        await new Promise((resolve) => setTimeout(resolve, 2));
        return missing.map((_, i) => i);
      };
      await cache.getOrLoadMany(['a', 'b', 'c'], loadMissing, options);
      expect(calls).toEqual([3]);
    });

    it('must be listed: a typing error is refused, not unlimited', async () => {
      const { cache } = await start({ sources });
      await expect(cache.getOrLoad('k', () => 1, { source: 'unlisted' })).rejects.toThrow(
        'source must be one of the module\'s sources (warehouse); received "unlisted"',
      );
    });
  });
}

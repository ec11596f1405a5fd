import { describe, expect, it } from 'vitest';
import { gate, until } from '../../support/caches.js';
import type { Topology } from './topology.js';

/** Loading: one at a time, errors as they are, null as a value. */
export function describeLoads({ start }: Topology): void {
  describe('a loaded null', () => {
    it('is cached, and told from a miss by lookup', async () => {
      const { cache } = await start();
      let loads = 0;
      const load = (): null => {
        loads++;
        return null;
      };

      expect(await cache.lookup('k', load)).toMatchObject({
        value: null,
        source: 'loader',
        reason: 'absent',
        stored: true,
      });
      const again = await cache.lookup('k', load);

      expect(again).toMatchObject({ value: null, source: 'l1', stored: true });
      expect(again).not.toHaveProperty('reason');
      expect(await cache.exists('k')).toBe(true);
      expect(loads).toBe(1);
    });
  });

  describe('a loaded value', () => {
    it('is the same for the caller that loaded it as for the next: JSON, frozen', async () => {
      const { cache } = await start();
      const load = (): object => ({ at: new Date(0), none: undefined, list: [1] });

      const first = await cache.getOrLoad('k', load);
      const second = await cache.getOrLoad('k', load);

      expect(first).toStrictEqual({ at: '1970-01-01T00:00:00.000Z', list: [1] });
      expect(second).toStrictEqual(first);
      expect(Object.isFrozen(first)).toBe(true);
      expect(Object.isFrozen((first as { list: object }).list)).toBe(true);
    });

    it('is dated from when its load began', async () => {
      const { cache, runtime } = await start();
      const before = runtime.clock.now();
      let loading = 0;

      const { asOf } = await cache.lookup('k', () => {
        loading = runtime.clock.now();
        return 1;
      });

      expect(asOf).toBeGreaterThanOrEqual(before);
      expect(asOf).toBeLessThanOrEqual(loading);
    });
  });

  describe('a thousand callers at once', () => {
    it('are served by one load, and all but the first know that they shared it', async () => {
      const { cache } = await start();
      const loaded = gate<string>();
      let loads = 0;
      const load = (): Promise<string> => {
        loads++;
        return loaded.opened;
      };

      const callers = Promise.all(Array.from({ length: 1_000 }, () => cache.lookup('k', load)));
      await until(() => loads > 0);
      loaded.open('value');
      const answers = await callers;

      expect(loads).toBe(1);
      expect(answers.every(({ value }) => value === 'value')).toBe(true);
      expect(answers.filter(({ coalesced }) => coalesced)).toHaveLength(999);
    });

    it('share a rejection too, the loader having run once, and the next caller tries again', async () => {
      const { cache, events } = await start();
      const failure = new Error('source is down');
      const loaded = gate<string>();
      let loads = 0;
      const load = (): Promise<string> => {
        loads++;
        return loaded.opened;
      };

      const callers = Promise.allSettled(Array.from({ length: 1_000 }, () => cache.getOrLoad('k', load)));
      await until(() => loads > 0);
      loaded.fail(failure);
      const outcomes = await callers;

      expect(loads).toBe(1);
      expect(new Set(outcomes.map((outcome) => outcome.status === 'rejected' && (outcome.reason as unknown)))).toEqual(
        new Set([failure]),
      );
      expect(events.filter(({ type }) => type === 'remote.failed')).toEqual([]);
      expect(await cache.getOrLoad('k', () => 'recovered')).toBe('recovered');
    });

    it('of different keys load each of them', async () => {
      const { cache } = await start();
      let loads = 0;

      const answers = await Promise.all(
        Array.from({ length: 100 }, (_, i) => cache.getOrLoad(`k:${i % 10}`, () => (loads++, i % 10))),
      );

      expect(loads).toBe(10);
      expect(answers).toEqual(Array.from({ length: 100 }, (_, i) => i % 10));
    });
  });

  describe('a loader that fails', () => {
    it.each([
      ['at once', () => thrown('boom')],
      ['later', () => Promise.reject(new Error('boom'))],
    ])('runs once, and its error reaches the caller as it is: %s', async (_, fail: () => Promise<never>) => {
      const { cache } = await start();
      let loads = 0;

      await expect(cache.getOrLoad('k', () => (loads++, fail()))).rejects.toThrow(/^boom$/);

      expect(loads).toBe(1);
      expect(await cache.exists('k')).toBe(false);
    });

    it('does not keep the next one waiting', async () => {
      const { cache } = await start({ leaseMs: 5_000, leaseWaitMs: 5_000 });
      await expect(cache.getOrLoad('k', () => thrown('boom'))).rejects.toThrow('boom');
      const began = performance.now();

      expect(await cache.getOrLoad('k', () => 'fine')).toBe('fine');

      expect(performance.now() - began).toBeLessThan(1_000);
    });

    it('may throw what is not an error', async () => {
      const { cache } = await start();
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what a loader throws is not ours to choose
      await expect(cache.getOrLoad('k', () => Promise.reject('a string'))).rejects.toBe('a string');
    });
  });
}

function thrown(message: string): never {
  throw new Error(message);
}

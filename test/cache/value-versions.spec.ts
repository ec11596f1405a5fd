import { beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { defineKey, type KeyTemplate, type Migrate } from '../../src/index.js';
import { gate } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';
import { topology } from './contracts/topology.js';
import { readEntry, rewriteEntry } from './support/shaped-entries.js';

/** No memory tier: every read is answered by Redis. */
const L2_ONLY = { memory: { maxEntries: 0 } };

const Old = defineKey('person:{id}', { ttl: 60 });
const id = { id: 1 };
const split: Migrate = (value) => {
  const [first, last] = (value as { name: string }).name.split(' ');
  return { first, last };
};

function newer(migrate: Migrate): KeyTemplate<'person:{id}'> {
  return defineKey('person:{id}', { ttl: 60, version: 2, migrate });
}

describe('entries of an older version of a template', () => {
  const suite = redisOfSuite();
  // Entries are found by their key alone.
  beforeEach(() => suite.redis.flushall());
  const one = topology(() => suite.url);
  const entryName = async (): Promise<string> => (await suite.redis.keys('*:e:{person:1}'))[0] as string;

  describe('with migrate', () => {
    it('are migrated at each reading from Redis, once for memory, and not written back', async () => {
      const [old, today] = [await one.start(), await one.start()];
      const migrate = vi.fn(split);
      const key = newer(migrate)(id);
      await old.cache.getOrLoad(Old(id), () => ({ name: 'Ada Lovelace' }));

      const found = await today.cache.lookup(key, () => 'not called');
      await today.cache.lookup(key, () => 'not called');

      expect(found).toMatchObject({ value: { first: 'Ada', last: 'Lovelace' }, source: 'l2', stored: true });
      expect(Object.isFrozen(found.value)).toBe(true);
      expect(migrate.mock.calls).toEqual([[{ name: 'Ada Lovelace' }, 1]]);
      expect(await readEntry(suite.redis, await entryName())).toEqual({ version: 1, value: { name: 'Ada Lovelace' } });
      expect(await today.cache.getMany([key])).toEqual([{ first: 'Ada', last: 'Lovelace' }]);
    });

    it('are as JSON tells what it returned, and fit the schema', async () => {
      const { cache } = await one.start(L2_ONLY);
      const schema = z.object({ at: z.coerce.date() });
      const Dated = defineKey('person:{id}', {
        version: 3,
        schema,
        migrate: (value) => ({ at: value === 'never' ? value : new Date(value as number) }),
      });
      await cache.set(Old(id), 0);

      expect(await cache.get(Dated(id))).toEqual({ at: new Date(0) });
      await cache.set(Old(id), 'never');
      expect(await cache.lookup(Dated(id), () => ({ at: 5 }))).toMatchObject({
        reason: 'invalid',
        value: { at: new Date(5) },
      });
    });

    it('may be migrated by a promise', async () => {
      const { cache } = await one.start(L2_ONLY);
      await cache.set(Old(id), { name: 'Ada Lovelace' });

      expect(await cache.get(newer((value) => Promise.resolve(split(value, 1)))(id))).toMatchObject({ first: 'Ada' });
    });

    it('are misses where it makes nothing of them, throws, or makes what is no JSON', async () => {
      const { cache, events } = await one.start(L2_ONLY);
      const boom = new Error('boom');
      const throwing = (): never => {
        throw boom;
      };
      for (const [migrate, told] of [
        [() => undefined, []],
        [throwing, [{ label: 'person:{id}', fromVersion: 1, error: boom }]],
        [() => Promise.reject(boom), [{ label: 'person:{id}', fromVersion: 1, error: boom }]],
        [() => 7n, [{ label: 'person:{id}', fromVersion: 1, error: expect.any(TypeError) as TypeError }]],
      ] as const) {
        events.length = 0;
        await cache.set(Old(id), { name: 'Ada' });

        expect(await cache.get(newer(migrate)(id))).toBeNull();
        expect(await cache.lookup(newer(migrate)(id), () => 'new')).toMatchObject({ value: 'new', reason: 'version' });

        const failed = events.filter((event) => event.type === 'migration.failed');
        expect(failed).toMatchObject([...told, ...told]);
      }
    });

    it('are misses all the same when they are newer, invalidated or gone', async () => {
      const { cache, invalidation } = await one.start(L2_ONLY);
      const migrate = vi.fn(split);
      const Tagged = defineKey('user:{id}', { ttl: 60 });
      const Newer = defineKey('user:{id}', { ttl: 60, version: 2, migrate });
      await cache.set(Tagged(id), { name: 'Ada Lovelace' });
      await rewriteEntry(suite.redis, (await suite.redis.keys('*:e:{user:1}'))[0] as string, { version: 3 });

      expect(await cache.lookup(Newer(id), () => undefined)).toMatchObject({ reason: 'version' });
      await cache.set(Tagged(id), { name: 'Ada Lovelace' });
      await invalidation.user(1);
      expect(await cache.lookup(Newer(id), () => undefined)).toMatchObject({ reason: 'invalidated' });
      await cache.set(Tagged(id), { name: 'Ada Lovelace' }, { ttl: 0.01, grace: 60 });
      await new Promise((resolve) => setTimeout(resolve, 20));
      expect(await cache.get(Newer(id))).toBeNull();
      expect(await cache.lookup(Newer(id), () => 1, { grace: 60 })).toMatchObject({
        stale: true,
        value: { first: 'Ada' },
      });
    });
  });

  describe('while two versions of an application run', () => {
    /** Reads by turns, and counts what either loads. */
    async function takeTurns(today: KeyTemplate<'person:{id}'>): Promise<{ old: number; today: number }> {
      const [a, b] = [await one.start(L2_ONLY), await one.start(L2_ONLY)];
      const loads = { old: 0, today: 0 };
      for (let i = 0; i < 10; i++) {
        await b.cache.getOrLoad(today(id), () => ({ first: 'Ada', last: 'Lovelace', n: loads.today++ }));
        await a.cache.getOrLoad(Old(id), () => ({ name: 'Ada Lovelace', n: loads.old++ }));
      }
      return loads;
    }

    it('each replaces what the other has stored, without migrate', async () => {
      expect(await takeTurns(defineKey('person:{id}', { ttl: 60, version: 2 }))).toEqual({ old: 10, today: 10 });
    });

    it('what the older one has stored serves both, with migrate', async () => {
      expect(await takeTurns(newer(split))).toEqual({ old: 1, today: 1 });
    });
  });

  describe('in one process, where two templates make one key', () => {
    const Today = defineKey('person:{id}', { ttl: 60, version: 2 });
    const Checked = defineKey('person:{id}', { ttl: 60, schema: z.number() });

    it('are not found in memory by the other', async () => {
      const { cache } = await one.start();
      await cache.set(Old(id), 'old');

      expect(await cache.getOrLoad(Old(id), () => 'not called')).toBe('old');
      expect(await cache.lookup(Checked(id), () => 7)).toMatchObject({ value: 7, reason: 'invalid' });
      expect(await cache.lookup(Today(id), () => 'new')).toMatchObject({ value: 'new', reason: 'version' });
      expect(await cache.getOrLoad(Today(id), () => 'not called')).toBe('new');
      expect(await cache.get(Old(id))).toBeNull();
    });

    it('are found in memory by a template of the same version and schema', async () => {
      const { cache } = await one.start();
      await cache.set(Old(id), 'old');

      expect(await cache.lookup('person:1', () => 'not called')).toMatchObject({ value: 'old', source: 'l1' });
      expect(await cache.lookup(defineKey('person:{id}')(id), () => '')).toMatchObject({ value: 'old', source: 'l1' });
    });

    it.each(['default', 'strict'] as const)('share no load with the other, %s', async (consistency) => {
      const { cache } = await one.start();
      const opened = gate<string>();
      const began = gate();
      const slow = (): Promise<string> => {
        began.open();
        return opened.opened;
      };
      const first = cache.getOrLoad(Old(id), slow, { consistency });
      await began.opened;
      const others = [
        cache.getOrLoad(Today(id), () => 'new', { consistency }),
        cache.getOrLoad(Checked(id), () => 7, { consistency }),
      ];
      opened.open('old');

      expect(await first).toBe('old');
      expect(await Promise.all(others)).toEqual(['new', 7]);
    });

    describe('past the TTL', () => {
      const Stale = defineKey('person:{id}', { ttl: 0.05, grace: 60, softTimeoutMs: 50 });
      const old = { value: 'old', stale: true, reason: 'refreshing' };

      it('are not refreshed by a load of the other', async () => {
        const { cache } = await one.start();
        await cache.set(Stale(id), 'old');
        await new Promise((resolve) => setTimeout(resolve, 60));
        const load = cache.getOrLoad(Today(id), () => 'new');

        expect(await cache.lookup(Stale(id), () => 'not called')).toMatchObject(old);
        expect(await load).toBe('new');
      });

      it('nor by one that begins while a reader asks Redis', async () => {
        const { cache } = await one.start();
        await cache.set(Stale(id), 'old');
        await new Promise((resolve) => setTimeout(resolve, 60));
        const opened = gate<string>();
        const read = cache.lookup(Stale(id), () => 'not called', { consistency: 'strict' });
        const load = cache.getOrLoad(Today(id), () => opened.opened);
        setTimeout(() => {
          opened.open('new');
        }, 20);

        expect(await read).toMatchObject(old);
        expect(await load).toBe('new');
      });
    });

    it('are told of by explain', async () => {
      const { cache } = await one.start(L2_ONLY);
      await cache.set(Old(id), 'old');

      expect(await cache.explain(Old(id))).toMatchObject({ state: 'fresh' });
      expect(await cache.explain(Today(id))).toMatchObject({ state: 'version' });
      expect(await cache.explain(Checked(id))).toMatchObject({ state: 'invalid' });
      expect(await cache.explain(newer(() => 1)(id))).toMatchObject({ state: 'fresh' });
    });
  });
});

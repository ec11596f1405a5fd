// cspell:words cmdstat commandstats skipme xtrim
import { describe, expect, it } from 'vitest';
import type { CacheModuleOptions } from '../../src/index.js';
import { gate, type TestCache, until } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';
import { topology } from './contracts/topology.js';

const WINDOW = 1_000;
const KEY = 'user:1:profile';

/** The ways for one instance to make what another one holds invalid. */
const WAYS: [string, (instance: TestCache) => Promise<unknown>][] = [
  ['delete', ({ cache }) => cache.delete(KEY)],
  ['a tag', ({ invalidation }) => invalidation.user(1)],
  ['a pattern', ({ invalidation }) => invalidation.pattern('user:1:*')],
  ['everything', ({ invalidation }) => invalidation.all()],
];

describe('the cache with two instances on one Redis', () => {
  const suite = redisOfSuite();

  const shared = topology(() => suite.url);
  const two = (options: CacheModuleOptions = {}): Promise<[TestCache, TestCache]> =>
    Promise.all([
      shared.start({ coherenceWindowMs: WINDOW, ...options }),
      shared.start({ coherenceWindowMs: WINDOW, ...options }),
    ]);

  describe('a value that one of them stored', () => {
    it('is a hit in l2 for the other, then in l1', async () => {
      const [a, b] = await two();
      await a.cache.getOrLoad(KEY, () => ({ name: 'Ada' }));

      expect(await b.cache.lookup(KEY, () => 'loaded')).toMatchObject({ value: { name: 'Ada' }, source: 'l2' });
      expect(await b.cache.lookup(KEY, () => 'loaded')).toMatchObject({ source: 'l1' });
    });

    it('replaces the copy of the other within the window', async () => {
      const [a, b] = await two();
      await held(a, b, 'old');

      await a.cache.set(KEY, 'new');

      expect(await b.cache.get(KEY, { consistency: 'strict' })).toBe('new');
      await until(async () => (await b.cache.get(KEY)) === 'new', WINDOW);
    });

    it('is there for the other as soon as set has resolved', async () => {
      const [a, b] = await two();
      const answers: unknown[] = [];

      for (let i = 0; i < 20; i++) {
        await a.cache.set(`k:${i}`, i);
        answers.push(await b.cache.get(`k:${i}`));
      }

      expect(answers).toEqual(Array.from({ length: 20 }, (_, i) => i));
    });

    it('is not thrown away by a lookup of the other that begins once set has resolved', async () => {
      const [a, b] = await two();
      const answers: unknown[] = [];

      for (let i = 0; i < 20; i++) {
        await a.cache.set(`k:${i}`, 'set');
        answers.push((await b.cache.lookup(`k:${i}`, () => 'loaded')).value);
      }

      expect(answers).toEqual(Array(20).fill('set'));
    });

    it('is nothing to an instance under another prefix, nor does that one clear it', async () => {
      const [a, stranger] = await Promise.all([shared.start({ prefix: 'p' }), shared.start({ prefix: 'p:q' })]);
      await a.cache.set(KEY, 'ours');

      expect(await stranger.cache.get(KEY)).toBeNull();
      await stranger.invalidation.all();
      await stranger.cache.clearPattern('user:*');

      expect(await a.cache.get(KEY, { consistency: 'strict' })).toBe('ours');
    });
  });

  describe.each(WAYS)('an invalidation by %s', (_, invalidate) => {
    it('is seen by a strict read of the other at once, and by its memory within the window', async () => {
      const [a, b] = await two();
      await held(a, b, 'old');

      await invalidate(a);

      expect(await b.cache.get(KEY, { consistency: 'strict' })).toBeNull();
      await until(async () => (await b.cache.get(KEY)) === null, WINDOW);
    });

    it('leaves nothing behind of a load that the other is running', async () => {
      const [a, b] = await two();
      const loading = gate();
      const loaded = gate<string>();
      const caller = b.cache.getOrLoad(KEY, () => (loading.open(), loaded.opened));
      await loading.opened;

      await invalidate(a);
      loaded.open('old');
      await caller;

      expect(await a.cache.get(KEY)).toBeNull();
      expect(await b.cache.get(KEY, { consistency: 'strict' })).toBeNull();
      await until(async () => (await b.cache.get(KEY)) === null, WINDOW);
    });
  });

  describe('a thousand callers on both', () => {
    it('are served by one load', async () => {
      const [a, b] = await two();
      let loads = 0;
      const load = async (): Promise<string> => {
        loads++;
        await until(async () => (await suite.redis.dbsize()) > 0);
        return 'value';
      };

      const callers = [a, b].flatMap(({ cache }) => Array.from({ length: 500 }, () => cache.getOrLoad(KEY, load)));

      expect(new Set(await Promise.all(callers))).toEqual(new Set(['value']));
      expect(loads).toBe(1);
    });

    it('get the value of the second loader when the first one fails', async () => {
      const [a, b] = await two();
      const loading = gate();
      const loaded = gate<string>();
      const first = a.cache.getOrLoad(KEY, () => (loading.open(), loaded.opened));
      await loading.opened;
      const second = b.cache.lookup(KEY, () => 'from b');

      loaded.fail(new Error('boom'));

      await expect(first).rejects.toThrow('boom');
      expect(await second).toMatchObject({ value: 'from b', source: 'loader', stored: true });
    });
  });

  describe('when the one that loads is gone for good', () => {
    it('the other goes on when the lease has ended', async () => {
      const [a, b] = await two({ leaseMs: 300 });
      const loading = gate();
      void a.cache.getOrLoad(KEY, () => (loading.open(), new Promise<never>(() => undefined)));
      await loading.opened;
      await a.close();

      expect(await b.cache.lookup(KEY, () => 'from b')).toMatchObject({ value: 'from b', stored: true });
    });
  });

  describe('when a load takes longer than its lease', () => {
    it('the lease is renewed and the other does not load too', async () => {
      const [a, b] = await two({ leaseMs: 200 });
      const loading = gate();
      const loaded = gate<string>();
      const first = a.cache.getOrLoad(KEY, () => (loading.open(), loaded.opened));
      await loading.opened;
      const second = b.cache.lookup(KEY, () => 'from b');
      const renewals = async (): Promise<number> =>
        Number(/cmdstat_pexpire:calls=(\d+)/.exec(await suite.redis.info('commandstats'))?.[1] ?? 0);
      const before = await renewals();

      await until(async () => (await renewals()) >= before + 5);
      loaded.open('from a');

      expect(await first).toBe('from a');
      expect(await second).toMatchObject({ value: 'from a', source: 'l2' });
    });
  });

  describe('when the other waits longer than it may', () => {
    it('it loads too, and does not store', async () => {
      const [a, b] = await two({ leaseWaitMs: 50 });
      const loading = gate();
      const loaded = gate<string>();
      const first = a.cache.getOrLoad(KEY, () => (loading.open(), loaded.opened));
      await loading.opened;

      expect(await b.cache.lookup(KEY, () => 'from b')).toMatchObject({ value: 'from b', stored: false });
      loaded.open('from a');
      await first;

      expect(await b.cache.get(KEY, { consistency: 'strict' })).toBe('from a');
    });
  });

  describe('when an instance lost its connections', () => {
    it('it hears afterwards of what was invalidated meanwhile', async () => {
      const [a, b] = await two();
      await held(a, b, 'old');

      await suite.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
      await until(() => a.events.filter(({ type }) => type === 'connection.ready').length === 2);
      expect(await a.invalidation.user(1)).toMatchObject({ acknowledged: true });

      await until(async () => (await b.cache.get(KEY)) === null, 2 * WINDOW);
    });
  });

  describe('when records of the ledger were trimmed before an instance read them', () => {
    it('it trusts nothing that it held', async () => {
      const [a, b] = await two({ prefix: 'trimmed' });
      await a.cache.getOrLoad(KEY, () => 'old');
      await a.cache.getOrLoad('user:2:profile', () => 'untouched');
      expect(await b.cache.getMany([KEY, 'user:2:profile'])).toEqual(['old', 'untouched']);

      // In one step, so that no read comes between the record and its trimming.
      await suite.redis
        .multi()
        .set('trimmed:g:{user:1}', 'another')
        .xadd('trimmed:ledger', '*', 'r', 'never read')
        .xtrim('trimmed:ledger', 'MAXLEN', 0)
        .exec();

      await until(() => b.events.some((event) => event.type === 'ledger.gap'), 2 * WINDOW);
      await until(async () => (await b.cache.get('user:2:profile')) === 'untouched');
      expect(await b.cache.get(KEY)).toBeNull();
    });
  });

  describe('a record that this version does not understand', () => {
    it('empties the memory of those who read it, and they go on', async () => {
      const [a, b] = await two({ prefix: 'future' });
      await held(a, b, 'value');

      await suite.redis.xadd('future:ledger', '*', 'r', '{"v":2,"everything":"different"}');

      await until(() => b.events.some((event) => event.type === 'ledger.gap' && event.why === 'unreadable'));
      expect(await b.cache.lookup(KEY, () => 1)).toMatchObject({ value: 'value', source: 'l2' });
    });
  });
});

/** Both have `value` in memory. */
async function held(a: TestCache, b: TestCache, value: string): Promise<void> {
  await a.cache.getOrLoad(KEY, () => value, { ttl: 600 });
  await b.cache.getOrLoad(KEY, () => expect.unreachable('loaded twice'));
  expect(await b.cache.lookup(KEY, () => null)).toMatchObject({ value, source: 'l1' });
}

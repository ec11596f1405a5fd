// cspell:words lpush pttl
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope } from '../../src/codec/envelope.js';
import { defineKey } from '../../src/index.js';
import { startCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { redisOfSuite } from '../support/suite-redis.js';
import { describeContexts } from './contracts/contexts.contract.js';
import { describeFailSafe } from './contracts/fail-safe.contract.js';
import { describeInvalidation } from './contracts/invalidation.contract.js';
import { describeLateTags } from './contracts/late-tags.contract.js';
import { describeLifetimes } from './contracts/lifetimes.contract.js';
import { describeLoads } from './contracts/loads.contract.js';
import { describePeek } from './contracts/peek.contract.js';
import { topology } from './contracts/topology.js';
import { describeValues } from './contracts/values.contract.js';

/** No memory tier: every read is answered by Redis. */
const L2_ONLY = { memory: { maxEntries: 0 } };

describe('the cache with one instance on Redis', () => {
  const suite = redisOfSuite();

  const one = topology(() => suite.url);
  describeValues(one);
  describePeek(one);
  describeLifetimes(one);
  describeLoads(one);
  describeContexts(one);
  describeLateTags(one);
  describeFailSafe(one);
  describeInvalidation(one);

  describe('without a memory tier', () => {
    const remote = { ...one, start: (options = {}) => one.start({ ...L2_ONLY, ...options }) };
    describeInvalidation(remote);

    it('answers hits from l2, null too', async () => {
      const { cache } = await remote.start();
      await cache.set('k', null);

      expect(await cache.lookup('k', () => 2)).toMatchObject({ value: null, source: 'l2', stored: true });
      expect(await cache.lookup('k', () => 2, { consistency: 'strict' })).toMatchObject({ value: null, source: 'l2' });
    });
  });

  describe('what a miss asks of Redis', () => {
    /** How often each command was sent by what `work` does. */
    async function sent(work: () => Promise<unknown>): Promise<Record<string, number>> {
      await suite.redis.config('RESETSTAT');
      await work();
      const lines = (await suite.redis.info('commandstats')).split('\r\n');
      const counted = lines.flatMap((line) => {
        const [, name, calls] = /^cmdstat_(mget|evalsha|set|xrevrange):calls=(\d+)/.exec(line) ?? [];
        return name === undefined ? [] : [[name, Number(calls)] as const];
      });
      return Object.fromEntries(counted);
    }

    it('is what it was where no tag comes late, and two looks at the announcements where one does', async () => {
      const { cache } = await one.start();
      const load = (): number => {
        cache.dependsOn('team:1');
        return 1;
      };
      // The tags' first generations, and the scripts, are there.
      for (const key of ['user:1:before', 'before']) await cache.getOrLoad(key, load, { lateTags: true });
      // Scripts count what they call: two SET of the lease and the entry.
      const plain = { mget: 1, evalsha: 2, set: 2 };
      expect(await sent(() => cache.getOrLoad('user:1:plain', () => 1))).toEqual(plain);
      expect(await sent(() => cache.getOrLoad('late', load, { lateTags: true }))).toEqual({
        ...plain,
        // The late tag's generation is asked for by a third.
        evalsha: 3,
        set: 3,
        xrevrange: 2,
      });
    });
  });

  describe('what is in Redis', () => {
    it('is an envelope that ends with the value as text, under the prefix, with a time to live until the end of the grace', async () => {
      const { cache } = await one.start({ prefix: 'readable:app' });
      await cache.set('user:1:profile', { name: 'Ada' }, { ttl: 60, grace: 30 });

      const stored = (await suite.redis.getBuffer('readable:app:e:{user:1:profile}')) as Buffer;

      expect(stored.toString().endsWith('{"name":"Ada"}')).toBe(true);
      expect(decodeEnvelope('user:1:profile', stored)).toMatchObject({
        payload: '{"name":"Ada"}',
        stamps: expect.arrayContaining([expect.objectContaining({ tag: 'user:1' })]) as unknown,
      });
      const left = await suite.redis.pttl('readable:app:e:{user:1:profile}');
      expect(left).toBeGreaterThan(80_000);
      expect(left).toBeLessThanOrEqual(90_000);
    });

    it('is compressed beyond the size that was asked for, and read by instances that ask for none', async () => {
      const value = Array.from({ length: 200 }, (_, hour) => ({ hour, runs: 40 + hour, model: 'large' }));
      const { length } = JSON.stringify(value);
      const { cache } = await one.start({ prefix: 'small', compressAbove: 1_000, maxEntryBytes: length + 100 });
      const other = await one.start({ prefix: 'small' });
      await cache.getOrLoad('user:1:hours', () => value);
      await cache.set('user:1:name', 'Ada');
      const bytesOf = (key: string): Promise<number> => suite.redis.strlen(`small:e:{${key}}`);

      expect(await bytesOf('user:1:hours')).toBeLessThan(length / 3);
      expect(await bytesOf('user:1:name')).toBeGreaterThan(5);
      expect(await other.cache.get('user:1:hours')).toEqual(value);
      expect(await other.cache.explain('user:1:hours')).toMatchObject({ state: 'fresh' });
      // The limit is that of the value as it is, or what one instance stores another could not read.
      expect(await cache.set('user:1:hours', [...value, ...value])).toBe(false);
    });

    it('is nothing outside the prefix, and no entry or lease without a time to live', async () => {
      await suite.redis.flushall();
      const { cache } = await one.start({ prefix: 'alone' });
      await cache.setMany([
        ['a', 1],
        ['user:1:b', 2],
      ]);
      await cache.getOrLoad('c', () => 3);
      await cache.delete('a');
      await expect(cache.getOrLoad('d', () => Promise.reject(new Error('boom')))).rejects.toThrow('boom');

      const names = await suite.redis.keys('*');

      expect(names.filter((name) => !name.startsWith('alone:'))).toEqual([]);
      for (const name of names.filter((each) => /^alone:[el]:/.test(each)))
        expect(await suite.redis.pttl(name)).toBeGreaterThan(0);
    });

    it('leaves other keys of the same Redis alone, whatever is cleared', async () => {
      await suite.redis.mset(
        'user:1:profile',
        'theirs',
        'one:e:{user:1:profile}',
        'theirs',
        'onex:e:{user:1:profile}',
        'theirs',
      );
      const { cache, invalidation } = await one.start({ prefix: 'onex.y' });
      await cache.set('user:1:profile', 1);

      await cache.clearPattern('user:*');
      await invalidation.all();

      expect(await suite.redis.mget('user:1:profile', 'one:e:{user:1:profile}', 'onex:e:{user:1:profile}')).toEqual(
        Array(3).fill('theirs'),
      );
    });

    it('is cleared by pattern also when it is more than one page of a scan', async () => {
      const { cache } = await one.start({ scanCount: 10 });
      await cache.setMany(Array.from({ length: 300 }, (_, i) => [`user:1:k${i}`, i]));
      await cache.set('user:2:k', 1);

      expect(await cache.clearPattern('user:1:*')).toBe(300);

      expect(await cache.get('user:2:k')).toBe(1);
    });
  });

  describe('bytes in Redis that are not an entry of ours', () => {
    const rejected = async (write: (name: string) => Promise<unknown>): Promise<void> => {
      const { cache, events } = await one.start({ ...L2_ONLY, prefix: 'strange' });
      await cache.set('k', 'ours');
      await write('strange:e:{k}');

      expect(await cache.get('k')).toBeNull();
      expect(await cache.getOrLoad('k', () => 'loaded')).toBe('loaded');
      expect(await cache.get('k')).toBe('loaded');
      expect(events.filter(({ type }) => type === 'task.failed')).toEqual([]);
    };

    it.each([
      ['empty', ''],
      ['JSON of somebody else', '{"value":1}'],
      ['a pickle', Buffer.from('\x80\x04\x8c\x02os\x94\x8c\x06system\x94\x93\x94.', 'latin1')],
      ['a newer format', Buffer.alloc(40, 24)],
      ['format 1', '[1,"9424f8cb","k",1,1700000000000,1700000300000,1700000300000,5,"*","abcdefghijkl"]\n{"n":1}'],
      ['a broken checksum', Buffer.alloc(40, 16)],
      ['two megabytes', 'x'.repeat(2_000_000)],
    ])('are a miss and are replaced by the next load: %s', (_, bytes) =>
      rejected((name) => suite.redis.set(name, bytes)),
    );

    it('are a miss and are replaced by the next load: a list under our name', () =>
      rejected(async (name) => {
        await suite.redis.del(name);
        await suite.redis.lpush(name, 'item');
      }));

    it('are a miss and are replaced by the next load: the entry of another key', () =>
      rejected(async (name) => {
        const { cache } = await one.start({ prefix: 'strange' });
        await cache.set('other', 'not for k');
        await suite.redis.copy('strange:e:{other}', name, 'REPLACE');
      }));
  });

  describe('a generation that Redis has lost', () => {
    it('costs a miss and never serves the older value', async () => {
      const { cache } = await one.start({ ...L2_ONLY, prefix: 'evicted' });
      await cache.set('user:1:profile', 'old');
      await suite.redis.del('evicted:g:{user:1}');

      expect(await cache.get('user:1:profile', { consistency: 'strict' })).toBeNull();
    });
  });

  describe('a template of a newer version', () => {
    it('does not read the values of the older one', async () => {
      const { cache } = await one.start(L2_ONLY);
      await cache.set(defineKey('thing:{id}')({ id: 1 }), 'v1');
      const key = defineKey('thing:{id}', { version: 2 })({ id: 1 });

      expect(await cache.lookup(key, () => 'v2')).toMatchObject({ value: 'v2', reason: 'version' });
    });
  });

  describe('when every entry was flushed away', () => {
    it('loads anew and goes on', async () => {
      const { cache, events } = await one.start({ coherenceWindowMs: 200 });
      await cache.set('k', 'old');
      await suite.redis.flushall();

      expect(await cache.getOrLoad('k', () => 'new', { consistency: 'strict' })).toBe('new');
      // What was set a moment ago is asserted again meanwhile, as after a failover.
      await until(() => cache.set('k', 'newer'));
      expect(await cache.get('k', { consistency: 'strict' })).toBe('newer');
      expect(events.filter(({ type }) => type === 'task.failed')).toEqual([]);
    });
  });

  describe('when Redis is out of memory', () => {
    it('still invalidates, and is not used for what it cannot take', async () => {
      const full = await RedisServer.start({ args: ['--maxmemory-policy', 'noeviction'] });
      try {
        const admin = new Redis(full.url, { disableClientInfo: true });
        const instance = await startCache({ redis: { url: full.url, retry: 'fast' } });
        const { cache, invalidation } = instance;
        await cache.set('user:1:profile', 'old');
        await admin.config('SET', 'maxmemory', '1');

        expect(await invalidation.user(1)).toMatchObject({ acknowledged: true });
        expect(await cache.getOrLoad('user:1:profile', () => 'new')).toBe('new');
        expect(await cache.set('user:1:profile', 'newer')).toBe(false);
        expect(await cache.get('user:1:profile', { consistency: 'strict' })).toBeNull();

        await admin.config('SET', 'maxmemory', '0');
        admin.disconnect();
        await instance.close();
      } finally {
        await full.stop();
      }
    });
  });
});

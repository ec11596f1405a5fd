import { type } from 'arktype';
import * as fc from 'fast-check';
import * as v from 'valibot';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import {
  Cacheable,
  CachePut,
  CacheResponse,
  CacheService,
  defineKey,
  fromParam,
  InvalidValueError,
  type ValueSchema,
} from '../../src/index.js';
import { Applications } from '../decorators/applications.js';
import { gate, until } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';
import { topology } from './contracts/topology.js';
import { readEntry, rewriteEntry } from './support/shaped-entries.js';

/** No memory tier: every read is answered by Redis. */
const L2_ONLY = { memory: { maxEntries: 0 } };

interface User {
  readonly name: string;
  readonly at: Date;
}

const SCHEMAS: [string, ValueSchema<User>][] = [
  ['Zod', z.object({ name: z.string(), at: z.coerce.date() })],
  [
    'Valibot',
    v.object({
      name: v.string(),
      at: v.pipe(
        v.string(),
        v.isoTimestamp(),
        v.transform((text) => new Date(text)),
      ),
    }),
  ],
  ['ArkType', type({ name: 'string', at: 'string.date.iso.parse' })],
];

const ADA = { name: 'Ada', at: new Date(0) };
const SECRET = 'hunter2';

/** A schema that counts how often it is asked. */
function counted<V>(schema: ValueSchema<V>): { readonly schema: ValueSchema<V>; readonly asked: () => number } {
  const { validate, ...standard } = schema['~standard'];
  const spy = vi.fn(validate);
  return { schema: { '~standard': { ...standard, validate: spy } }, asked: () => spy.mock.calls.length };
}

/** A schema of one's own. */
function schemaOf<V>(validate: ValueSchema<V>['~standard']['validate']): ValueSchema<V> {
  return { '~standard': { version: 1, vendor: 'test', validate } };
}

describe('values of a template with a schema', () => {
  const suite = redisOfSuite();
  // Entries are found by their key alone.
  beforeEach(() => suite.redis.flushall());
  const one = topology(() => suite.url);

  /** The name of an entry of the only instance that this test has started. */
  const nameOf = async (key: string): Promise<string> => (await suite.redis.keys(`*:e:{${key}}`)).at(-1) as string;

  describe.each(SCHEMAS)('of %s', (_, schema) => {
    const User = defineKey('person:{id}', { schema, ttl: 60 });
    const key = User({ id: 1 });

    it('are what it makes of them, from the loader, from memory and from Redis', async () => {
      const [a, b] = [await one.start(), await one.start()];

      const loaded = await a.cache.lookup(key, () => ADA);
      const inMemory = await a.cache.lookup(key, () => null);
      const inRedis = await b.cache.lookup(key, () => null);

      expect([loaded.source, inMemory.source, inRedis.source]).toEqual(['loader', 'l1', 'l2']);
      for (const { value } of [loaded, inMemory, inRedis]) {
        expect(value).toEqual(ADA);
        expect(Object.isFrozen(value)).toBe(true);
      }
      expect(await b.cache.getMany([key])).toEqual([ADA]);
      const stored = await readEntry(suite.redis, await nameOf('person:1'));
      expect(stored?.value).toEqual({ name: 'Ada', at: '1970-01-01T00:00:00.000Z' });
    });

    it('are missed where what is in Redis does not fit, and replaced by the next load', async () => {
      const { cache, events } = await one.start({ ...L2_ONLY, templates: [User] });
      expect(cache.statistics().templates['person:{id}']?.missesByCause).toMatchObject({ invalid: 0 });
      await cache.set(key, ADA);
      await rewriteEntry(suite.redis, await nameOf('person:1'), {
        payload: `{"name":{"is":"${SECRET}"},"at":"${SECRET}"}`,
      });

      expect(await cache.get(key)).toBeNull();
      expect(await cache.get('person:1')).toBeNull();
      expect(await cache.exists(key)).toBe(false);
      expect(await cache.getMany([key, User({ id: 2 })])).toEqual([null, null]);
      expect(await cache.explain(key)).toMatchObject({ state: 'invalid' });
      expect(await cache.lookup(key, () => ADA)).toMatchObject({ value: ADA, reason: 'invalid', stored: true });
      expect(await cache.lookup(key, () => null)).toMatchObject({ value: ADA, source: 'l2' });

      const told = events.filter((event) => event.type === 'value.invalid');
      expect(told).toHaveLength(5);
      for (const event of told)
        expect(event).toMatchObject({
          label: 'person:{id}',
          origin: 'entry',
          why: 'issues',
          path: expect.any(String) as string,
        });
      expect(told.map(({ path }) => path)).toEqual(Array(5).fill(told[0]?.path));
      expect(['name', 'at']).toContain(told[0]?.path);
      expect(JSON.stringify(events)).not.toContain(SECRET);
      expect(cache.statistics().templates['person:{id}']?.missesByCause).toMatchObject({ invalid: 5 });
    });

    it('are refused where a loader returns something else: nothing is stored, and the next caller loads', async () => {
      const { cache, events } = await one.start();
      const wrong = (): unknown => ({ name: 'Ada', at: SECRET });

      const error: unknown = await cache.getOrLoad(key, wrong).catch((thrown: unknown) => thrown);

      expect(error).toBeInstanceOf(InvalidValueError);
      expect(error).toMatchObject({
        family: 'loader',
        code: 'INVALID_VALUE',
        fields: { label: 'person:{id}', path: 'at' },
      });
      expect((error as InvalidValueError).issues.length).toBeGreaterThan(0);
      expect((error as Error).message).not.toContain(SECRET);
      expect(Object.keys(error as object)).not.toContain('issues');
      expect(await cache.get(key)).toBeNull();
      expect(await suite.redis.keys('*person:1}')).toEqual([]);
      expect(await cache.getOrLoad(key, () => ADA)).toEqual(ADA);
      expect(events.filter((event) => event.type === 'value.invalid')).toMatchObject([
        { origin: 'loader', path: 'at' },
      ]);
      expect(cache.statistics().templates['person:{id}']?.loads).toMatchObject({ count: 2, failed: 1 });
    });

    it('are refused by set before anything is sent: the older value stays', async () => {
      const { cache } = await one.start();
      await cache.set(key, ADA);

      await expect(cache.set(key, { name: 7, at: ADA.at })).rejects.toMatchObject({
        name: 'InvalidValueError',
        family: 'usage',
        fields: { path: 'name' },
      });
      await expect(
        cache.setMany([
          [User({ id: 2 }), ADA],
          [key, null],
        ]),
      ).rejects.toThrow(/^a value set for person:\{id\} must, as JSON tells it, fit the schema/);

      expect(await cache.get(key, { consistency: 'strict' })).toEqual(ADA);
      expect(await cache.get(User({ id: 2 }))).toBeNull();
    });
  });

  describe('in getOrLoadMany', () => {
    const Name = defineKey('name:{id}', { schema: z.string(), ttl: 60 });
    const keys = [Name({ id: 1 }), Name({ id: 2 }), Name({ id: 3 })];

    it('are loaded where an entry does not fit', async () => {
      const { cache } = await one.start(L2_ONLY);
      await cache.getOrLoadMany(keys, () => ['a', 'b', 'c']);
      await rewriteEntry(suite.redis, await nameOf('name:2'), { payload: '2' });
      const asked = vi.fn((missing: readonly unknown[]) => missing.map(String));

      expect(await cache.getOrLoadMany(keys, asked)).toEqual(['a', 'name:2', 'c']);
      expect(asked.mock.calls.map(([missing]) => missing)).toEqual([[keys[1]]]);
    });

    it('fail where the loader returns one that does not fit, and the others are stored', async () => {
      const { cache } = await one.start();

      await expect(cache.getOrLoadMany(keys, () => ['a', 2, 'c'])).rejects.toThrow(InvalidValueError);

      await until(async () => (await cache.getMany(keys)).filter((found) => found !== null).length === 2);
      expect(await cache.getMany(keys)).toEqual(['a', null, 'c']);
    });
  });

  describe('past their TTL', () => {
    it('are not served where they do not fit: the reader waits for the load', async () => {
      const Stale = defineKey('stale:{id}', { schema: z.string(), ttl: 0.05, grace: 60 });
      const key = Stale({ id: 1 });
      const { cache } = await one.start(L2_ONLY);
      await cache.set(key, 'old');
      await rewriteEntry(suite.redis, await nameOf('stale:1'), { payload: '{"old":1}' });
      await new Promise((resolve) => setTimeout(resolve, 60));

      expect(await cache.lookup(key, () => 'new')).toMatchObject({ value: 'new', stale: false, reason: 'invalid' });
    });

    it('stay in use where a refresh returns what does not fit', async () => {
      const Stale = defineKey('stale:{id}', { schema: z.string(), ttl: 0.05, grace: 60, softTimeoutMs: 2_000 });
      const key = Stale({ id: 2 });
      const { cache } = await one.start();
      await cache.set(key, 'old');
      await new Promise((resolve) => setTimeout(resolve, 60));

      expect(await cache.lookup(key, () => 7)).toMatchObject({ value: 'old', stale: true, reason: 'failed' });
      expect((await readEntry(suite.redis, await nameOf('stale:2')))?.value).toBe('old');
    });
  });

  describe('that are made anew at each reading', () => {
    it('are made once of what the loader returned, and so again from Redis', async () => {
      const Loud = defineKey('loud:{id}', { schema: z.string().transform((text) => `${text}!`), ttl: 60 });
      const [a, b] = [await one.start(), await one.start()];

      expect(await a.cache.getOrLoad(Loud({ id: 1 }), () => 'a')).toBe('a!');
      expect(await b.cache.getOrLoad(Loud({ id: 1 }), () => 'b')).toBe('a!');
      await a.cache.set(Loud({ id: 2 }), 'c');
      expect([await a.cache.get(Loud({ id: 2 })), await b.cache.get(Loud({ id: 2 }))]).toEqual(['c!', 'c!']);
    });

    it('are frozen throughout, what the schema froze at its root too; instances are left to work', async () => {
      const schema = z
        .object({ list: z.array(z.object({ n: z.number() })), at: z.coerce.date() })
        .readonly()
        .transform((value) => Object.freeze({ ...value, bytes: new Uint8Array(2), seen: new Map([[1, 2]]) }));
      const { cache } = await one.start();

      const value = await cache.getOrLoad(defineKey('deep:{id}', { schema })({ id: 1 }), () => ({
        list: [{ n: 1 }],
        at: ADA.at,
      }));

      for (const part of [value, value.list, value.list[0]]) expect(Object.isFrozen(part)).toBe(true);
      expect([value.at, value.bytes, value.seen].some((part) => Object.isFrozen(part))).toBe(false);
    });

    it('cost nothing in memory: a hit there asks no schema', async () => {
      const { schema, asked } = counted(z.number());
      const Count = defineKey('count:{id}', { schema, ttl: 60 });
      const { cache } = await one.start();

      await cache.getOrLoad(Count({ id: 1 }), () => 1);
      for (let i = 0; i < 5; i++) await cache.getOrLoad(Count({ id: 1 }), () => 1);

      expect(asked()).toBe(1);
    });
  });

  describe('that JSON cannot hold', () => {
    it('are returned uncached where they fit, and refused where not', async () => {
      const { cache } = await one.start();
      const Big = defineKey('big:{id}', { schema: z.bigint().optional() });
      const Text = defineKey('text:{id}', { schema: z.string() });

      expect(await cache.lookup(Big({ id: 1 }), () => 7n)).toMatchObject({ value: 7n, stored: false });
      expect(await cache.lookup(Big({ id: 1 }), () => undefined)).toMatchObject({ value: undefined, stored: false });
      await expect(cache.getOrLoad(Text({ id: 1 }), () => undefined)).rejects.toThrow(InvalidValueError);
    });
  });

  describe('of a schema that takes its time', () => {
    it('are waited for, in memory they are there at once', async () => {
      const Slow = defineKey('slow:{id}', {
        schema: z.string().refine(async (text) => Promise.resolve(text !== 'bad')),
      });
      const [a, b] = [await one.start(), await one.start()];
      await expect(a.cache.getOrLoad(Slow({ id: 1 }), () => 'bad')).rejects.toThrow(InvalidValueError);
      await a.cache.set(Slow({ id: 1 }), 'good');
      await expect(a.cache.set(Slow({ id: 1 }), 'bad')).rejects.toThrow(InvalidValueError);

      expect(await b.cache.get(Slow({ id: 1 }))).toBe('good');
      expect(await a.cache.lookup(Slow({ id: 1 }), () => '')).toMatchObject({ value: 'good', source: 'l1' });
      // News of the set may come while it is read.
      await until(async () => (await b.cache.lookup(Slow({ id: 1 }), () => '')).source === 'l1');
    });

    it('are not kept in memory where they were invalidated meanwhile', async () => {
      const asked = gate();
      const answer = gate<string>();
      const schema = schemaOf<string>(async (value) => {
        asked.open();
        if (value === 'old') await answer.opened;
        return { value: value as string };
      });
      const Late = defineKey('late:{id}', { schema, ttl: 60 });
      const [writer, reader] = [await one.start(), await one.start()];
      await writer.cache.set('late:1', 'old');

      const read = reader.cache.getOrLoad(Late({ id: 1 }), () => 'new');
      await asked.opened;
      await reader.cache.delete('late:1');
      answer.open('');
      await read;

      expect(await reader.cache.getOrLoad(Late({ id: 1 }), () => 'new')).toBe('new');
    });
  });

  describe('of a schema that throws', () => {
    it('are a miss from Redis, and an error of the loader or the caller of set', async () => {
      const boom = new TypeError('boom');
      const Broken = defineKey('broken:{id}', {
        schema: schemaOf<string>(() => {
          throw boom;
        }),
      });
      const { cache, events } = await one.start(L2_ONLY);
      await cache.set('broken:1', 'stored without it');

      expect(await cache.get(Broken({ id: 1 }))).toBeNull();
      await expect(cache.getOrLoad(Broken({ id: 1 }), () => 'x')).rejects.toMatchObject({
        ...{ name: 'InvalidValueError', family: 'loader', cause: boom, fields: { why: 'threw' } },
      });
      await expect(cache.set(Broken({ id: 1 }), 'x')).rejects.toMatchObject({ family: 'usage', cause: boom });

      const told = events.flatMap((event) => (event.type === 'value.invalid' ? [`${event.origin} ${event.why}`] : []));
      expect(told).toEqual(['entry threw', 'entry threw', 'loader threw', 'set threw']);
      expect(events.filter(({ type }) => type === 'task.failed')).toEqual([]);
    });
  });

  describe('whatever is in Redis', () => {
    it('fit it, or are missed', async () => {
      const schema = z.object({ n: z.number().min(0), tags: z.array(z.string()).optional() });
      const Any = defineKey('any:{id}', { schema, ttl: 60 });
      const { cache, events } = await one.start(L2_ONLY);
      await cache.set(Any({ id: 1 }), { n: 1 });
      const name = await nameOf('any:1');
      const almost = fc.record(
        { n: fc.oneof(fc.double(), fc.string()), tags: fc.oneof(fc.array(fc.string()), fc.array(fc.integer())) },
        { requiredKeys: [] },
      );

      await fc.assert(
        fc.asyncProperty(
          fc.oneof(
            fc.json(),
            almost.map((value) => JSON.stringify(value)),
          ),
          async (payload) => {
            await rewriteEntry(suite.redis, name, { payload });

            const found = await cache.get(Any({ id: 1 }));

            const expected = schema.safeParse(JSON.parse(payload));
            expect(found).toEqual(expected.success ? expected.data : null);
          },
        ),
        { numRuns: 300 },
      );
      expect(events.some((event) => event.type === 'value.invalid')).toBe(true);
    });
  });

  it('are no answers of routes: a template with a schema is refused there', () => {
    const Page = defineKey('page:{id}', { schema: z.string() });
    const Migrating = defineKey('page:{id}', { version: 2, migrate: (value) => value });
    for (const template of [Page, Migrating])
      expect(() => {
        class Pages {
          @CacheResponse(template, { key: { id: fromParam('id') }, public: true })
          page(): string {
            return '';
          }
        }
        return Pages;
      }).toThrow('the template of Pages.page must be one without schema and migrate; received "page:{id}"');
  });

  describe('of decorated methods', () => {
    const Profile = defineKey('person:{id}:profile', { schema: SCHEMAS[0]?.[1] as ValueSchema<User> });
    class Users {
      answer: unknown = ADA;

      @Cacheable(Profile, { key: ['id'] })
      async read(_id: string): Promise<unknown> {
        return Promise.resolve(this.answer);
      }

      @CachePut(Profile, { key: ['id'] })
      async write(_id: string): Promise<unknown> {
        return Promise.resolve(this.answer);
      }
    }

    it('are as the schema has them; a write that does not fit removes what was', async () => {
      const applications = new Applications({
        redis: { url: suite.url, retry: 'fast', failFast: true },
        prefix: 'methods',
      });
      const app = await applications.start({ providers: [Users] });
      const [users, cache] = [app.get(Users), app.get(CacheService)];
      try {
        expect(await users.read('1')).toEqual(ADA);
        expect(await users.read('1')).toEqual(ADA);
        users.answer = { name: 7 };
        expect(await users.write('1')).toEqual({ name: 7 });
        expect(await cache.get(Profile({ id: 1 }))).toBeNull();
        await expect(users.read('1')).rejects.toThrow(InvalidValueError);
      } finally {
        await applications.close();
      }
    });
  });
});

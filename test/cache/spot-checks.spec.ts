import { AsyncLocalStorage } from 'node:async_hooks';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CacheModuleOptions, defineKey, type LoadContext } from '../../src/index.js';
import type { Implementations } from '../../src/cache/implementations.js';
import { SystemClock } from '../../src/primitives/clock.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { SeededRandom } from '../../src/testing/seeded-random.js';
import { gate, makeCache, startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

const Thing = defineKey('thing:{id}', { ttl: 60, spotCheck: 1 });
const Unchecked = defineKey('unchecked:{id}', { ttl: 60 });
/** As short as they may be: the first look comes after 100 ms, the second 100 ms later. */
const SOON: CacheModuleOptions = { coherenceWindowMs: 100, spotCheckGraceMs: 0, templates: [Thing, Unchecked] };

let redis: RedisServer;
const running: TestCache[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((instance) => instance.close()));
});
afterAll(() => redis.stop());

async function started(options: CacheModuleOptions = {}, parts: Partial<Implementations> = {}): Promise<TestCache> {
  const instance = await startCache({ redis: { url: redis.url }, ...SOON, ...options }, parts);
  running.push(instance);
  return instance;
}

function outcomesOf({ events }: TestCache): string[] {
  return events.flatMap((event) => (event.type === 'spot-check.ended' ? [event.outcome] : []));
}

async function outcomeOf(instance: TestCache): Promise<string | undefined> {
  await until(() => outcomesOf(instance).length > 0);
  return outcomesOf(instance)[0];
}

/** A source that counts how often it was asked. */
class Source {
  value: unknown = { name: 'one', size: 1 };
  asked = 0;
  readonly load = (): unknown => {
    this.asked += 1;
    return this.value;
  };
  /** Resolves when it was asked so often. */
  whenAsked(times: number): Promise<void> {
    return until(() => this.asked >= times);
  }
}

/** A clock that can be held still, while timers go on. */
class HeldClock extends SystemClock {
  #at: number | undefined;
  hold(): void {
    this.#at = super.now();
  }
  goOn(): void {
    this.#at = undefined;
  }
  override now(): number {
    return this.#at ?? super.now();
  }
}

let next = 0;
/** A key that no other test has, so that all can share a server. */
function fresh(): ReturnType<typeof Thing> {
  return Thing({ id: (next += 1) });
}

/** Loads a value and is served it once more, which is the sample. */
async function sampled({ cache }: TestCache, source: Source, key = fresh()): Promise<typeof key> {
  await cache.getOrLoad(key, source.load);
  await cache.getOrLoad(key, source.load);
  return key;
}

describe('a value that its source still has', () => {
  it('is consistent, in whatever order its properties come', async () => {
    const [instance, source] = [await started(), new Source()];
    await sampled(instance, source);
    source.value = { size: 1, name: 'one' };

    expect(await outcomeOf(instance)).toBe('consistent');
    expect(source.asked).toBe(2);
    expect(await instance.invalidation.inconsistencies()).toEqual([]);
    expect(instance.cache.statistics().templates['thing:{id}']?.spotChecks).toMatchObject({
      consistent: 1,
      inconsistent: 0,
      ratio: { ratio: 0, low: 0 },
    });
  });

  it('is consistent where its schema makes a Date of a text', async () => {
    const schema = {
      '~standard': {
        version: 1 as const,
        vendor: 'test',
        validate: (value: unknown) => ({ value: { at: new Date((value as { at: string }).at) } }),
      },
    };
    const Dated = defineKey('dated:{id}', { spotCheck: 1, schema });
    const [instance, source] = [await started({ templates: [] }), new Source()];
    source.value = { at: '2026-01-01T00:00:00Z' };
    for (let i = 0; i < 2; i += 1) await instance.cache.getOrLoad(Dated({ id: 1 }), source.load);

    expect(await outcomeOf(instance)).toBe('consistent');
  });
});

describe.each([
  ['in memory', {}],
  ['in Redis', { memory: { maxEntries: 0 } }],
  ['read strictly', { consistency: 'strict' }],
  ['in memory only', { redis: undefined as never }],
] satisfies [string, CacheModuleOptions][])(
  'a value %s whose source has changed without an invalidation',
  (_, options) => {
    it('is found, and told with all that is known of its key', async () => {
      const [instance, source] = [await started(options), new Source()];
      const key = await sampled(instance, source);
      source.value = { name: 'two', size: 1 };

      expect(await outcomeOf(instance)).toBe('inconsistent');
      const [found, ...others] = await instance.invalidation.inconsistencies({ key });
      expect(others).toEqual([]);
      expect(found).toMatchObject({ key: key.name, template: 'thing:{id}' });
      expect(found?.explanation).toMatchObject({ key: key.name, template: 'thing:{id}', state: 'fresh' });
      expect(found?.explanation.lastInvalidation).toBeNull();
      expect((found?.at ?? 0) - (found?.differsSince ?? 0)).toBeGreaterThanOrEqual(99);
      expect(found?.explanation.loadedAt).toBe(found?.loadedAt);
      const ratio = { ratio: 1, low: expect.closeTo(0.2065, 3) as number, high: 1 };
      expect(instance.cache.statistics().templates['thing:{id}']?.spotChecks.ratio).toEqual(ratio);
    });
  },
);

describe('no finding is a value', () => {
  it('that is invalidated before it is looked at, and its source is not asked', async () => {
    const [instance, source] = [await started(), new Source()];
    const key = await sampled(instance, source);
    source.value = 'two';
    await instance.cache.delete(key);

    expect(await outcomeOf(instance)).toBe('gone');
    expect(source.asked).toBe(1);
  });

  it('that was replaced by another with the same content', async () => {
    const [instance, source] = [await started(), new Source()];
    const key = await sampled(instance, source);
    const { asOf } = await instance.cache.lookup(key, source.load);
    await until(() => instance.runtime.clock.now() > asOf);
    await instance.cache.set(key, source.value);

    expect(await outcomeOf(instance)).toBe('gone');
    expect(source.asked).toBe(1);
  });

  it.each([
    ['memory', {}],
    ['Redis', { memory: { maxEntries: 0 } }],
  ] satisfies [string, CacheModuleOptions][])(
    'that was replaced in %s by another within the millisecond in which its load began',
    async (_, options) => {
      const clock = new HeldClock();
      const [instance, source] = [await started(options, { clock: () => clock }), new Source()];
      clock.hold();
      await instance.cache.set(await sampled(instance, source), 'two');
      clock.goOn();
      source.value = 'two';

      expect(await outcomeOf(instance)).toBe('gone');
      expect(source.asked).toBe(1);
    },
  );

  it('whose event comes within the grace time', async () => {
    const [instance, source] = [await started({ spotCheckGraceMs: 400 }), new Source()];
    const key = await sampled(instance, source);
    source.value = 'two';
    await source.whenAsked(2);
    await instance.invalidation.tags([`thing:${key.name}`]);
    await instance.cache.delete(key);

    expect(await outcomeOf(instance)).toBe('gone');
    expect(source.asked).toBe(2);
    expect(await instance.invalidation.inconsistencies({ key })).toEqual([]);
  });

  it('that another instance has invalidated by a tag', async () => {
    const [instance, other, source] = [await started({ spotCheckGraceMs: 400 }), await started(), new Source()];
    const key = fresh();
    for (let i = 0; i < 2; i += 1) await instance.cache.getOrLoad(key, source.load, { tags: ['user:1'] });
    source.value = 'two';
    await source.whenAsked(2);
    await other.invalidation.user(1);

    expect(await outcomeOf(instance)).toBe('gone');
  });

  it('whose source has changed back, or was asked at a replica that lags', async () => {
    const [instance, source] = [await started({ spotCheckGraceMs: 400 }), new Source()];
    const { value } = source;
    await sampled(instance, source);
    source.value = 'two';
    await source.whenAsked(2);
    source.value = value;

    expect(await outcomeOf(instance)).toBe('consistent');
    expect(source.asked).toBe(3);
  });

  it('that is invalidated while its source is asked the second time', async () => {
    const [instance, source, answer] = [await started(), new Source(), gate<unknown>()];
    const key = fresh();
    const load = (): unknown => (source.asked < 2 ? source.load() : (source.load(), answer.opened));
    for (let i = 0; i < 2; i += 1) await instance.cache.getOrLoad(key, load);
    source.value = 'two';
    await source.whenAsked(3);
    await instance.cache.delete(key);
    answer.open('two');

    expect(await outcomeOf(instance)).toBe('gone');
  });

  it('whose TTL has ended', async () => {
    const [instance, source, key] = [await started(), new Source(), fresh()];
    for (let i = 0; i < 2; i += 1)
      await instance.cache.getOrLoad(key, source.load, { ttl: 0.15, ttlJitter: 0 } as never);
    source.value = 'two';

    expect(await outcomeOf(instance)).toBe('gone');
  });

  it('that is stale already when it is served', async () => {
    const [instance, source, key] = [await started({ ttlJitter: 0 }), new Source(), fresh()];
    const load = { ttl: 0.02, grace: 60, throttleMs: 60_000 };
    await instance.cache.getOrLoad(key, source.load, load);
    await new Promise((resolve) => setTimeout(resolve, 40));
    const lookup = await instance.cache.lookup(key, () => Promise.reject(new Error('down')), load);
    await new Promise((resolve) => setTimeout(resolve, 150));

    expect(lookup.stale).toBe(true);
    expect(outcomesOf(instance)).toEqual([]);
  });

  it('while Redis is away', async () => {
    const server = await RedisServer.start();
    const [instance, source] = [await started({ redis: { url: server.url } }), new Source()];
    await sampled(instance, source);
    await server.stop();
    source.value = 'two';

    expect(await outcomeOf(instance)).toBe('gone');
    await expect(instance.invalidation.inconsistencies()).rejects.toThrow('Redis');
  });
});

describe('no sample is a loader', () => {
  it.each([
    ['throws', () => Promise.reject(new Error('no'))],
    ['returns undefined', () => undefined],
    ['returns what JSON cannot hold', () => 1n],
    ['says that its value is not to be stored', (context: LoadContext) => (context.skip(), 'two')],
    ['relies on a previous value', (context: LoadContext) => context.notModified()],
  ])('that %s', async (_, load) => {
    const [instance, source, key] = [await started(), new Source(), fresh()];
    await instance.cache.getOrLoad(key, source.load);
    await instance.cache.getOrLoad(key, load);

    expect(await outcomeOf(instance)).toBe('failed');
    expect(await instance.cache.get(key)).toEqual(source.value);
    const { ratio, ...counts } = instance.cache.statistics().templates['thing:{id}']?.spotChecks ?? {};
    expect([ratio, counts]).toEqual([null, { consistent: 0, inconsistent: 0 }]);
  });

  it('of a template that has not asked for spot checks', async () => {
    const [instance, source] = [await started(), new Source()];
    await sampled(instance, source, Unchecked({ id: 1 }));
    await new Promise((resolve) => setTimeout(resolve, 250));

    expect(source.asked).toBe(1);
    expect(outcomesOf(instance)).toEqual([]);
  });
});

describe('a spot check', () => {
  it('asks a loader of many for one', async () => {
    const [instance, source] = [await started(), new Source()];
    const keys = [fresh(), fresh()];
    const asked: number[] = [];
    const loadMissing = (missing: readonly unknown[]): unknown[] => {
      asked.push(missing.length);
      return missing.map(source.load);
    };
    for (let i = 0; i < 2; i += 1) await instance.cache.getOrLoadMany(keys, loadMissing);
    await until(() => outcomesOf(instance).length === 2);

    expect(asked).toEqual([2, 1, 1]);
    expect(outcomesOf(instance)).toEqual(['consistent', 'consistent']);
  });

  it('runs in the async context of the reader that was served', async () => {
    const tenants = new AsyncLocalStorage<string>();
    const [instance, key] = [await started(), fresh()];
    const seen: unknown[] = [];
    const load = (): string => (seen.push(tenants.getStore()), 'one');
    for (let i = 0; i < 2; i += 1) await tenants.run('a', () => instance.cache.getOrLoad(key, load));
    await outcomeOf(instance);

    expect(seen).toEqual(['a', 'a']);
  });

  it('leaves a source alone that has room for one more only', async () => {
    const sources = { warehouse: { maxLoads: 2 } };
    const [instance, source, answer] = [await started({ sources, source: 'warehouse' }), new Source(), gate()];
    await sampled(instance, source);
    const reader = instance.cache.getOrLoad(Unchecked({ id: 'slow' }), () => answer.opened);

    expect(await outcomeOf(instance)).toBe('busy');
    expect(source.asked).toBe(1);
    answer.open();
    await reader;
  });

  it('loads while others do where that leaves them room, and never two at a time', async () => {
    const sources = { warehouse: { maxLoads: 3 } };
    const [instance, source, answer] = [await started({ sources, source: 'warehouse' }), new Source(), gate()];
    const slow = gate<unknown>();
    const [first, second] = [fresh(), fresh()];
    await instance.cache.getOrLoad(first, source.load);
    await instance.cache.getOrLoad(first, () => slow.opened);
    await sampled(instance, source, second);
    const reader = instance.cache.getOrLoad(Unchecked({ id: 'slow' }), () => answer.opened);
    await new Promise((resolve) => setTimeout(resolve, 200));

    expect(outcomesOf(instance)).toEqual([]);
    expect(source.asked).toBe(2);
    slow.open(source.value);
    await until(() => outcomesOf(instance).length === 2);
    expect(outcomesOf(instance)).toEqual(['consistent', 'consistent']);
    answer.open();
    await reader;
  });

  it('has what comes later wait for a loader that hangs, and takes no more than it holds', async () => {
    const [instance, source, answer] = [await started(), new Source(), gate<unknown>()];
    const hanging = fresh();
    await instance.cache.getOrLoad(hanging, source.load);
    await instance.cache.getOrLoad(hanging, () => answer.opened);
    for (let i = 0; i < 20; i += 1) await sampled(instance, source);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(outcomesOf(instance)).toEqual([]);
    answer.open(source.value);
    await until(() => outcomesOf(instance).length === 8);
  });

  it('tells of a template once a minute in the history, and each time in the counts', async () => {
    const [instance, source] = [await started(), new Source()];
    const keys = [await sampled(instance, source), await sampled(instance, source)];
    source.value = 'two';
    await until(() => outcomesOf(instance).length === 2);

    expect(outcomesOf(instance)).toEqual(['inconsistent', 'inconsistent']);
    const found = await instance.invalidation.inconsistencies();
    expect(found.filter(({ key }) => keys.some(({ name }) => name === key))).toHaveLength(1);
  });

  it('has findings that every instance can read, and that invalidate nothing', async () => {
    const [instance, other, source] = [await started(), await started(), new Source()];
    const before = instance.runtime.clock.now();
    const key = await sampled(instance, source);
    await other.cache.set('user:1:kept', 1);
    source.value = 'two';
    await outcomeOf(instance);

    const [found] = await other.invalidation.inconsistencies({ since: before, limit: 1 });
    expect(found?.key).toBe(key.name);
    expect(await other.invalidation.inconsistencies({ since: instance.runtime.clock.now() + 60_000 })).toEqual([]);
    const history = await other.invalidation.history({ since: before });
    expect(history.map(({ name }) => name)).not.toContain(key.name);
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(other.events.filter(({ type }) => type === 'ledger.gap')).toEqual([]);
    expect(await other.cache.get('user:1:kept')).toBe(1);
  });

  it('tells nobody but who asks for the history which key and which value it was', async () => {
    const [instance, source] = [await started(), new Source()];
    source.value = 'secret one';
    const key = await sampled(instance, source, Thing({ id: 'secret' }));
    source.value = 'secret two';

    expect(await outcomeOf(instance)).toBe('inconsistent');
    expect(JSON.stringify([instance.events, instance.cache.statistics()])).not.toContain('secret');
    const found = await instance.invalidation.inconsistencies({ key });
    expect(JSON.stringify(found)).not.toMatch(/secret (one|two)/);
  });

  it('holds few samples of a template, however many hits there are', async () => {
    const [instance, source] = [await started(), new Source()];
    const key = fresh();
    for (let i = 0; i < 1_000; i += 1) await instance.cache.getOrLoad(key, source.load);
    await outcomeOf(instance);
    await new Promise((resolve) => setTimeout(resolve, 100));

    expect(source.asked).toBeLessThanOrEqual(9);
  });

  it('that waits is dropped when the cache is stopped', async () => {
    const [instance, source] = [await started(), new Source()];
    await sampled(instance, source);
    await instance.close();
    await new Promise((resolve) => setTimeout(resolve, 150));

    expect(source.asked).toBe(1);
    expect(outcomesOf(instance)).toEqual([]);
  });

  it('that stops between its looks has no third', async () => {
    const [instance, source] = [await started({ spotCheckGraceMs: 400 }), new Source()];
    await sampled(instance, source);
    source.value = 'two';
    await source.whenAsked(2);
    await instance.close();
    await new Promise((resolve) => setTimeout(resolve, 500));

    expect(source.asked).toBe(2);
    expect(outcomesOf(instance)).toEqual([]);
  });
});

describe('the history of findings', () => {
  it('leaves out what somebody else wrote into the ledger', async () => {
    const instance = await started({ redis: undefined as never });
    const record = { v: 1, origin: 'o', at: 1, tags: [], keys: [], patterns: [] };
    const texts = ['', '{', 'null', '[]', JSON.stringify(record)];
    const foreign = [
      null,
      1,
      {},
      { key: 'k' },
      { key: 'k', template: 't', loadedAt: 1, differsSince: 1, explanation: null },
    ];
    for (const inconsistent of foreign) texts.push(JSON.stringify({ ...record, inconsistent }));
    for (const text of texts) await instance.runtime.ledger.append(text);

    expect(await instance.invalidation.inconsistencies()).toEqual([]);
  });

  it('refuses a limit or a key that breaks its rule', async () => {
    const { invalidation } = await started();
    await expect(invalidation.inconsistencies({ limit: 0 })).rejects.toThrow('limit must be a whole number from 1');
    await expect(invalidation.inconsistencies({ key: 'a b' })).rejects.toThrow('key must be 1 to 256 characters');
  });
});

describe('the share', () => {
  it.each([0.05, 0.3, 1])('of %d is that of the hits that are looked into', async (share) => {
    const HITS = 1_500;
    const clock = new ManualClock();
    const parts = { clock: () => clock, random: () => new SeededRandom(7) };
    const instance = makeCache({ defaultTtl: 86_400 * 366, beta: 0, ttlJitter: 0 }, parts);
    for (let i = 0; i <= HITS; i += 1) {
      await instance.cache.getOrLoad('thing:1', () => 1, { spotCheck: share });
      await clock.advance(2_000);
    }
    await instance.close();

    const { length } = outcomesOf(instance);
    const deviation = Math.sqrt(HITS * share * (1 - share));
    expect(Math.abs(length - HITS * share)).toBeLessThanOrEqual(3 * deviation);
  });

  it.each([-0.1, 1.1, NaN, '1'])('of %s is refused', async (spotCheck) => {
    const { cache } = await started({ redis: undefined as never });
    await expect(cache.getOrLoad('thing:1', () => 1, { spotCheck: spotCheck as never })).rejects.toThrow(
      'spotCheck must be a number from 0 to 1',
    );
  });
});

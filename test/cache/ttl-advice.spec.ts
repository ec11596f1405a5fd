import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type CacheModuleOptions, defineKey, type TemplateAdvice } from '../../src/index.js';
import { SeededRandom } from '../../src/testing/seeded-random.js';
import { startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { type TimeTravel, timeTravel } from '../support/time-travel.js';

const NOTE = 'shadower:e:{#ttl}';
const Watched = defineKey('watched:{id}', { ttl: 60, advice: 'advise' });
const Tagged = defineKey('user:{userId}:watched', { ttl: 60, advice: 'advise' });
/** Long enough that only what a test wants is written. */
const RARELY: CacheModuleOptions = { adviceWindowMs: 3_600_000, ttlJitter: 0 };
const KEYS = 60;

let redis: RedisServer;
let admin: Redis;
let travel: TimeTravel;
const running: TestCache[] = [];

beforeAll(async () => {
  redis = await RedisServer.start();
  admin = new Redis(redis.url, { disableClientInfo: true });
});
beforeEach(() => {
  travel = timeTravel();
});
afterEach(async () => {
  await Promise.all(running.splice(0).map((instance) => instance.close()));
  await admin.flushall();
});
afterAll(async () => {
  admin.disconnect();
  await redis.stop();
});

async function started(options: CacheModuleOptions = {}): Promise<TestCache> {
  const instance = await startCache({ redis: { url: redis.url, commandTimeoutMs: 10_000 }, ...RARELY, ...options });
  running.push(instance);
  return instance;
}

/** Values that change when they are told to, and are read by their number. */
class Values {
  readonly #versions = Array.from({ length: KEYS }, () => 0);

  change(share: number): void {
    for (let id = 0; id < share * KEYS; id += 1) this.#versions[id] = (this.#versions[id] ?? 0) + 1;
  }

  /** Reads every key once. */
  async readBy({ cache }: TestCache, template = Watched): Promise<void> {
    const ids = Array.from({ length: KEYS }, (_, id) => id);
    await Promise.all(ids.map((id) => cache.getOrLoad(template({ id }), () => ({ id, version: this.#versions[id] }))));
  }
}

/** Past the time for which entries live. Trusted again once the ledger was read. */
async function later(seconds: number): Promise<void> {
  travel.forward(1_000 * seconds);
  await until(() => running.every(({ runtime: { view, clock } }) => view.lease.holds(clock.now())));
}

async function adviceOf({ cache }: TestCache): Promise<TemplateAdvice | undefined> {
  const [advice] = await cache.advice();
  return advice;
}

/** What is told where one in five values had changed after 61 seconds. */
function expectShorter({ changesPerSecond, recommended }: TemplateAdvice): void {
  const { rate, low, high } = changesPerSecond ?? { rate: NaN, low: NaN, high: NaN };
  expect(rate).toBeCloseTo(-Math.log(1 - 36 / 180) / 61, 3);
  expect(low).toBeLessThan(0.003_6);
  expect(high).toBeGreaterThan(0.003_8);
  const { ttl, staleShare, loadsSaved } = recommended ?? { ttl: NaN, staleShare: NaN, loadsSaved: NaN };
  expect(ttl).toBeGreaterThan(25);
  expect(ttl).toBeLessThan(32);
  expect(staleShare).toBeCloseTo(0.05, 3);
  expect(loadsSaved).toBeLessThan(-0.9);
}

describe('values that were loaded again', () => {
  it('are nothing where no template asks for advice', async () => {
    const [instance, values] = [await started(), new Values()];
    const Plain = defineKey('plain:{id}', { ttl: 60 });
    await values.readBy(instance, Plain as never);
    await later(61);
    await values.readBy(instance, Plain as never);
    expect(await instance.cache.advice()).toEqual([]);
    await instance.close();
    expect(await admin.exists(NOTE)).toBe(0);
  });

  it.each([
    ['of which Redis has nothing any more', { grace: 0 }],
    ['of which Redis still has the entry', { grace: 3_600 }],
    ['that are read from Redis', { memory: { maxEntries: 0 } }],
    ['that are in memory only', { redis: undefined as never }],
    ['that are in memory only, within their grace', { redis: undefined as never, grace: 3_600 }],
  ] satisfies [string, CacheModuleOptions][])('are compared, %s', async (_, options) => {
    const [instance, values] = [await started(options), new Values()];
    await values.readBy(instance);
    for (let turn = 0; turn < 3; turn += 1) {
      values.change(0.2);
      await later(61);
      await values.readBy(instance);
      // Behind a stale value that was served, loads go on.
      await until(async () => (await adviceOf(instance))?.observations === KEYS * (turn + 1));
    }
    const advice = (await adviceOf(instance)) as TemplateAdvice;
    const asked = { template: 'watched:{id}', declaredTtl: 60, ttl: 60, mode: 'advise', maxStale: 0.05 };
    expect(advice).toMatchObject(asked);
    expect(advice).toMatchObject({ observations: 180, changes: 36, invalidations: 0, moved: [] });
    expect(advice.reason).toMatch(
      /^Values change every 4\.\d+ min without an invalidation: 10 % of the hits are stale/,
    );
    expectShorter(advice);
  });

  it('that loaders say are not modified have not changed', async () => {
    const instance = await started({ grace: 3_600 });
    const read = (): Promise<unknown> =>
      instance.cache.getOrLoad(Watched({ id: 1 }), (context) => (context.previous ? context.notModified() : { n: 1 }));
    await read();
    await later(61);
    await read();
    await until(async () => (await adviceOf(instance))?.observations === 1);
    expect(await adviceOf(instance)).toMatchObject({ changes: 0, invalidations: 0 });
  });

  it.each([
    ['a tag', (instance: TestCache) => instance.invalidation.tags(['user:7'])],
    ['its key', (instance: TestCache) => instance.cache.delete(Tagged({ userId: 7 }))],
    ['a pattern', (instance: TestCache) => instance.cache.clearPattern('user:7:*')],
    ['everything', (instance: TestCache) => instance.invalidation.all()],
    ['a set', (instance: TestCache) => instance.cache.set(Tagged({ userId: 7 }), 'set')],
  ] as const)('after an invalidation by %s of another instance are no news', async (_, invalidate) => {
    const [reader, other] = [await started({ coherenceWindowMs: 100 }), await started()];
    let value = 1;
    const read = (instance: TestCache): Promise<unknown> =>
      instance.cache.getOrLoad(Tagged({ userId: 7 }), () => value);
    await read(reader);
    value = 2;
    await invalidate(other);
    const position = other.runtime.ledgerPosition();
    await until(() => (reader.runtime.ledgerPosition() ?? '') >= (position ?? ''));
    // Loaded by another meanwhile, so that its first reader finds it cached.
    await read(other);
    await read(reader);
    await later(61);
    await read(reader);
    await until(async () => ((await adviceOf(reader))?.invalidations ?? 0) > 0);
    expect(await adviceOf(reader)).toMatchObject({ observations: 0, changes: 0, invalidations: 1, recommended: null });
  });
});

describe('advice of several instances', () => {
  it('is one, is kept in Redis, and outlives them', async () => {
    const [one, two, values] = [await started(), await started(), new Values()];
    await values.readBy(one);
    await later(61);
    await values.readBy(two);
    await later(61);
    await values.readBy(one);
    expect(await adviceOf(two)).toBeUndefined();
    await one.close();
    expect(await adviceOf(two)).toMatchObject({ observations: 60, changes: 0 });
    const text = (await admin.get(NOTE)) ?? '';
    expect(text).not.toContain('watched:1');
    expect(await admin.pttl(NOTE)).toBeGreaterThan(6 * 86_400_000);
  });

  it('goes on while Redis is away, with what is known', async () => {
    const [instance, values] = [await started(), new Values()];
    await values.readBy(instance);
    await later(61);
    await values.readBy(instance);
    await redis.kill();
    expect(await adviceOf(instance)).toMatchObject({ observations: 60 });
    await redis.restart();
  });
});

describe('a TTL that moves', () => {
  const LONGEST_MS = 20_000;
  const bounds = { minTtl: 0.2, maxTtl: 1.2 };
  const Moving = defineKey('moving:{id}', { ttl: 0.4, advice: { auto: bounds }, maxStale: 0.05 });

  /** Reads keys all the time until that TTL is in force; each value changes after times of this mean, in seconds. */
  async function readUntil(
    isReached: (ttl: number) => boolean,
    changesEvery: number,
    instances: readonly TestCache[],
  ): Promise<void> {
    const inForce = (): number => (instances[0]?.runtime.advice.moving[0]?.ttl ?? 400) / 1_000;
    const random = new SeededRandom(9);
    const changes = Array.from({ length: 100 }, () => ({ version: 0, next: drawn() }));
    const start = Date.now();
    function drawn(): number {
      return Date.now() - 1_000 * changesEvery * Math.log1p(-random.fraction());
    }
    const versionOf = (id: number): number => {
      const change = changes[id] as (typeof changes)[number];
      while (change.next < Date.now()) {
        change.version += 1;
        change.next -= 1_000 * changesEvery * Math.log1p(-random.fraction());
      }
      return change.version;
    };
    while (!isReached(inForce()) && Date.now() - start < LONGEST_MS)
      for (const { cache } of instances) {
        const ids = changes.map((__, id) => id);
        await Promise.all(ids.map((id) => cache.getOrLoad(Moving({ id }), () => versionOf(id))));
        await new Promise((resolve) => setTimeout(resolve, 5));
      }
  }

  it('comes near the best one, by small steps that all instances follow and tell', async () => {
    const options = { adviceWindowMs: 100, ttlJitter: 0 };
    const instances = [await started(options), await started(options)];
    // At which 5 % of the hits are stale with a TTL of 0.83 s.
    await readUntil((ttl) => ttl > 0.75, 8, instances);
    await Promise.all(instances.map(({ cache }) => cache.advice()));
    const told = await Promise.all(instances.map(adviceOf));
    expect(told[0]?.ttl).toBe(told[1]?.ttl);
    expect(told[0]?.ttl).toBeGreaterThan(0.83 / 1.3);
    expect(told[0]?.ttl).toBeLessThanOrEqual(1.2);
    const steps = instances.flatMap(({ events }) => events.filter((event) => event.type === 'ttl.changed'));
    expect(steps.length).toBeGreaterThan(5);
    for (const { from, to, label, reason } of steps) {
      expect([label, reason.length > 20]).toEqual(['moving:{id}', true]);
      expect(Math.abs(to / from - 1)).toBeLessThanOrEqual(0.100_001);
    }
    expect(told[0]?.moved.length).toBe(Math.min(20, steps.length));
    expect(told[0]?.moved.at(-1)?.to).toBe(told[0]?.ttl);
  });

  it.each([
    ['above', 1_000, 1.2],
    ['below', 0.4, 0.2],
  ])('stays inside its bounds where the best one is %s', async (_, changesEvery, bound) => {
    const instance = await started({ adviceWindowMs: 100, ttlJitter: 0 });
    await readUntil((ttl) => Math.abs(ttl - bound) < 1e-6, changesEvery, [instance]);
    const [{ ttl, moved } = { ttl: NaN, moved: [] }] = await instance.cache.advice();
    expect(ttl).toBeCloseTo(bound, 6);
    for (const { to } of moved) expect(to >= bounds.minTtl && to <= bounds.maxTtl).toBe(true);
    const { ttl: left } = await instance.cache.lookup(Moving({ id: 5_000 }), () => 1);
    expect(left).toBeGreaterThan(bound - 0.1);
    expect(left).toBeLessThanOrEqual(bound);
  });
});

import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  type CacheModuleOptions,
  defineTimeSeries,
  InvalidOptionError,
  InvalidPointsError,
  mergers,
  type RangePoint,
  type RangeSpan,
  TooManyBucketsError,
} from '../../src/index.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { gate, startCache, type TestCache } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

const HOUR = 3_600_000;
const NINE = Date.parse('2026-11-23T09:00:00Z');
const NOON = NINE + 3 * HOUR;

const ByHour = defineTimeSeries({
  ...{ template: 'metric:{metric}', bucket: 'hour', merge: mergers.sum(), maxBuckets: 100 },
  ...{ closedTtl: 86_400, tailTtl: 10, lateness: 60, hardTimeoutMs: 100_000 },
});
const OfUser = defineTimeSeries({ template: 'metric:{metric}:user:{userId}', bucket: 'day', merge: mergers.sum() });
const OPTIONS: CacheModuleOptions = { timeSeries: [ByHour, OfUser], ttlJitter: 0, invalidationSpacingMs: 0 };
const CPU = { metric: 'cpu' };

/** A source of facts, each with its time, that tells what it was asked for. */
class Source {
  readonly facts: { at: number; value: number }[] = [];
  readonly asked: string[] = [];

  readonly load = (span: RangeSpan): RangePoint<number>[] => {
    this.asked.push(`${told(span.from)}-${told(span.to)}`);
    return this.facts.filter(({ at }) => at >= span.from && at < span.to);
  };

  /** What was asked since the last time. */
  news(): string[] {
    return this.asked.splice(0);
  }
}

function told(at: number): string {
  return new Date(at).toISOString().slice(11, 19).replace(/:00$/, '');
}

const caches: TestCache[] = [];
async function started(options: CacheModuleOptions = OPTIONS, clock?: ManualClock): Promise<TestCache> {
  const cache = await startCache(options, clock && { clock: () => clock });
  caches.push(cache);
  return cache;
}
afterEach(async () => {
  await Promise.all(caches.splice(0).map((cache) => cache.close()));
});

describe('a range of closed buckets', () => {
  it('is one question for neighbours, then none, and one for each gap', async () => {
    const { cache, invalidation } = await started(OPTIONS, new ManualClock(NOON));
    const source = new Source();
    source.facts.push({ at: NINE, value: 1 }, { at: NINE + 5, value: 2 }, { at: NINE + 2 * HOUR - 1, value: 4 });
    const ask = () => cache.getRange(ByHour, CPU, { from: NINE - 3 * HOUR, to: NINE + 2 * HOUR }, source.load);

    const { value, parts } = await ask();
    expect(value).toBe(7);
    expect(parts.map((part) => part.value)).toEqual([0, 0, 0, 3, 4]);
    expect(source.news()).toEqual(['06:00-11:00']);
    expect((await ask()).value).toBe(7);
    expect(source.news()).toEqual([]);

    for (const at of [NINE - 3 * HOUR, NINE - HOUR, NINE])
      await invalidation.metric('cpu', { span: { from: at, to: at + HOUR - 1 } });
    expect((await ask()).value).toBe(7);
    expect(source.news()).toEqual(['06:00-07:00', '08:00-10:00']);
  });

  it('shares its buckets with other ranges, whose ends inside of a bucket are asked for by themselves', async () => {
    const { cache } = await started(OPTIONS, new ManualClock(NOON));
    const source = new Source();
    source.facts.push(...Array.from({ length: 12 }, (_, i) => ({ at: NINE - HOUR + i * HOUR * 0.25, value: 2 ** i })));
    const ask = async (from: number, to: number): Promise<number> =>
      (await cache.getRange(ByHour, CPU, { from: new Date(from), to: new Date(to).toISOString() }, source.load)).value;
    const expected = (from: number, to: number): number =>
      source.facts.reduce((sum, { at, value }) => (at >= from && at < to ? sum + value : sum), 0);

    await ask(NINE - HOUR, NINE + 2 * HOUR);
    source.news();
    const [from, to] = [NINE - HOUR / 2, NINE + HOUR * 1.5];
    expect(await ask(from, to)).toBe(expected(from, to));
    expect(source.news()).toEqual(['08:30-09:00', '10:00-10:30']);
    expect(await ask(from, to)).toBe(expected(from, to));
    expect(source.news()).toEqual([]);
    expect(await ask(NINE + 60_000, NINE + 120_000)).toBe(0);
    expect(source.news()).toEqual(['09:01-09:02']);
    expect(await ask(NINE, NINE)).toBe(0);
    expect(source.news()).toEqual([]);
  });

  it('is not asked for again before a day has passed, stale or nearly so', async () => {
    const clock = new ManualClock(NOON);
    const { cache } = await started({ ...OPTIONS, grace: 3600, beta: 100, refreshAhead: 0.1 }, clock);
    const source = new Source();
    const ask = () => cache.getRange(ByHour, CPU, { from: NINE, to: NINE + HOUR }, source.load);
    await ask();
    await clock.advance(86_399_000);
    await ask();
    expect(source.news()).toHaveLength(1);
    await clock.advance(1_001);
    await ask();
    expect(source.news()).toHaveLength(1);
  });
});

describe('the tail', () => {
  it('is asked for every ten seconds, and the buckets before it never', async () => {
    const clock = new ManualClock(NOON + 600_000);
    const { cache } = await started(OPTIONS, clock);
    const source = new Source();
    const ask = () => cache.getRange(ByHour, CPU, { from: NINE, to: clock.now() }, source.load);
    await ask();
    expect(source.news()).toEqual(['09:00-12:10']);
    await clock.advance(9_000);
    await ask();
    expect(source.news()).toEqual([]);
    await clock.advance(1_500);
    source.facts.push({ at: clock.now() - 1, value: 5 });
    expect((await ask()).value).toBe(5);
    expect(source.news()).toEqual(['12:00-12:10:10']);
  });

  it('is not what a range that ended a while ago gets', async () => {
    const clock = new ManualClock(NOON + 1_800_000);
    const { cache } = await started(OPTIONS, clock);
    const source = new Source();
    source.facts.push({ at: NOON, value: 1 }, { at: NOON + 1_200_000, value: 2 });
    const ask = async (to: number): Promise<number> =>
      (await cache.getRange(ByHour, CPU, { from: NOON, to }, source.load)).value;
    expect(await ask(clock.now())).toBe(3);
    expect(await ask(NOON + 600_000)).toBe(1);
    expect(await ask(clock.now())).toBe(3);
  });

  it('that closes while it is loaded lives as short as one that does not', async () => {
    const clock = new ManualClock(NOON - 1_000);
    const { cache } = await started(OPTIONS, clock);
    const held = gate<RangePoint<number>[]>();
    const first = cache.getRange(ByHour, CPU, { from: NOON - HOUR, to: clock.now() }, () => held.opened);
    await clock.advance(70_000);
    held.open([{ at: NOON - HOUR, value: 1 }]);
    expect((await first).value).toBe(1);

    await clock.advance(10_001);
    const source = new Source();
    source.facts.push({ at: NOON - HOUR, value: 1 }, { at: NOON - 500, value: 2 });
    const { value } = await cache.getRange(ByHour, CPU, { from: NOON - HOUR, to: NOON }, source.load);
    expect(value).toBe(3);
  });

  it('counts as closed only after the lateness: until then what arrives late is seen by itself', async () => {
    const clock = new ManualClock(NOON + 59_000);
    const { cache } = await started(OPTIONS, clock);
    const source = new Source();
    const ask = async (): Promise<number> =>
      (await cache.getRange(ByHour, CPU, { from: NOON - HOUR, to: NOON }, source.load)).value;
    await ask();
    source.facts.push({ at: NOON - 1, value: 1 });
    await clock.advance(10_001);
    expect(await ask()).toBe(1);
    source.facts.push({ at: NOON - 1, value: 1 });
    await clock.advance(3_600_000);
    expect(await ask(), 'closed, and nobody told').toBe(1);
  });

  it('ahead of the clock is loaded and not kept', async () => {
    const { cache } = await started(OPTIONS, new ManualClock(NOON));
    const source = new Source();
    const ask = () => cache.getRange(ByHour, CPU, { from: NOON, to: NOON + 3 * HOUR }, source.load);
    await ask();
    await ask();
    expect(source.news()).toEqual(['12:00-15:00', '13:00-15:00']);
  });
});

describe('an invalidation', () => {
  const loaded = async (options = OPTIONS) => {
    const instance = await started(options, new ManualClock(NOON));
    const source = new Source();
    const ask = () => instance.cache.getRange(ByHour, CPU, { from: NINE, to: NOON - HOUR }, source.load);
    const askUser = () =>
      instance.cache.getRange(OfUser, { ...CPU, userId: '1' }, { from: 0, to: 2 * 24 * HOUR }, source.load);
    await ask();
    await askUser();
    source.news();
    const after = async (change: Promise<unknown>): Promise<string[]> => {
      await change;
      await ask();
      await askUser();
      return source.news();
    };
    return { ...instance, after };
  };

  it.each([
    ['of a moment', { from: NINE + 5, to: NINE + 5 }, ['09:00-10:00']],
    ['across an end', { from: NINE + HOUR - 1, to: NINE + HOUR }, ['09:00-11:00']],
    ['told backwards', { from: NINE + 9, to: NINE + 5 }, ['09:00-10:00']],
    ['with a beginning only', { from: NINE + HOUR }, ['10:00-11:00']],
    ['with an end only', { to: 5 }, ['09:00-11:00', '00:00-00:00']],
    ['of another time', { from: NOON, to: NOON + HOUR }, []],
    ['of no time', {}, ['09:00-11:00', '00:00-00:00']],
  ])('%s takes what it touches', async (_, span, expected) => {
    const { invalidation, after } = await loaded();
    expect(await after(invalidation.metric('cpu', { span }))).toEqual(expected);
  });

  it('by tag, of a user, and of everything takes all that carries it; of another metric nothing', async () => {
    const { invalidation, after } = await loaded();
    expect(await after(invalidation.tags(['metric:cpu']))).toHaveLength(2);
    expect(await after(invalidation.user('1'))).toEqual(['00:00-00:00']);
    expect(await after(invalidation.all())).toHaveLength(2);
    expect(await after(invalidation.metric('ram'))).toEqual([]);
  });

  it('can delete a bucket by its key, and counts buckets in a dry run', async () => {
    const { cache, invalidation, after } = await loaded();
    const key = ByHour.buckets({ ...CPU, bucket: '2026-11-23T09' });
    expect(await cache.get(key.name)).toBe(0);
    expect((await invalidation.metric('cpu', { dryRun: true })).blastRadius?.entries).toBe(4);
    const { blastRadius } = await invalidation.metric('cpu', { dryRun: true, span: { from: NINE, to: NINE } });
    expect(blastRadius?.entries).toBe(1);
    expect(await after(cache.delete(key))).toEqual(['09:00-10:00']);
  });
});

describe('a value that is made of a range', () => {
  it('goes with every change of the series', async () => {
    const { cache, invalidation } = await started(OPTIONS, new ManualClock(NOON));
    const source = new Source();
    const answer = () =>
      cache.getOrLoad('metric:cpu:answer', async () => {
        return (await cache.getRange(ByHour, CPU, { from: NINE, to: NOON - HOUR }, source.load)).value;
      });
    expect(await answer()).toBe(0);
    source.facts.push({ at: NINE, value: 3 });
    await invalidation.metric('cpu', { span: { from: NINE, to: NINE } });
    expect(await answer()).toBe(3);
    expect(source.asked).toEqual(['09:00-11:00', '09:00-10:00']);
  });
});

describe('a mistake', () => {
  it.each([
    ['a series that is not listed', { ...ByHour }, { from: 1, to: 2 }, InvalidOptionError],
    ['an end before the beginning', ByHour, { from: 2, to: 1 }, InvalidOptionError],
    ['a time without an offset', ByHour, { from: '2026-01-01T00:00:00', to: 1 }, InvalidOptionError],
    ['a time without an end', ByHour, { from: 0, to: Infinity }, InvalidOptionError],
    ['more buckets than allowed', ByHour, { from: 0, to: 101 * HOUR }, TooManyBucketsError],
  ])('such as %s is told', async (_, series, range, error) => {
    const { cache } = await started();
    await expect(cache.getRange(series, CPU, range, () => [])).rejects.toThrow(error);
  });

  it.each([
    ['no list', null],
    ['a point elsewhere', [{ at: NINE - 1, value: 1 }]],
  ])('of a loader, %s, is told and nothing stored', async (_, points) => {
    const { cache } = await started(OPTIONS, new ManualClock(NOON));
    const ask = (load: () => never) => cache.getRange(ByHour, CPU, { from: NINE, to: NINE + HOUR }, load);
    await expect(ask(() => points as never)).rejects.toThrow(InvalidPointsError);
    expect((await ask(() => [{ at: NINE, value: 1 }] as never)).value).toBe(1);
  });

  it.each([
    [{ template: 'site:{id}' }, 'tags must be given where the template names no metric'],
    [{ merge: {} }, 'merge must be a merger, such as mergers.sum()'],
    [{ closedTtl: 0 }, 'closedTtl must be a number'],
    [{ lateness: -1 }, 'lateness must be a number'],
    [{ maxBuckets: 0 }, 'maxBuckets must be a whole number'],
  ])('of a declaration, %j, is told', (options, message) => {
    const declared = { template: 'metric:{metric}', bucket: 'hour', merge: mergers.sum(), ...options } as never;
    expect(() => defineTimeSeries(declared)).toThrow(message);
  });
});

describe('late data on two instances', () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  /** Of closed hours of real time. */
  const from = Math.floor(Date.now() / HOUR) * HOUR - 10 * HOUR;
  const range = { from, to: from + 3 * HOUR };
  const options = (): CacheModuleOptions => ({ ...OPTIONS, redis: { url: redis.url } });

  it('that arrives while a bucket is loaded is in the next answer: what was loaded is not kept', async () => {
    const [a, b] = [await started(options()), await started(options())];
    const held = gate<RangePoint<number>[]>();
    const begun = gate();
    const first = a.cache.getRange(ByHour, { metric: 'late' }, range, () => {
      begun.open();
      return held.opened;
    });
    await begun.opened;
    await b.invalidation.metric('late', { span: { from: from + HOUR, to: from + HOUR } });
    held.open([{ at: from, value: 1 }]);
    expect((await first).value).toBe(1);

    const source = new Source();
    source.facts.push({ at: from, value: 1 }, { at: from + HOUR, value: 2 });
    for (const { cache } of [a, b])
      expect(
        (await cache.getRange(ByHour, { metric: 'late' }, { ...range, consistency: 'strict' }, source.load)).value,
      ).toBe(3);
    expect(source.asked).toEqual([`${told(from + HOUR)}-${told(from + 2 * HOUR)}`]);
  });

  it('is in every answer that is made of the range afterwards, whatever memory has', async () => {
    const [a, b] = [await started(options()), await started(options())];
    const source = new Source();
    const answer = () =>
      a.cache.getOrLoad(
        'metric:strict:answer',
        async () => (await a.cache.getRange(ByHour, { metric: 'strict' }, range, source.load)).value,
        { consistency: 'strict' },
      );
    for (let i = 1; i <= 20; i++) {
      source.facts.push({ at: from, value: 1 });
      await b.invalidation.metric('strict', { span: { from, to: from } });
      expect(await answer()).toBe(i);
      const { tags } = await a.cache.explain('metric:strict:answer');
      expect(tags.map(({ tag }) => tag).filter((tag) => tag !== '*')).toEqual(['metric:strict']);
      // Into the memory of a.
      await a.cache.getRange(ByHour, { metric: 'strict' }, range, source.load);
    }
  });

  it('is loaded once for all who ask at once', async () => {
    const [a, b] = [await started(options()), await started(options())];
    const source = new Source();
    const asks = [a, b, a, b, a].map(({ cache }) => cache.getRange(ByHour, { metric: 'crowd' }, range, source.load));
    await Promise.all(asks);
    // Each instance may get some of the leases, and then asks for its own part.
    expect(source.asked.length).toBeLessThanOrEqual(3);
  });
});

import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CacheModuleOptions } from '../../src/cache/cache-options.js';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import type { LeaseAnswer } from '../../src/stores/contracts.js';
import { RedisStore } from '../../src/stores/redis/redis-store.js';
import { FaultyStore } from '../../src/testing/faulty-store.js';
import { gate, startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

/* Interleavings with a Redis that serves some commands and not others, each once a fault. */

let redis: RedisServer;
let open: TestCache[];

beforeEach(async () => {
  redis = await RedisServer.start();
  open = [];
});

afterEach(async () => {
  redis.resume();
  await Promise.all(open.map((instance) => instance.close()));
  await redis.stop();
});

async function started(options: CacheModuleOptions = {}): Promise<TestCache & { readonly faults: FaultyStore }> {
  let faults!: FaultyStore;
  const instance = await startCache(
    { redis: { url: redis.url }, ttlJitter: 0, ...options },
    { store: (...parts) => (faults = new FaultyStore(new RedisStore(...parts))) },
  );
  open.push(instance);
  return Object.assign(instance, { faults });
}

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const STALE = { ttl: 1, grace: 100, beta: 0 };

async function fillUp({ runtime }: Pick<TestCache, 'runtime'>): Promise<void> {
  await runtime.connection?.client.config('SET', 'maxmemory-policy', 'noeviction');
  await runtime.connection?.client.config('SET', 'maxmemory', '1');
}

describe('a Redis that is full', () => {
  it('goes on acknowledging invalidations, and no other process stops reading', async () => {
    const [a, b] = [await started(), await started()];
    await a.cache.getOrLoad('agent:7:stats', () => 'kept', { ttl: 600 });
    await fillUp(a);
    for (let i = 0; i < 8; i++) {
      expect(await a.invalidation.user(i)).toMatchObject({ acknowledged: true });
      await pause(150);
    }
    expect(b.runtime.circuits.states).toMatchObject({ read: 'closed', invalidation: 'closed' });
    expect(await b.invalidation.user('9')).toMatchObject({ acknowledged: true });
    expect(await b.cache.lookup('agent:7:stats', () => 'loaded')).toMatchObject({ value: 'kept' });
  });

  it('has a value that is due loaded once, not at every hit', async () => {
    const { cache, runtime } = await started();
    let loads = 0;
    const options = { ttl: 100, refreshAhead: 0.01 };
    const load = (): number => (loads += 1);
    await cache.getOrLoad('k', load, options);
    await fillUp({ runtime });
    await pause(1_050);
    for (let i = 0; i < 100; i++) await cache.getOrLoad('k', load, options);
    expect(loads).toBeLessThan(5);
  });
});

describe('a value that has grown too large to be stored', () => {
  it('is loaded once per throttle time, not at every stale hit', async () => {
    const { cache } = await started({ maxEntryBytes: 2_000 });
    await cache.getOrLoad('k', () => 'small', STALE);
    await pause(1_050);
    let loads = 0;
    const load = (): string => {
      loads += 1;
      return 'x'.repeat(5_000);
    };
    for (let i = 0; i < 50; i++) {
      expect(await cache.getOrLoad('k', load, STALE)).toBe('small');
      await pause(2);
    }
    expect(loads).toBe(1);
  });
});

describe('the circuit of invalidations', () => {
  it('opens when all that tags need fails', async () => {
    const { invalidation, faults, runtime } = await started({ redis: { url: redis.url, circuit: { failures: 3 } } });
    faults.failNext('change', 'timeout', 3);
    for (let i = 0; i < 3; i++) void invalidation.tags([`t${i}`]);
    await until(() => runtime.circuits.states.invalidation === 'open');
  });

  it('closes with the first invalidation that Redis takes', async () => {
    const { cache, invalidation, faults, runtime } = await started({
      redis: { url: redis.url, circuit: { failures: 1, probeMs: 100 } },
    });
    faults.failNext('release', 'timeout', 1);
    await expect(cache.getOrLoad('k', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    await until(() => runtime.circuits.states.invalidation === 'open');
    await until(() => runtime.circuits.isPassable('invalidation'));
    expect(await invalidation.tags(['t'])).toMatchObject({ acknowledged: true });
    expect(runtime.circuits.states.invalidation).toBe('closed');
  });
});

describe('a reply that cannot be read', () => {
  it('reaches no reader as an error, and loses no invalidation', async () => {
    const broken = new Set<string>();
    class Garbled extends RedisStore {
      override fetch(...request: Parameters<RedisStore['fetch']>): ReturnType<RedisStore['fetch']> {
        if (broken.has('fetch')) return Promise.reject(new TypeError('values.slice is not a function'));
        return super.fetch(...request);
      }

      override change(...request: Parameters<RedisStore['change']>): ReturnType<RedisStore['change']> {
        if (broken.has('change')) return Promise.reject(new TypeError('reply is not iterable'));
        return super.change(...request);
      }
    }
    const a = await startCache({ redis: { url: redis.url } }, { store: (...parts) => new Garbled(...parts) });
    open.push(a);
    const b = await started();
    await b.cache.set('user:1:profile', 'old');
    broken.add('fetch').add('change');
    expect(await a.cache.lookup('k', () => 'loaded')).toMatchObject({ value: 'loaded', reason: 'degraded' });
    expect(await a.cache.get('k')).toBeNull();
    expect(await a.invalidation.user('1')).toMatchObject({ acknowledged: false });
    broken.clear();
    await until(() => a.runtime.invalidator.queued === 0);
    expect(await b.cache.get('user:1:profile', { consistency: 'strict' })).toBeNull();
  });
});

describe('a stale value in Redis', () => {
  it('is served although its reader would wait for the new one longer than for any', async () => {
    const { cache } = await started({ memory: { maxEntries: 0 } });
    await cache.getOrLoad('k', () => 'old', STALE);
    await pause(1_050);
    const options = { ...STALE, softTimeoutMs: 300, hardTimeoutMs: 150 };
    const found = await cache.lookup('k', () => pause(600).then(() => 'new'), options);
    expect(found).toMatchObject({ value: 'old', reason: 'slow' });
  });
});

describe('a Redis that lost everything', () => {
  it('is told as evicted, not as invalidated', async () => {
    const { cache, runtime, events } = await started();
    await cache.getOrLoad('k', () => 'kept');
    await runtime.connection?.client.flushall();
    await until(() => events.some(({ type }) => type === 'ledger.gap'));
    expect(await cache.lookup('k', () => 'again')).toMatchObject({ value: 'again', reason: 'evicted' });
  });
});

describe('a reader without a value beside a refresh', () => {
  it('waits for its turn although the refresh found no room', async () => {
    const { cache, faults } = await started({ sources: { warehouse: { maxLoads: 1, maxWaitMs: 5_000 } } });
    const options = { ...STALE, source: 'warehouse' };
    await cache.getOrLoad('k', () => 'old', options);
    await pause(1_050);
    faults.delayNext('acquire', 150, 1);
    expect(await cache.getOrLoad('k', () => 'refreshed', options)).toBe('old');
    await pause(10);
    const slow = gate<string>();
    const other = cache.getOrLoad('other', () => slow.opened, { source: 'warehouse' });
    await pause(20);
    const cold = cache.getOrLoad('k', () => 'loaded', { ...options, grace: 0 });
    setTimeout(() => {
      slow.open('value');
    }, 400);
    expect(await cold).toMatch(/loaded|refreshed/);
    await other;
  });

  it('waits for one command deadline when Redis is frozen, not for two', async () => {
    const { cache } = await started({ redis: { url: redis.url, commandTimeoutMs: 500 } });
    await cache.getOrLoad('k', () => 'old', STALE);
    await pause(1_050);
    redis.freeze();
    await cache.getOrLoad('k', () => 'refreshed', STALE);
    const start = performance.now();
    await cache.getOrLoad('k', () => 'loaded', { ...STALE, tags: ['another'] });
    expect(performance.now() - start).toBeLessThan(900);
  });

  it('waits no longer when it reads strictly', async () => {
    const { cache } = await started({ redis: { url: redis.url, commandTimeoutMs: 500 } });
    redis.freeze();
    const first = cache.getOrLoad('k', () => pause(100).then(() => 1));
    await pause(50);
    const start = performance.now();
    await cache.getOrLoad('k', () => 2, { consistency: 'strict' });
    expect(performance.now() - start).toBeLessThan(900);
    await first;
  });
});

describe('entries that somebody spoils faster than they are read', () => {
  it('keep no reader: the key is loaded without a lease', async () => {
    let spoilt = 0;
    const spoiling = (...parts: ConstructorParameters<typeof RedisStore>): RedisStore =>
      new (class extends RedisStore {
        override acquire(): Promise<LeaseAnswer> {
          const loadedAt = Date.now() + ++spoilt;
          const times = { loadedAt, freshUntil: loadedAt + 60_000, keepUntil: loadedAt + 60_000, loadTook: 1 };
          const bytes = encodeEnvelope({ key: 'another:key', version: 1, stamps: [], ...times }, '"theirs"');
          return Promise.resolve({ kind: 'found', bytes });
        }
      })(...parts);
    const instance = await startCache({ redis: { url: redis.url } }, { store: spoiling });
    open.push(instance);

    expect(await instance.cache.lookup('agent:7:stats', () => 'ours')).toMatchObject({ value: 'ours', stored: false });
    expect(spoilt).toBeLessThan(10);
  });
});

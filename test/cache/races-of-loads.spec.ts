import { afterEach, describe, expect, it } from 'vitest';
import type { CacheModuleOptions } from '../../src/cache/cache-options.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { gate, startCache, type TestCache } from '../support/caches.js';

/* Interleavings that a review has found, each once a fault. In memory, on a clock that is moved by hand. */

const STALE = { ttl: 10, grace: 100 };
let instance: TestCache;
let clock: ManualClock;

async function started(options: CacheModuleOptions = {}): Promise<TestCache['cache']> {
  clock = new ManualClock();
  instance = await startCache({ ttlJitter: 0, ...options }, { clock: () => clock });
  return instance.cache;
}

afterEach(async () => {
  const closing = instance.close();
  await clock.advance(5_000);
  await closing;
});

describe('a value in memory', () => {
  it('is not served to a call that names a tag it does not carry', async () => {
    const cache = await started();
    await cache.getOrLoad('k', () => 'first', { tags: ['x'] });
    await cache.getOrLoad('k', () => 'second', { tags: ['y'] });
    const invalidating = instance.invalidation.tags(['y']);
    await clock.advance(20);
    await invalidating;

    expect(await cache.getOrLoad('k', () => 'third', { tags: ['y'] })).toBe('third');
  });

  it('that was set stays when a refresh begun before learns that there was none', async () => {
    const cache = await started();
    await cache.getOrLoad('k', () => 'old', STALE);
    await clock.advance(11_000);
    const asked = gate<string>();
    expect(await cache.getOrLoad('k', () => asked.opened, STALE)).toBe('old');
    expect(await cache.set('k', 'newer', STALE)).toBe(true);

    asked.fail(Object.assign(new Error('gone'), { status: 404 }));
    await clock.advance(1);

    expect(await cache.get('k')).toBe('newer');
  });
});

describe('a caller that has stopped waiting', () => {
  it('has no load begun for it afterwards', async () => {
    const cache = await started();
    const slow = gate<string>();
    const first = cache.getOrLoad('k', () => slow.opened);
    await clock.advance(1);
    const deleting = cache.delete('k');
    await clock.advance(100);
    await deleting;
    let loads = 0;
    const load = (): number => (loads += 1);
    const late = cache.getOrLoad('k', load, { hardTimeoutMs: 50 }).catch((error: unknown) => (error as Error).name);
    await clock.advance(60);
    expect(await late).toBe('LoadTimeoutError');

    slow.open('value');
    await first;
    await clock.advance(10);

    expect(loads).toBe(0);
  });
});

describe('a batch of stale keys', () => {
  it('is refreshed behind in one call', async () => {
    const cache = await started({ sources: { warehouse: { maxLoads: 2 } } });
    const keys = Array.from({ length: 50 }, (_, i) => `k${i}`);
    const calls: number[] = [];
    const load = (missing: readonly unknown[]): string[] => {
      calls.push(missing.length);
      return missing.map(String);
    };
    const options = { ...STALE, source: 'warehouse' };
    const cold = cache.getOrLoadMany(keys, load, options);
    await clock.advance(20);
    await cold;
    await clock.advance(11_000);

    const stale = cache.getOrLoadMany(keys, load, options);
    await clock.advance(50);
    await stale;

    expect(calls).toEqual([50, 50]);
  });

  it('that its source has no room for is told as rejected, not as failed', async () => {
    const cache = await started({ sources: { warehouse: { maxLoads: 1, maxWaitMs: 100 } } });
    const slow = gate<string>();
    const first = cache.getOrLoad('a', () => slow.opened, { source: 'warehouse' });
    await clock.advance(1);
    const batch = cache.getOrLoadMany(['b', 'c'], (missing) => missing.map(String), { source: 'warehouse' });
    const refused = batch.catch((error: unknown) => (error as Error).name);
    await clock.advance(500);

    expect(await refused).toBe('LoadRejectedError');
    slow.open('value');
    await first;
    const told = instance.events.flatMap((event) => (/^load|^operation/.test(event.type) ? event.type : []));
    expect(told.filter((type) => type === 'load.rejected')).toHaveLength(2);
    expect(told.filter((type) => type === 'operation.ended')).toHaveLength(2);
  });
});

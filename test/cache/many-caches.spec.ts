import { afterEach, describe, expect, it } from 'vitest';
import { startCache, type TestCache } from '../support/caches.js';

const LATE = { lateTags: true };
const running: TestCache[] = [];
async function memoryOnly(): Promise<TestCache> {
  const instance = await startCache({ prefix: `test:${running.length}` });
  running.push(instance);
  return instance;
}

/** What an `await` costs here and now, in nanoseconds: the least of some turns. */
async function costOfAwait(): Promise<number> {
  const awaits = 20_000;
  let least = Infinity;
  for (let turn = 0; turn < 15; turn++) {
    const begunAt = process.hrtime.bigint();
    for (let i = 0; i < awaits; i++) await Promise.resolve();
    least = Math.min(least, Number(process.hrtime.bigint() - begunAt) / awaits);
  }
  return least;
}

describe('many caches in one process', () => {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((instance) => instance.close()));
  });

  it('do not slow whatever else the process awaits, as one does not', async () => {
    const { cache } = await memoryOnly();
    await cache.getOrLoad('k', () => 1);
    const withOne = await costOfAwait();
    for (let i = 0; i < 100; i++) await (await memoryOnly()).cache.getOrLoad('k', () => 1);
    expect(await costOfAwait()).toBeLessThan(3 * withOne);
  });

  it('each know their own load, from within a load of another', async () => {
    const [a, b] = [await memoryOnly(), await memoryOnly()];
    const inner = (): string => {
      a.cache.dependsOn('of-a');
      b.cache.dependsOn('of-b');
      return 'loaded';
    };
    await a.cache.getOrLoad('outer', () => b.cache.getOrLoad('inner', inner, LATE), LATE);
    expect([await a.cache.exists('outer'), await b.cache.exists('inner')]).toEqual([true, true]);

    await b.invalidation.tags(['of-a']);
    expect(await b.cache.exists('inner')).toBe(true);
    await a.invalidation.tags(['of-b']);
    expect(await a.cache.exists('outer')).toBe(true);
    await a.invalidation.tags(['of-a']);
    await b.invalidation.tags(['of-b']);
    expect([await a.cache.exists('outer'), await b.cache.exists('inner')]).toEqual([false, false]);
  });
});

import assert from 'node:assert/strict';
import { type CacheInstance, until } from '../cache-instance.js';
import { type Promised, WINDOW_MS } from './contract-bench.js';

const KEYS = Array.from({ length: 200 }, (_, i) => `user:${i}:profile`);
/** `user:1:profile`, those from 10 to 19, those from 100 to 199. */
const MATCHED = 111;

/** Both instances hold every key, one of them in memory too. */
async function filled(a: CacheInstance, b: CacheInstance): Promise<void> {
  await a.cache.setMany(
    KEYS.map((key) => [key, 'old'] as const),
    { tags: ['own'] },
  );
  await b.cache.getMany(KEYS);
}

/** How many of the keys `instance` has, read strictly. */
async function left({ cache }: CacheInstance): Promise<number> {
  const read = await cache.getMany(KEYS, { consistency: 'strict' });
  return read.filter((value) => value !== null).length;
}

/** What one instance invalidates, by whatever way, no other serves. */
export const INVALIDATIONS: Readonly<Record<string, Promised>> = {
  'by a key reach that key': async (bench) => {
    const [a, b] = await bench.two();
    await filled(a, b);
    await a.cache.delete(KEYS[2] as string);
    assert.equal(await b.cache.get(KEYS[2] as string, { consistency: 'strict' }), null);
    assert.equal(await left(b), KEYS.length - 1);
  },

  'by an entity reach every key that names it': async (bench) => {
    const [a, b] = await bench.two();
    await filled(a, b);
    assert.equal((await a.invalidation.user(1)).acknowledged, true);
    assert.equal(await b.cache.get(KEYS[1] as string, { consistency: 'strict' }), null);
    assert.equal(await left(b), KEYS.length - 1);
  },

  'by a tag reach every key that carries it': async (bench) => {
    const [a, b] = await bench.two();
    await filled(a, b);
    assert.equal((await a.invalidation.tags(['own'])).acknowledged, true);
    assert.equal(await left(b), 0);
  },

  'by a pattern reach what it matches, wherever it lies': async (bench) => {
    const [a, b] = await bench.two();
    await filled(a, b);
    assert.equal(await a.cache.clearPattern('user:1*:profile'), MATCHED);
    assert.equal(await left(b), KEYS.length - MATCHED);
  },

  'of everything leave nothing': async (bench) => {
    const [a, b] = await bench.two();
    await filled(a, b);
    assert.equal((await a.invalidation.all()).acknowledged, true);
    assert.equal(await left(b), 0);
  },

  'reach the memory of other instances within the coherence window': async (bench) => {
    const [a, b] = await bench.two();
    await filled(a, b);
    await a.invalidation.user(1);
    await until(async () => (await b.cache.get(KEYS[1] as string)) === null, 2 * WINDOW_MS);
  },
};

import assert from 'node:assert/strict';
import { SystemClock } from '../../primitives/clock.js';
import { until } from '../cache-instance.js';
import type { Promised } from './contract-bench.js';

const TREE = { text: 'ü€𝄞\n', list: [{ none: null }], zero: 0, no: false };
const KEYS = Array.from({ length: 200 }, (_, i) => `user:${i}:profile`);
const TTL_SECONDS = 1.5;

/** What is stored is what is read, in every instance, for as long as it was to live. */
export const VALUES: Readonly<Record<string, Promised>> = {
  'that one instance has set is read by another, and gone once deleted': async (bench) => {
    const [a, b] = await bench.two();
    assert.equal(await a.cache.set('user:1:profile', TREE), true);
    assert.deepEqual(await b.cache.get('user:1:profile'), TREE);
    assert.equal(await b.cache.exists('user:1:profile'), true);

    assert.equal(await a.cache.delete('user:1:profile'), true);
    assert.equal(await b.cache.get('user:1:profile', { consistency: 'strict' }), null);
    assert.equal(await a.cache.exists('user:1:profile'), false);
  },

  'are set and read many at a time, wherever their keys lie': async (bench) => {
    const [a, b] = await bench.two();
    const stored = await a.cache.setMany(KEYS.map((key, i) => [key, i] as const));
    assert.ok(stored.every(Boolean));

    const read = await b.cache.getMany([...KEYS, 'nothing'], { consistency: 'strict' });
    assert.deepEqual(read, [...KEYS.map((_, i) => i), null]);
    assert.equal((await b.cache.lookup(KEYS[7] as string, () => 'loaded')).value, 7);
  },

  'live as long as their TTL, and no longer': async (bench) => {
    const [a, b] = await bench.two();
    const clock = new SystemClock();
    const begun = clock.now();
    await a.cache.set('brief', 'value', { ttl: TTL_SECONDS });
    assert.ok((await b.cache.lookup('brief', () => 'loaded')).ttl <= TTL_SECONDS);

    await until(async () => (await a.cache.get('brief')) === null && (await b.cache.get('brief')) === null);
    assert.ok(clock.now() - begun >= TTL_SECONDS * 1_000, 'gone too soon');
  },
};

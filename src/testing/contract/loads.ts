import assert from 'node:assert/strict';
import { SystemClock } from '../../primitives/clock.js';
import type { CacheInstance } from '../cache-instance.js';
import type { Promised } from './contract-bench.js';

const KEY = 'agent:456:stats';
const LOAD_MS = 100;

/** One load at a time between all instances, and none that an invalidation has overtaken is kept. */
export const LOADS: Readonly<Record<string, Promised>> = {
  'of a key are one, however many ask in however many instances': async (bench) => {
    const instances = await bench.two();
    let loads = 0;
    const load = async (): Promise<string> => {
      loads += 1;
      await new SystemClock().sleep(LOAD_MS);
      return 'value';
    };
    const asked = instances.flatMap(({ cache }) => Array.from({ length: 20 }, () => cache.getOrLoad(KEY, load)));

    assert.deepEqual(new Set(await Promise.all(asked)), new Set(['value']));
    assert.equal(loads, 1);
  },

  'that began before an invalidation by another instance store nothing': async (bench) => {
    const [a, b] = await bench.two();
    const { value } = await a.cache.lookup(KEY, async () => {
      const { acknowledged } = await b.invalidation.agent(456);
      assert.equal(acknowledged, true);
      return 'old';
    });
    assert.equal(value, 'old');

    assert.equal(await b.cache.get(KEY, { consistency: 'strict' }), null);
    assert.equal(await a.cache.getOrLoad(KEY, () => 'new', { consistency: 'strict' }), 'new');
  },

  'that fail are told to who asked, and store nothing': async (bench) => {
    const { cache }: CacheInstance = await bench.start();
    await assert.rejects(
      cache.getOrLoad(KEY, () => Promise.reject(new Error('down'))),
      /down/,
    );
    assert.equal(await cache.exists(KEY), false);
  },
};

import assert from 'node:assert/strict';
import type { Promised } from './contract-bench.js';

const KEY = 'user:1:profile';

/** Without its Redis an application answers from the source. */
export const OUTAGE: Readonly<Record<string, Promised>> = {
  'has every read answered by its loader, and nothing throw': async (bench) => {
    const { cache } = bench.startAway();
    assert.equal(await cache.set(KEY, 1), false);
    assert.equal(await cache.get(KEY), null);

    const { value, reason } = await cache.lookup(KEY, () => 'from the source');
    assert.deepEqual({ value, reason }, { value: 'from the source', reason: 'degraded' });
  },

  'has an invalidation wait, and says so': async (bench) => {
    const { cache, invalidation } = bench.startAway();
    const { acknowledged, queued } = await invalidation.user(1);
    assert.equal(acknowledged, false);
    assert.ok(queued > 0);
    assert.equal(await cache.get(KEY), null);
  },
};

import { describe, expect, it } from 'vitest';
import { describeContexts } from './contracts/contexts.contract.js';
import { describeFailSafe } from './contracts/fail-safe.contract.js';
import { describeInvalidation } from './contracts/invalidation.contract.js';
import { describeLateTags } from './contracts/late-tags.contract.js';
import { describeLifetimes } from './contracts/lifetimes.contract.js';
import { describeLoads } from './contracts/loads.contract.js';
import { describePeek } from './contracts/peek.contract.js';
import { topology } from './contracts/topology.js';
import { describeValues } from './contracts/values.contract.js';

describe('the cache in memory only', () => {
  const memory = topology();
  describeValues(memory);
  describePeek(memory);
  describeLifetimes(memory);
  describeLoads(memory);
  describeContexts(memory);
  describeLateTags(memory);
  describeFailSafe(memory);
  describeInvalidation(memory);

  it('answers hits from l1', async () => {
    const { cache } = await memory.start();
    await cache.set('k', 1);

    expect(await cache.lookup('k', () => 2)).toMatchObject({ value: 1, source: 'l1' });
    expect(await cache.lookup('k', () => 2, { consistency: 'strict' })).toMatchObject({ value: 1 });
  });

  it('holds no more entries and bytes than it is told to', async () => {
    const { cache, runtime } = await memory.start({ memory: { maxEntries: 10, maxBytes: 100_000 } });
    for (let i = 0; i < 100; i++) await cache.set(`k:${i}`, i);
    expect(runtime.view.memory.size).toBe(10);
    expect(await cache.getMany(['k:89', 'k:90', 'k:99'])).toEqual([null, 90, 99]);

    for (let i = 0; i < 10; i++) await cache.set(`large:${i}`, 'x'.repeat(30_000));

    expect(runtime.view.memory.bytes).toBeLessThanOrEqual(100_000);
    // Three of the large ones are all that fits beside the two that were asked for.
    expect([...runtime.view.memory.keys()].sort()).toEqual(['k:90', 'k:99', 'large:7', 'large:8', 'large:9']);
  });

  it('shares nothing with another instance of the process', async () => {
    const [one, other] = [await memory.start(), await memory.start()];
    await one.cache.set('k', 1);

    expect(await other.cache.get('k')).toBeNull();
  });
});

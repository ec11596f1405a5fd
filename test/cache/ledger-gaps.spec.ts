import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Tally } from '../../src/cache/tally.js';
import { startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

describe('a ledger record that cannot be read', () => {
  let redis: RedisServer;
  let instance: TestCache;

  beforeAll(async () => {
    redis = await RedisServer.start();
    instance = await startCache({ redis: { url: redis.url } });
  });

  afterAll(async () => {
    await instance.close();
    await redis.stop();
  });

  it.each([
    ['malformed', 'r', 'not JSON'],
    ['of a newer version', 'r', JSON.stringify({ v: 99, origin: 'later', at: 1, everything: 'changed' })],
    ['without our field', 'other', 'x'],
    [
      'with a pattern that is none',
      'r',
      JSON.stringify({ v: 1, origin: 'o', at: 1, tags: [], keys: [], patterns: [['*', 'c']] }),
    ],
  ])('%s makes L1 unknown, is counted, and is survived', async (_kind, field, text) => {
    const tally = new Tally();
    await instance.cache.set('user:1:profile', 'kept');
    await instance.cache.get('user:1:profile');
    const before = instance.events.length;

    await instance.runtime.connection?.client.xadd('shadower:ledger', '*', field, text);
    await until(() => instance.events.slice(before).some(({ type }) => type === 'ledger.gap'));
    for (const event of instance.events.slice(before)) tally.listen(event);

    expect(instance.runtime.view.memory.size).toBe(0);
    expect(tally.gaps.get('unreadable')).toBe(1);
    expect(await instance.cache.get('user:1:profile')).toBe('kept');
    expect(await instance.invalidation.user(1)).toMatchObject({ acknowledged: true });
  });
});

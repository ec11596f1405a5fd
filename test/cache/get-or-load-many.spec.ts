import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { BatchSizeError, type KeyLike } from '../../src/index.js';
import { gate, startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

describe('getOrLoadMany', () => {
  let redis: RedisServer;
  let a: TestCache;
  let b: TestCache;
  const upper = vi.fn((missing: readonly KeyLike[]) => missing.map((key) => String(key).toUpperCase()));

  beforeAll(async () => {
    redis = await RedisServer.start();
  });

  afterAll(async () => {
    await redis.stop();
  });

  beforeEach(async () => {
    upper.mockClear();
    a = await startCache({ redis: { url: redis.url } });
    b = await startCache({ redis: { url: redis.url } });
    await a.invalidation.all();
  });

  afterEach(async () => {
    await Promise.all([a.close(), b.close()]);
  });

  it('loads what is missing in one call, in order, and stores each', async () => {
    await a.cache.set('two', 'cached');
    expect(await a.cache.getOrLoadMany(['one', 'two', 'three', 'one'], upper)).toEqual([
      'ONE',
      'cached',
      'THREE',
      'ONE',
    ]);
    expect(upper.mock.calls.map(([missing]) => missing)).toEqual([['one', 'three']]);
    expect(await b.cache.getMany(['one', 'two', 'three'])).toEqual(['ONE', 'cached', 'THREE']);
    expect(await b.cache.getOrLoadMany(['one', 'three'], upper)).toEqual(['ONE', 'THREE']);
    expect(upper).toHaveBeenCalledTimes(1);
  });

  it('loads hundreds in one call', async () => {
    const keys = Array.from({ length: 500 }, (_, i) => `user:${i}:profile`);
    expect(await a.cache.getOrLoadMany(keys, upper)).toEqual(keys.map((key) => key.toUpperCase()));
    expect(upper).toHaveBeenCalledTimes(1);
  });

  it('does not wait with the others for a key that another process is loading', async () => {
    const loader = gate<string>();
    const other = b.cache.getOrLoad('slow', () => loader.opened);
    await until(async () => (await a.cache.explain('slow')).lease !== null);
    const many = a.cache.getOrLoadMany(['slow', 'quick'], upper);
    await until(() => upper.mock.calls.length === 1);
    loader.open('from the other');
    expect(await many).toEqual(['from the other', 'QUICK']);
    expect(await other).toBe('from the other');
    expect(upper.mock.calls.map(([missing]) => missing)).toEqual([['quick']]);
  });

  it('stores nothing of what was invalidated meanwhile', async () => {
    const loader = gate<string[]>();
    const many = a.cache.getOrLoadMany(['user:1:x', 'user:2:x'], () => loader.opened);
    await until(async () => (await a.cache.explain('user:2:x')).lease !== null);
    await b.invalidation.user(1);
    loader.open(['old', 'kept']);
    expect(await many).toEqual(['old', 'kept']);
    expect(await a.cache.getMany(['user:1:x', 'user:2:x'], { consistency: 'strict' })).toEqual([null, 'kept']);
  });

  it('rejects with what the loader throws, for everybody, and with a clear error for a wrong number of values', async () => {
    await expect(a.cache.getOrLoadMany(['x', 'y'], () => Promise.reject(new Error('source down')))).rejects.toThrow(
      'source down',
    );
    await expect(a.cache.getOrLoadMany(['x', 'y'], () => ['only one'])).rejects.toThrow(BatchSizeError);
    expect(await a.cache.getOrLoadMany(['x', 'y'], upper)).toEqual(['X', 'Y']);
    expect(await a.cache.getOrLoadMany([], upper)).toEqual([]);
    expect(upper).toHaveBeenCalledTimes(1);
  });
});

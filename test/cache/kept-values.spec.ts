import { afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { type CacheModuleOptions, defineKey, type LoadContext } from '../../src/index.js';
import { startCache, type TestCache } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';

/* What a load is told of the value that it replaces, and what of it may be kept. */

const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
const Price = defineKey('price:{priceId}', { schema: z.number().transform((cents) => cents / 100) });

const suite = redisOfSuite();
let started: TestCache[] = [];
afterEach(async () => {
  await Promise.all(started.map((instance) => instance.close()));
  started = [];
  await suite.redis.flushall();
});

async function start(options: CacheModuleOptions = {}): Promise<TestCache> {
  const instance = await startCache({ prefix: 'kept', ...options });
  started.push(instance);
  return instance;
}

describe.each(['in memory only', 'with Redis'])('a value that is not modified, %s', (where) => {
  it('is not put through its schema again', async () => {
    const redis = where === 'with Redis' && { redis: { url: suite.url } };
    const { cache } = await start({ templates: [Price], ...redis });
    const loader = (context: LoadContext<number>): number => (context.previous ? context.notModified() : 1_000);
    for (let i = 0; i < 4; i += 1) {
      const options = { ttl: 0.02, grace: 60, softTimeoutMs: 5_000 };
      expect(await cache.getOrLoad(Price({ priceId: 1 }), loader, options)).toBe(10);
      await pause(40);
    }
  });
});

describe('a value that was deleted while its load waited for the lease', () => {
  it('is not told to the loader, which could keep it', async () => {
    const redis = { redis: { url: suite.url } };
    const [deleting, loading] = [await start(redis), await start(redis)];
    await deleting.cache.getOrLoad('k', () => 'old', { ttl: 0.02, grace: 60 });
    await pause(40);
    await suite.redis.set('kept:l:{k}', 'of somebody else', 'PX', 20_000);
    const previous: unknown[] = [];
    const lookup = loading.cache.lookup('k', (context) => {
      previous.push(context.previous);
      return 'new';
    });
    await pause(60);
    await deleting.cache.delete('k');
    expect(await lookup).toMatchObject({ value: 'new', source: 'loader' });
    expect(previous).toEqual([undefined]);
  });
});

describe('a value that was made of one whose generation Redis has lost', () => {
  it('is stored after the next load at the latest', async () => {
    const { cache } = await start({ redis: { url: suite.url } });
    const inner = (): Promise<string> => cache.getOrLoad('inner', () => 'i', { ttl: 3_600, tags: ['t:1'] });
    await inner();
    await suite.redis.unlink('kept:g:{t:1}');
    let loads = 0;
    const outer = (): Promise<string> => {
      loads += 1;
      return inner();
    };
    for (let i = 0; i < 10; i += 1) await cache.getOrLoad('outer', outer, { ttl: 3_600 });
    expect(loads).toBeLessThanOrEqual(2);
  });
});

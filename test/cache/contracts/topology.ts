import { afterEach } from 'vitest';
import type { CacheModuleOptions } from '../../../src/cache/cache-options.js';
import type { RedisOptions } from '../../../src/cache/redis-options.js';
import { startCache, type TestCache } from '../../support/caches.js';

/** Where a contract is run: a way to start an instance that shares nothing with other tests and is closed after its own. */
export interface Topology {
  /** Whether values are in Redis too. */
  readonly hasRedis: boolean;
  readonly start: (options?: CacheModuleOptions) => Promise<TestCache>;
}

/**
 * A contract tells what is true of a Redis that answers: on a machine that does other work too an answer may take longer
 * than the 200 ms of an application, after which the cache would rightly do without it.
 */
const PATIENCE_MS = 2_000;

/** Every instance of one test shares a prefix that no other test has. @param place where Redis is, once it is started; left out: memory only */
export function topology(place?: () => string | RedisOptions): Topology {
  const running: TestCache[] = [];
  let test = 0;
  afterEach(async () => {
    test++;
    await Promise.all(running.splice(0).map((instance) => instance.close()));
  });
  return {
    hasRedis: place !== undefined,
    start: async (options = {}) => {
      const found = place?.();
      const redis = typeof found === 'string' ? { url: found } : found;
      const shared = redis && { redis: { ...redis, retry: 'fast' as const, commandTimeoutMs: PATIENCE_MS } };
      const instance = await startCache({ prefix: `test:${test}`, ...shared, ...options });
      running.push(instance);
      return instance;
    },
  };
}

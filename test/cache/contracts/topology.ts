import { afterEach } from 'vitest';
import type { CacheModuleOptions } from '../../../src/cache/cache-options.js';
import { startCache, type TestCache } from '../../support/caches.js';

/** Where a contract is run: a way to start an instance that shares nothing with other tests and is closed after its own. */
export interface Topology {
  /** Whether values are in Redis too. */
  readonly hasRedis: boolean;
  readonly start: (options?: CacheModuleOptions) => Promise<TestCache>;
}

/** Every instance of one test shares a prefix that no other test has. @param url of the server once it is started; left out: memory only */
export function topology(url?: () => string): Topology {
  const running: TestCache[] = [];
  let test = 0;
  afterEach(async () => {
    test++;
    await Promise.all(running.splice(0).map((instance) => instance.close()));
  });
  return {
    hasRedis: url !== undefined,
    start: async (options = {}) => {
      const redis = url && { url: url(), retry: 'fast' as const };
      const instance = await startCache({ prefix: `test:${test}`, ...(redis && { redis }), ...options });
      running.push(instance);
      return instance;
    },
  };
}

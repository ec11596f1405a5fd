import type { CacheModuleOptions } from '../../cache/cache-options.js';
import { ContractBench, type Promised } from './contract-bench.js';
import { INVALIDATIONS } from './invalidations.js';
import { LOADS } from './loads.js';
import { OUTAGE } from './outage.js';
import { VALUES } from './values.js';

/** What the contract needs of a test runner: `describe` and `it` of vitest, jest or node:test. */
export interface ContractRunner {
  /** Groups tests under a name. */
  readonly describe: (name: string, body: () => void) => unknown;
  /** Declares a test, which fails when its promise rejects. */
  readonly it: (name: string, test: () => Promise<void>) => unknown;
}

const PARTS: Readonly<Record<string, Readonly<Record<string, Promised>>>> = {
  values: VALUES,
  loads: LOADS,
  invalidations: INVALIDATIONS,
  'an outage of Redis': OUTAGE,
};

/**
 * Declares tests that a Redis, with the options by which your application reaches it, gives what the cache promises:
 * values are shared and end with their TTL, loads are one at a time, an invalidation by one instance holds in all of
 * them, an outage is no error. Each test starts one or two instances under `PREFIX:contract-…`, touches nothing else,
 * deletes what it has stored, and takes less than three seconds where Redis answers.
 *
 * Your options hold, but for these: `prefix`, `ttlJitter`, `blastLimit`, `coherenceWindowMs`, `redis.failFast` and
 * `redis.commandTimeoutMs`, which is two seconds.
 * @param makeOptions - called in each test, so that the Redis may be started by `beforeAll`; a test fails with an
 *   `InvalidOptionError` where it returns no `redis`
 */
export function describeCacheContract(
  { describe, it }: ContractRunner,
  makeOptions: () => CacheModuleOptions | Promise<CacheModuleOptions>,
): void {
  const kept = (promised: Promised) => async (): Promise<void> => {
    const bench = new ContractBench(await makeOptions());
    try {
      await promised(bench);
    } finally {
      await bench.close();
    }
  };
  describe('the contract of the cache', () => {
    for (const [part, promises] of Object.entries(PARTS))
      describe(part, () => {
        for (const [promise, promised] of Object.entries(promises)) it(promise, kept(promised));
      });
  });
}

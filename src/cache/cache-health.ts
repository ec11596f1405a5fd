import { Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from './cache-runtime.js';
import { CACHE_RUNTIME } from './tokens.js';

/** The state of the cache. `degraded`: it answers, but Redis is away, so values are loaded anew or come from memory only. */
export interface CacheHealth {
  readonly status: 'up' | 'degraded';
  /** Where values are kept. */
  readonly tiers: 'memory and Redis' | 'memory';
  /** Whether L1 is trusted right now: the ledger is being followed. */
  readonly coherent: boolean;
  /** Invalidations that wait for Redis. */
  readonly queuedInvalidations: number;
  /** What is wrong and what to do; absent when nothing is. */
  readonly message?: string;
}

/** Tells whether the cache works, for health endpoints; a cache that is degraded does not make the application unfit. */
@Injectable()
export class CacheHealthIndicator {
  /** @internal */
  constructor(@Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime) {}

  /** The result under `name`, in the form that `@nestjs/terminus` takes. No round trip. */
  check<const N extends string>(name: N): Record<N, CacheHealth> {
    return { [name]: this.#health() } as Record<N, CacheHealth>;
  }

  #health(): CacheHealth {
    const { connection, invalidator, view, clock } = this.runtime;
    const common = { coherent: view.lease.holds(clock.now()), queuedInvalidations: invalidator.queued };
    if (!connection) return { status: 'up', tiers: 'memory', ...common };
    if (connection.isReady) return { status: 'up', tiers: 'memory and Redis', ...common };
    const message = `Redis cannot be used (${connection.lastFailure}); values are loaded from the source. Attempt ${connection.retries} failed; retrying.`;
    return { status: 'degraded', tiers: 'memory and Redis', message, ...common };
  }
}

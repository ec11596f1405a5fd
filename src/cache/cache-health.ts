import { Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from './cache-runtime.js';
import { type CircuitName, CIRCUITS, type CircuitState } from '../engine/circuit-breaker.js';
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
  /** Which commands are sent to Redis: `closed` all, `open` none, `half-open` one to see. */
  readonly circuits: Readonly<Record<CircuitName, CircuitState>>;
  /** What is wrong and what to do; absent when nothing is. */
  readonly message?: string;
}

type Connection = NonNullable<CacheRuntime['connection']>;

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
    const { connection, invalidator, view, clock, circuits } = this.runtime;
    const common = {
      tiers: connection ? ('memory and Redis' as const) : ('memory' as const),
      coherent: view.lease.holds(clock.now()),
      queuedInvalidations: invalidator.queued,
      circuits: circuits.states,
    };
    const message = connection && (troubleOf(connection) ?? troubleWith(common.circuits));
    return message === undefined ? { status: 'up', ...common } : { status: 'degraded', ...common, message };
  }
}

function troubleOf({ isReady, lastFailure, retries }: Connection): string | undefined {
  if (isReady) return undefined;
  return `Redis cannot be used (${lastFailure}); values are loaded from the source. Attempt ${retries} failed; retrying.`;
}

function troubleWith(circuits: CacheHealth['circuits']): string | undefined {
  const open = CIRCUITS.filter((name) => circuits[name] !== 'closed');
  if (open.length === 0) return undefined;
  return `Redis does not serve ${open.join(' and ')} commands; they are not sent, but for a probe from time to time.`;
}

import { Inject, Injectable } from '@nestjs/common';
import type { CacheRuntime } from './cache-runtime.js';
import { type CircuitName, CIRCUITS, type CircuitState } from '../engine/circuit-breaker.js';
import { Caches, type NamedCache } from './caches.js';

/** The state of the cache. `degraded`: it answers, but Redis is away, so values are loaded anew or come from memory only. */
export interface CacheHealth {
  readonly status: 'up' | 'degraded';
  /** Where values are kept. */
  readonly tiers: 'memory and Redis' | 'memory';
  /** Whether L1 is trusted right now, in all caches: their ledgers are being followed. */
  readonly coherent: boolean;
  /** Invalidations that wait for Redis, in all caches. */
  readonly queuedInvalidations: number;
  /** Where caches differ in the two above: what holds in each, by name. Absent where they are alike. */
  readonly caches?: Readonly<Record<string, Pick<CacheHealth, 'coherent' | 'queuedInvalidations'>>>;
  /** Which commands are sent to Redis: `closed` all, `open` none, `half-open` one to see. */
  readonly circuits: Readonly<Record<CircuitName, CircuitState>>;
  /** What is wrong and what to do; absent when nothing is. */
  readonly message?: string;
}

type Each = Iterable<readonly [string, Pick<NamedCache, 'runtime'>]>;
type Connection = NonNullable<CacheRuntime['connection']>;

/** Tells whether the cache works, for health endpoints; a cache that is degraded does not make the application unfit. */
@Injectable()
export class CacheHealthIndicator {
  /** @internal */
  constructor(@Inject(Caches) private readonly caches: Each) {}

  /** The result under `name`, in the form that `@nestjs/terminus` takes. No round trip. */
  check<const N extends string>(name: N): Record<N, CacheHealth> {
    return { [name]: this.#health() } as Record<N, CacheHealth>;
  }

  #health(): CacheHealth {
    const caches = [...this.caches] as const;
    const { connection, circuits } = (caches[0] as (typeof caches)[number])[1].runtime;
    const each = caches.map(([name, { runtime }]) => [name, stateOf(runtime)] as const);
    const states = each.map(([, state]) => state);
    const isAlike = states.every((state) => isSame(state, states[0]));
    const common = {
      tiers: connection ? ('memory and Redis' as const) : ('memory' as const),
      coherent: states.every(({ coherent }) => coherent),
      queuedInvalidations: states.reduce((sum, { queuedInvalidations }) => sum + queuedInvalidations, 0),
      ...(!isAlike && { caches: Object.fromEntries(each) }),
      circuits: circuits.states,
    };
    const message = connection && (troubleOf(connection) ?? troubleWith(common.circuits));
    return message === undefined ? { status: 'up', ...common } : { status: 'degraded', ...common, message };
  }
}

type CacheState = Pick<CacheHealth, 'coherent' | 'queuedInvalidations'>;

function stateOf({ invalidator, view, clock }: CacheRuntime): CacheState {
  return { coherent: view.lease.holds(clock.now()), queuedInvalidations: invalidator.queued };
}

function isSame(state: CacheState, other: CacheState | undefined): boolean {
  return state.coherent === other?.coherent && state.queuedInvalidations === other.queuedInvalidations;
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

import { Circuits } from '../engine/circuits.js';
import { LoadBudgets } from '../engine/load-budget.js';
import { NO_SPANS, type Spans } from '../engine/spans.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { CacheEvents } from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import { type Implementations, IMPLEMENTATIONS } from './implementations.js';
import { SharedLife } from './lifecycle.js';
import { connectionsTo, type RedisConnections } from './redis-tier.js';

/** What all caches of an application share: the way to Redis, what is known of its servers, and the sources. */
export interface SharedParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly make: Implementations;
  readonly spans: Spans;
  /** None where the caches are in memory only. */
  readonly connections: RedisConnections | undefined;
  /** One view of the servers: what one cache has learnt the others need not. */
  readonly circuits: Circuits;
  /** A source has so much room in this process, whichever cache loads from it. */
  readonly budgets: LoadBudgets;
  readonly life: SharedLife;
}

/** Without Redis no command can fail. */
const NEVER_REFUSED = {
  circuit: { threshold: Infinity, probes: { attempts: 0, base: 0, cap: 0, jitter: 0 } },
  maxInFlight: Infinity,
};
const NOWHERE: readonly string[] = Object.freeze(['']);

/** Makes what caches share. What happens to it is told by `events`, those of the default cache. */
export function shareParts(
  { redis, coherenceWindow, sources }: ResolvedCacheOptions,
  events: CacheEvents,
  make: Implementations = IMPLEMENTATIONS,
  spans: Spans = NO_SPANS,
): SharedParts {
  const [clock, random] = [make.clock(), make.random()];
  const connections = redis && connectionsTo(redis, coherenceWindow, { clock, random, events });
  const { circuit, maxInFlight } = redis ?? NEVER_REFUSED;
  const shards = (): readonly string[] => connections?.commands.shards.all ?? NOWHERE;
  const circuits = new Circuits({ clock, random, observer: events, shards, ...circuit, maxInFlight });
  // Before those of the caches, which send what is queued: circuits that are open let it through then.
  connections?.commands.onReady(() => circuits.probeSoon());
  connections?.onPrimaryChanged(() => events.on({ type: 'primary.changed' }));
  const budgets = new LoadBudgets(sources, clock);
  return { clock, random, make, spans, connections, circuits, budgets, life: new SharedLife(connections) };
}

import type { BackgroundTasks } from '../engine/background-tasks.js';
import { GuardedLedger } from '../engine/guarded-ledger.js';
import { GuardedStore } from '../engine/guarded-store.js';
import { InvalidationSender } from '../engine/invalidation-sender.js';
import type { Invalidator } from '../engine/invalidator.js';
import type { LocalView } from '../engine/local-view.js';
import { OwnRecords } from '../engine/own-records.js';
import { Sweeper } from '../engine/sweeper.js';
import type { Ledger, RemoteStore } from '../stores/contracts.js';
import type { CacheEvents } from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { SharedTier } from './redis-tier.js';
import type { SharedParts } from './shared-parts.js';

/** What the way of an invalidation is built on. */
export interface InvalidationPathParts extends SharedParts {
  readonly tier: SharedTier;
  readonly view: LocalView;
  readonly background: BackgroundTasks;
  readonly events: CacheEvents;
  /** This instance. */
  readonly origin: string;
}

/** How a cache invalidates, and what it reads through while invalidations wait. */
export interface InvalidationPath {
  readonly invalidator: Invalidator;
  readonly sweeper: Sweeper;
  /** The invalidations that this instance has written itself. */
  readonly own: OwnRecords;
  readonly ledger: Ledger;
  /** The shared tier, for what may be asked at any time. */
  readonly store: RemoteStore;
  /** The shared tier for readers: closed while an invalidation waits. */
  readonly remote: RemoteStore;
}

const MAX_QUEUED = 10_000;
const QUEUE_FIRST = 'queued invalidations are sent first';

/** Builds what invalidates, from the call to Redis. */
export function invalidationPathOf(options: ResolvedCacheOptions, parts: InvalidationPathParts): InvalidationPath {
  const { clock, random, make, spans, circuits, connections, tier, view, background, events: observer, origin } = parts;
  const guard = { observer, circuits, spans };
  const ledger = new GuardedLedger(tier.ledger, guard);
  const store = new GuardedStore(tier.store, { ...guard, closedBecause: () => undefined });
  const { rest, duty } = options.sweep;
  const sweeper = new Sweeper({ clock, random, remote: store, observer, background, duty, rest });
  const onTagsChanged = (): void => {
    // Without Redis there is nothing to free: what is invalidated in memory is dropped when it is met.
    if (connections) sweeper.request();
  };
  const own = new OwnRecords();
  const waitsForReplicas = (options.redis?.waitReplicas ?? 0) > 0;
  const sender = new InvalidationSender({ clock, random, remote: store, ledger, view, own, origin, waitsForReplicas });
  const invalidator = make.invalidator({
    ...{ clock, sender, view, background, onTagsChanged, observer, spans },
    ...{ spacing: options.invalidationSpacing, maxQueued: MAX_QUEUED },
  });
  // What waits to be invalidated may still be in Redis: until it is sent, nothing is read from there.
  const closedBecause = (): string | undefined => (invalidator.queued > 0 ? QUEUE_FIRST : undefined);
  const remote = new GuardedStore(tier.store, { ...guard, closedBecause });
  return { invalidator, sweeper, own, ledger, store, remote };
}

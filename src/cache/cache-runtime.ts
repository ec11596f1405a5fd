import { BackgroundTasks } from '../engine/background-tasks.js';
import { CacheEngine } from '../engine/cache-engine.js';
import { Circuits } from '../engine/circuits.js';
import { type BlastRadius, census, censusOfMemory } from '../engine/census.js';
import { type CoherenceLease, LedgerLease, UNSHARED_LEASE } from '../engine/coherence-lease.js';
import { EntrySetter } from '../engine/entry-setter.js';
import { EntryWriter } from '../engine/entry-writer.js';
import { type Explanation, explain } from '../engine/explain.js';
import { Flights } from '../engine/flights.js';
import { GuardedLedger } from '../engine/guarded-ledger.js';
import { GuardedStore } from '../engine/guarded-store.js';
import { inventory, type StoredEntry } from '../engine/inventory.js';
import type { Invalidation } from '../engine/invalidation-batch.js';
import { InvalidationSender } from '../engine/invalidation-sender.js';
import { Invalidator } from '../engine/invalidator.js';
import { LedgerReader } from '../engine/ledger-reader.js';
import { LoadBudgets } from '../engine/load-budget.js';
import { Loads } from '../engine/loads.js';
import { LocalView } from '../engine/local-view.js';
import { Looks } from '../engine/looks.js';
import { OwnRecords } from '../engine/own-records.js';
import { Reassertion } from '../engine/reassertion.js';
import { Refreshes } from '../engine/refreshes.js';
import { RemoteReader } from '../engine/remote-reader.js';
import { NO_SPANS, type Spans } from '../engine/spans.js';
import { Sweeper } from '../engine/sweeper.js';
import type { CacheKey } from '../keys/key.js';
import { KeyRegistry } from '../keys/registry.js';
import { type Clock, SystemClock } from '../primitives/clock.js';
import { type Random, SystemRandom } from '../primitives/random.js';
import type { Ledger, RemoteStore } from '../stores/contracts.js';
import { LocalLedger, LocalStore } from '../stores/local-store.js';
import { MemoryTier } from '../stores/memory/memory-tier.js';
import type { RedisConnection } from '../stores/redis/redis-connection.js';
import { RedisLedger } from '../stores/redis/redis-ledger.js';
import { RedisStore } from '../stores/redis/redis-store.js';
import type { CacheEvents } from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import { type Lifecycle, lifecycleOf } from './lifecycle.js';
import { redisTier, type SharedTier } from './redis-tier.js';

/** The parts of a cache that others are built on. */
export interface CacheRuntime extends Lifecycle {
  readonly engine: CacheEngine;
  readonly setter: EntrySetter;
  readonly invalidator: Invalidator;
  readonly sweeper: Sweeper;
  /** Counts what an invalidation would take. */
  readonly census: (target: Omit<Invalidation, 'cause'>) => Promise<BlastRadius>;
  /** Everything that is known of a key. */
  readonly explain: (key: CacheKey) => Promise<Explanation>;
  /** What Redis has stored under the keys that match a glob. */
  readonly inventory: (pattern: string) => AsyncGenerator<readonly StoredEntry[]>;
  readonly view: LocalView;
  readonly store: RemoteStore;
  readonly ledger: Ledger;
  readonly circuits: Circuits;
  readonly clock: Clock;
  /** The id of the last record of the ledger that was applied; `undefined` while it is not followed. */
  readonly ledgerPosition: () => string | undefined;
  /** The connection for commands; `undefined` for a cache in memory only. */
  readonly connection: RedisConnection | undefined;
}

/** How many entries a dry run looks at before it estimates the rest. */
const CENSUS_SAMPLE = 20_000;
const MAX_TAGS = 100_000;
const MAX_QUEUED = 10_000;
/** Without Redis no command can fail. */
const NEVER_REFUSED = {
  circuit: { threshold: Infinity, probes: { attempts: 0, base: 0, cap: 0, jitter: 0 } },
  maxInFlight: Infinity,
};
const QUEUE_FIRST = 'queued invalidations are sent first';

/**
 * The implementations a cache is composed of. A table, so that tests can swap one part for a faulty one and show that
 * the checker notices.
 */
export const IMPLEMENTATIONS = {
  clock: (): Clock => new SystemClock(),
  random: (): Random => new SystemRandom(),
  store: (...parts: ConstructorParameters<typeof RedisStore>): RemoteStore => new RedisStore(...parts),
  ledger: (...parts: ConstructorParameters<typeof RedisLedger>): Ledger => new RedisLedger(...parts),
  lease: (window: number): CoherenceLease => new LedgerLease(window),
  view: (...parts: ConstructorParameters<typeof LocalView>): LocalView => new LocalView(...parts),
  writer: (...parts: ConstructorParameters<typeof EntryWriter>): EntryWriter => new EntryWriter(...parts),
  loads: (...parts: ConstructorParameters<typeof Loads>): Loads => new Loads(...parts),
  invalidator: (...parts: ConstructorParameters<typeof Invalidator>): Invalidator => new Invalidator(...parts),
};

/** The shape of {@link IMPLEMENTATIONS}. */
export type Implementations = typeof IMPLEMENTATIONS;

/** Builds a cache: the one place that picks implementations. */
export function createRuntime(
  options: ResolvedCacheOptions,
  events: CacheEvents,
  make: Implementations = IMPLEMENTATIONS,
  spans: Spans = NO_SPANS,
): CacheRuntime {
  const clock = make.clock();
  const random = make.random();
  const tools = { clock, random, events, make, spans };
  const shared = options.redis ? redisTier(options, options.redis, tools) : localTier();
  const { lease } = shared;
  const view = make.view({ clock, memory: new MemoryTier(options.memory), lease, maxTags: MAX_TAGS });
  const background = new BackgroundTasks(events);
  const origin = options.instance === undefined ? random.token() : `${options.instance}#${random.token()}`;

  const { circuit, maxInFlight } = options.redis ?? NEVER_REFUSED;
  const shards = (): readonly string[] => shared.store.shards;
  const circuits = new Circuits({ clock, random, observer: events, shards, ...circuit, maxInFlight });
  const guard = { observer: events, circuits, spans };
  const ledger = new GuardedLedger(shared.ledger, guard);
  const store = new GuardedStore(shared.store, { ...guard, closedBecause: () => undefined });
  const { rest, duty } = options.sweep;
  const sweeper = new Sweeper({ clock, random, remote: store, observer: events, background, duty, rest });
  const onTagsChanged = (): void => {
    // Without Redis there is nothing to free: what is invalidated in memory is dropped when it is met.
    if (shared.commands) sweeper.request();
  };
  const own = new OwnRecords();
  const waitsForReplicas = (options.redis?.waitReplicas ?? 0) > 0;
  const sender = new InvalidationSender({ clock, random, remote: store, ledger, view, own, origin, waitsForReplicas });
  const invalidator = make.invalidator({
    ...{ clock, sender, view, background, onTagsChanged, observer: events, spans },
    ...{ spacing: options.invalidationSpacing, maxQueued: MAX_QUEUED },
  });
  // What waits to be invalidated may still be in Redis: until it is sent, nothing is read from there.
  const closedBecause = (): string | undefined => (invalidator.queued > 0 ? QUEUE_FIRST : undefined);
  const remote = new GuardedStore(shared.store, { ...guard, closedBecause });
  const { engine, setter } = readPathOf(options, { ...tools, remote, view, background, invalidator });
  const reassertion = new Reassertion({ clock, ledger: shared.ledger, invalidator, background, origin });
  shared.onPrimaryChanged(() => {
    events.on({ type: 'primary.changed' });
    reassertion.noticed();
  });
  // Not the guarded one: a reader that greets again and again would open the circuit of those who invalidate.
  const follower = new LedgerReader({ clock, ledger: shared.ledger, view, observer: events, origin, own, reassertion });
  const connection = shared.commands;
  const lifecycle = lifecycleOf(shared, {
    ...{ background, invalidator, follower, clock, sweeper, events, circuits, reassertion },
  });
  const inquiries = inquiriesOf(options, { clock, store, ledger, view, connection });
  const parts = { engine, setter, invalidator, sweeper, view, clock, store, ledger, circuits, connection };
  return { ...parts, ledgerPosition: () => follower.position, ...lifecycle, ...inquiries };
}

function inquiriesOf(
  { templates }: ResolvedCacheOptions,
  { clock, store, ledger, view, connection }: Pick<CacheRuntime, 'clock' | 'store' | 'ledger' | 'view' | 'connection'>,
): Pick<CacheRuntime, 'census' | 'explain' | 'inventory'> {
  const keys = new KeyRegistry(templates);
  const labelOf = (name: string): string => keys.labelOf(name);
  const counting = { remote: store, labelOf, sample: CENSUS_SAMPLE };
  return {
    census: (target) =>
      connection ? census(counting, target) : Promise.resolve(censusOfMemory(view, labelOf, target)),
    explain: (key) => explain({ clock, remote: store, ledger, view }, key),
    inventory: (pattern) => inventory({ clock, remote: store, labelOf }, pattern),
  };
}

interface ReadPathParts extends TierParts {
  readonly remote: RemoteStore;
  readonly view: LocalView;
  readonly background: BackgroundTasks;
  readonly invalidator: Invalidator;
}

function readPathOf(
  { maxEntryBytes, ttlJitter, sources, lease: leaseDuration, leaseWait }: ResolvedCacheOptions,
  { clock, random, events, make, spans, remote, view, background, invalidator }: ReadPathParts,
): Pick<CacheRuntime, 'engine' | 'setter'> {
  const common = { clock, random, remote, view, observer: events, maxEntryBytes, ttlJitter };
  const reader = new RemoteReader(common);
  const writer = make.writer(common);
  const budgets = new LoadBudgets(sources, clock);
  const loads = make.loads({ ...common, reader, writer, budgets, spans, leaseDuration, leaseWait });
  const flights = new Flights({ clock, view, background });
  const looks = new Looks({ clock, view, reader });
  const refreshes = new Refreshes({ ...common, flights, looks, loads, budgets });
  return {
    engine: new CacheEngine({ clock, view, looks, flights, loads, refreshes, budgets }),
    setter: new EntrySetter({ ...common, writer, invalidator, leaseDuration }),
  };
}

interface TierParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: CacheEvents;
  readonly make: Implementations;
  readonly spans: Spans;
}

function localTier(): SharedTier {
  return {
    store: new LocalStore(),
    ledger: new LocalLedger(),
    lease: UNSHARED_LEASE,
    others: [],
    onPrimaryChanged: () => undefined,
  };
}

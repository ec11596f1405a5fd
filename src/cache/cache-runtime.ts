import { BackgroundTasks } from '../engine/background-tasks.js';
import { CacheEngine } from '../engine/cache-engine.js';
import type { Circuits } from '../engine/circuits.js';
import { type BlastRadius, census, censusOfMemory } from '../engine/census.js';
import { EntrySetter } from '../engine/entry-setter.js';
import { type Explanation, explain } from '../engine/explain.js';
import { Flights } from '../engine/flights.js';
import { inventory, type StoredEntry } from '../engine/inventory.js';
import type { Invalidation } from '../engine/invalidation-batch.js';
import type { Invalidator } from '../engine/invalidator.js';
import { LedgerReader } from '../engine/ledger-reader.js';
import { LoadScopes } from '../engine/load-scopes.js';
import type { LocalView } from '../engine/local-view.js';
import { Looks } from '../engine/looks.js';
import { Reassertion } from '../engine/reassertion.js';
import { Refreshes } from '../engine/refreshes.js';
import { Renewals } from '../engine/renewals.js';
import { RemoteReader } from '../engine/remote-reader.js';
import { NO_SPANS, type Spans } from '../engine/spans.js';
import { SpotChecks, type SpotChecksParts } from '../engine/spot-checks.js';
import type { Sweeper } from '../engine/sweeper.js';
import type { CacheKey } from '../keys/key.js';
import { KeyRegistry } from '../keys/registry.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { Ledger, MemoryStore, RemoteStore, Resident } from '../stores/contracts.js';
import { MemoryTier } from '../stores/memory/memory-tier.js';
import type { RedisConnection } from '../stores/redis/redis-connection.js';
import { TtlAdvice } from './advice/ttl-advice.js';
import type { CacheEvents } from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import { type Implementations, IMPLEMENTATIONS } from './implementations.js';
import { invalidationPathOf } from './invalidation-path.js';
import { type Lifecycle, lifeOf } from './lifecycle.js';
import { localTier, redisTier } from './redis-tier.js';
import { shareParts, type SharedParts } from './shared-parts.js';
import { Popularity } from './warming/popularity.js';

/** The parts of a cache that others are built on. */
export interface CacheRuntime extends Lifecycle {
  /** What this process calls itself in the ledger. */
  readonly origin: string;
  readonly engine: CacheEngine;
  readonly setter: EntrySetter;
  /** Which loads are made where code runs. */
  readonly scopes: LoadScopes;
  readonly invalidator: Invalidator;
  readonly sweeper: Sweeper;
  /** Hears of hits that may be looked into. */
  readonly spotChecks: SpotChecks;
  /** Knows how long values stay right, and which TTLs are in force. */
  readonly advice: TtlAdvice;
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
  readonly random: Random;
  /** Which keys are read most. */
  readonly popularity: Popularity;
  /** The id of the last record of the ledger that was applied; `undefined` while it is not followed. */
  readonly ledgerPosition: () => string | undefined;
  /** The connection for commands; `undefined` for a cache in memory only. */
  readonly connection: RedisConnection | undefined;
}

/** How many entries a dry run looks at before it estimates the rest. */
const CENSUS_SAMPLE = 20_000;
const MAX_TAGS = 100_000;

/** A store in the memory of this process for what is kept beside the values. */
export function memoryOf<V extends Resident<V>>(maxBytes: number): MemoryStore<V> {
  return new MemoryTier<V>({ maxEntries: Infinity, maxBytes });
}

/** Builds a cache by itself, with connections of its own. */
export function createRuntime(
  options: ResolvedCacheOptions,
  events: CacheEvents,
  make: Implementations = IMPLEMENTATIONS,
  spans: Spans = NO_SPANS,
): CacheRuntime {
  return createCache(options, events, shareParts(options, events, make, spans));
}

/** Builds a cache, and adds it to those that share `shared`: its beginning and its end are theirs. */
export function createCache(options: ResolvedCacheOptions, events: CacheEvents, shared: SharedParts): CacheRuntime {
  const { clock, random, make, spans, circuits, connections } = shared;
  const tier = options.redis && connections ? redisTier(options, options.redis, connections, shared) : localTier();
  const { lease } = tier;
  const view = make.view({ clock, memory: new MemoryTier(options.memory), lease, maxTags: MAX_TAGS });
  const background = new BackgroundTasks(events);
  const origin = options.instance === undefined ? random.token() : `${options.instance}#${random.token()}`;

  const beside = { ...shared, tier, view, background, events, origin };
  const { invalidator, sweeper, own, ledger, store, remote } = invalidationPathOf(options, beside);
  const { defaultTtl, ttlJitter, adviceWindow: window, lease: duration } = options;
  const note = { clock, random, remote, duration };
  const advice = new TtlAdvice({ ...note, events, background, defaultTtl, ttlJitter, window });
  const beneath = { ...shared, events, remote, view, background, invalidator, advice };
  const { engine, setter, scopes, ...reading } = readPathOf(options, beneath);
  const reassertion = new Reassertion({ clock, ledger: tier.ledger, invalidator, background, origin });
  connections?.onPrimaryChanged(() => reassertion.noticed());
  // Not the guarded one: a reader that greets again and again would open the circuit of those who invalidate.
  const follower = new LedgerReader({ clock, ledger: tier.ledger, view, observer: events, origin, own, reassertion });
  const connection = connections?.commands;
  const inquiries = inquiriesOf(options, { clock, store, ledger, view, connection });
  const spotChecks = new SpotChecks({
    ...{ clock, random, observer: events, budgets: shared.budgets, spans, scopes, engine, ...reading, background },
    ...{ ledger, explain: inquiries.explain, origin, wait: options.coherenceWindow },
    grace: Math.max(options.coherenceWindow, options.spotCheckGrace),
  });
  const ends = { background, invalidator, follower, clock, sweeper, spotChecks, advice, events, reassertion };
  shared.life.add(lifeOf(connections, ends));
  return {
    ...{ engine, setter, scopes, invalidator, sweeper, spotChecks, view, clock, store, ledger, circuits, connection },
    ...{ origin, advice, random, popularity: new Popularity(random) },
    ...{ ledgerPosition: () => follower.position, ...inquiries },
    ...{ start: () => shared.life.start(), stop: () => shared.life.stop() },
  };
}

function inquiriesOf(
  { templates, maxEntryBytes }: ResolvedCacheOptions,
  { clock, store, ledger, view, connection }: Pick<CacheRuntime, 'clock' | 'store' | 'ledger' | 'view' | 'connection'>,
): Pick<CacheRuntime, 'census' | 'explain' | 'inventory'> {
  // For labels only: which patterns are indexed matters to the tags of a key, not to its label.
  const keys = new KeyRegistry(templates);
  const labelOf = (name: string): string => keys.labelOf(name);
  const counting = { remote: store, labelOf, sample: CENSUS_SAMPLE };
  return {
    census: (target) =>
      connection ? census(counting, target) : Promise.resolve(censusOfMemory(view, labelOf, target)),
    explain: (key) => explain({ clock, remote: store, ledger, view, maxEntryBytes }, key),
    inventory: (pattern) => inventory({ clock, remote: store, labelOf }, pattern),
  };
}

interface ReadPathParts extends SharedParts {
  readonly events: CacheEvents;
  readonly remote: RemoteStore;
  readonly view: LocalView;
  readonly background: BackgroundTasks;
  readonly invalidator: Invalidator;
  readonly advice: TtlAdvice;
}

function readPathOf(
  { maxEntryBytes, compressAbove, ttlJitter, lease: leaseDuration, leaseWait }: ResolvedCacheOptions,
  { clock, random, events, make, spans, budgets, remote, view, background, invalidator, advice }: ReadPathParts,
): Pick<CacheRuntime, 'engine' | 'setter' | 'scopes'> & Pick<SpotChecksParts, 'looks' | 'writer'> {
  const common = { clock, random, remote, view, observer: events, maxEntryBytes, compressAbove, ttlJitter };
  const reader = new RemoteReader(common);
  const writer = make.writer({ ...common, ttlOf: advice.ttlOf });
  const scopes = new LoadScopes();
  const late = make.lateTags(common);
  const renewals = new Renewals({ clock, heard: advice.heard });
  view.watchKeys(renewals);
  const loading = { reader, writer, budgets, spans, scopes, late, renewals, leaseDuration, leaseWait };
  const loads = make.loads({ ...common, ...loading });
  const flights = new Flights({ clock, view, background });
  const looks = new Looks({ clock, view, reader });
  const refreshes = new Refreshes({ ...common, flights, looks, loads, budgets });
  return {
    engine: new CacheEngine({ clock, view, looks, flights, loads, refreshes, budgets, scopes }),
    ...{ scopes, looks, writer },
    setter: new EntrySetter({ ...common, writer, invalidator, leaseDuration }),
  };
}

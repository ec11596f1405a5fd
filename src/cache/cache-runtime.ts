import { BackgroundTasks } from '../engine/background-tasks.js';
import { CacheEngine } from '../engine/cache-engine.js';
import { type CoherenceLease, LedgerLease, UNSHARED_LEASE } from '../engine/coherence-lease.js';
import { EntrySetter } from '../engine/entry-setter.js';
import { EntryWriter } from '../engine/entry-writer.js';
import { GuardedStore } from '../engine/guarded-store.js';
import { Invalidator } from '../engine/invalidator.js';
import { LedgerReader } from '../engine/ledger-reader.js';
import { Loads } from '../engine/loads.js';
import { LocalView } from '../engine/local-view.js';
import { RemoteReader } from '../engine/remote-reader.js';
import { type Clock, SystemClock } from '../primitives/clock.js';
import { type Random, SystemRandom } from '../primitives/random.js';
import type { Ledger, RemoteStore } from '../stores/contracts.js';
import { LocalLedger, LocalStore } from '../stores/local-store.js';
import { MemoryTier } from '../stores/memory/memory-tier.js';
import { Keyspace } from '../stores/redis/keyspace.js';
import { RedisConnection } from '../stores/redis/redis-connection.js';
import { RedisLedger } from '../stores/redis/redis-ledger.js';
import { RedisStore } from '../stores/redis/redis-store.js';
import type { CacheEvents } from './cache-events.js';
import type { ResolvedCacheOptions, ResolvedRedisOptions } from './cache-options.js';

/** The shared tier and what belongs to it. */
interface SharedTier {
  readonly store: RemoteStore;
  readonly ledger: Ledger;
  readonly lease: CoherenceLease;
  readonly commands?: RedisConnection;
  readonly blocking?: RedisConnection;
}

/** The parts of a cache that others are built on. */
export interface CacheRuntime {
  readonly engine: CacheEngine;
  readonly setter: EntrySetter;
  readonly invalidator: Invalidator;
  readonly view: LocalView;
  readonly store: RemoteStore;
  readonly ledger: Ledger;
  readonly clock: Clock;
  /** The connection for commands; `undefined` for a cache in memory only. */
  readonly connection: RedisConnection | undefined;
  /** Opens connections and begins to follow the ledger; never waits for Redis. */
  start(): void;
  /** Drains work under way, up to a limit, and closes everything. */
  stop(): Promise<void>;
}

const MAX_TAGS = 100_000;
const MAX_QUEUED = 10_000;
const DRAIN_LIMIT = 2_000;

/** Builds a cache: the one place that picks implementations. */
export function createRuntime(options: ResolvedCacheOptions, events: CacheEvents): CacheRuntime {
  const clock = new SystemClock();
  const random = new SystemRandom();
  const shared = options.redis ? redisTier(options, options.redis, { clock, random, events }) : localTier();
  const view = new LocalView({ clock, memory: new MemoryTier(options.memory), lease: shared.lease, maxTags: MAX_TAGS });
  const background = new BackgroundTasks(events);
  const origin = random.token();

  const reporting = new GuardedStore(shared.store, { observer: events, closedBecause: () => undefined });
  const invalidator = new Invalidator({
    ...{ clock, random, view, background, origin, observer: events, remote: reporting, ledger: shared.ledger },
    ...{ spacing: options.invalidationSpacing, maxQueued: MAX_QUEUED },
  });
  // What waits to be invalidated may still be in Redis: until it is sent, nothing is read from there.
  const closedBecause = (): string | undefined =>
    invalidator.queued > 0 ? 'queued invalidations are sent first' : undefined;
  const remote = new GuardedStore(shared.store, { observer: events, closedBecause });

  const common = { clock, random, remote, view, observer: events, maxEntryBytes: options.maxEntryBytes };
  const reader = new RemoteReader(common);
  const writer = new EntryWriter(common);
  const loads = new Loads({ ...common, reader, writer, leaseDuration: options.lease, leaseWait: options.leaseWait });
  const setter = new EntrySetter({ ...common, writer, invalidator, leaseDuration: options.lease });
  const engine = new CacheEngine({ clock, view, reader, loads, background });
  const onGap = (): void => background.run('assert again', () => invalidator.assertAgain());
  const ledgerReader = new LedgerReader({ clock, ledger: shared.ledger, view, observer: events, origin, onGap });

  return {
    ...{
      engine,
      setter,
      invalidator,
      view,
      clock,
      store: reporting,
      ledger: shared.ledger,
      connection: shared.commands,
    },
    start: () => {
      if (!shared.commands) return;
      shared.commands.onReady(() => background.run('queued invalidations', () => invalidator.flushQueue()));
      shared.commands.open();
      shared.blocking?.open();
      ledgerReader.start();
    },
    stop: async () => {
      await Promise.race([background.drain(), clock.sleep(DRAIN_LIMIT)]);
      const reading = ledgerReader.stop();
      shared.blocking?.close();
      shared.commands?.close();
      await reading;
    },
  };
}

interface TierParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: CacheEvents;
}

function redisTier(
  options: ResolvedCacheOptions,
  target: ResolvedRedisOptions,
  { clock, random, events }: TierParts,
): SharedTier {
  const keyspace = new Keyspace(options.prefix);
  const commands = new RedisConnection(target, { clock, random, report: (event) => events.on(event) });
  // The second connection shares the server's fate; its events would say everything twice.
  const longestRead = options.coherenceWindow / 4 + target.commandTimeout;
  const blocking = new RedisConnection(target, { clock, random, report: () => undefined }, longestRead);
  return {
    store: new RedisStore(commands, keyspace, clock, options.scanCount),
    ledger: new RedisLedger({ commands, blocking }, keyspace.ledger),
    lease: new LedgerLease(options.coherenceWindow),
    commands,
    blocking,
  };
}

function localTier(): SharedTier {
  return { store: new LocalStore(), ledger: new LocalLedger(), lease: UNSHARED_LEASE };
}

import { type CoherenceLease, UNSHARED_LEASE } from '../engine/coherence-lease.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Ledger, RemoteStore } from '../stores/contracts.js';
import { LocalLedger, LocalStore } from '../stores/local-store.js';
import { Keyspace } from '../stores/redis/keyspace.js';
import { LedgerFeed } from '../stores/redis/ledger-feed.js';
import { Lineage } from '../stores/redis/lineage.js';
import { RedisConnection } from '../stores/redis/redis-connection.js';
import type { LedgerConnections } from '../stores/redis/redis-ledger.js';
import type { StoreConnections } from '../stores/redis/redis-store.js';
import type { Standalone } from '../stores/redis-target.js';
import { ReplicaReader } from '../stores/redis/replica-reader.js';
import { SameServer } from '../stores/redis/same-server.js';
import { parseNodeUrls, parseServerUrl } from '../stores/redis/server-url.js';
import type { CacheEvents } from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { Implementations } from './implementations.js';
import type { Connections } from './lifecycle.js';
import type { ResolvedRedisOptions } from './redis-options.js';

/** The connections to Redis, which all caches of an application share. */
export interface RedisConnections extends StoreConnections, LedgerConnections, Pick<Connections, 'others'> {
  /** Calls `listener` when a server serves that did not write what was written before. */
  onPrimaryChanged(listener: () => void): void;
}

/** What connections are made with. */
export interface RedisConnectionsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: CacheEvents;
}

/** Connections to Redis, in whichever mode; their number is that of one cache. */
export function connectionsTo(
  redis: ResolvedRedisOptions,
  coherenceWindow: Milliseconds,
  { clock, random, events }: RedisConnectionsParts,
): RedisConnections {
  const { commandTimeout, waitReplicas } = redis;
  const target = redis.target();
  const commands = new RedisConnection(target, { clock, random, report: (event) => events.on(event) });
  // The others share the servers' fate; their events would say everything twice.
  const silent = { clock, random, report: () => undefined };
  const invalidations = waitReplicas > 0 ? new RedisConnection(target, silent) : commands;
  const blocking = new RedisConnection(target, silent, {
    longestAnswer: coherenceWindow / 4 + commandTimeout,
    role: 'primary',
    eager: false,
  });
  const replicas = replicaReader(redis, silent);
  const lineage = new Lineage(commands.client);
  return {
    ...{ commands, invalidations, replicas, feed: new LedgerFeed(blocking, new SameServer(commands, blocking)) },
    others: [blocking, ...(invalidations === commands ? [] : [invalidations]), ...(replicas ? [replicas] : [])],
    onPrimaryChanged: (listener) => lineage.onNew(listener),
  };
}

/** The shared tier of one cache. */
export interface SharedTier {
  readonly store: RemoteStore;
  readonly ledger: Ledger;
  readonly lease: CoherenceLease;
}

/** The tier of one cache on Redis, under names of its own. */
export function redisTier(
  { prefix, name, scanCount, coherenceWindow }: ResolvedCacheOptions,
  { waitReplicas }: ResolvedRedisOptions,
  connections: RedisConnections,
  { clock, make }: { readonly clock: Clock; readonly make: Implementations },
): SharedTier {
  const keyspace = new Keyspace(prefix, name);
  return {
    store: make.store(connections, { keyspace, clock, scanCount, waitReplicas }),
    ledger: make.ledger(connections, keyspace.ledger, waitReplicas),
    lease: make.lease(coherenceWindow),
  };
}

/** What takes the place of the shared tier without Redis. */
export function localTier(): SharedTier {
  return { store: new LocalStore(), ledger: new LocalLedger(), lease: UNSHARED_LEASE };
}

function replicaReader(
  redis: ResolvedRedisOptions,
  parts: ConstructorParameters<typeof RedisConnection>[1],
): ReplicaReader | undefined {
  if (!redis.readFromReplicas) return undefined;
  const target = redis.target();
  const use = { longestAnswer: target.commandTimeout, role: 'replica', eager: false } as const;
  const { servers } = target;
  const targets =
    servers.mode === 'standalone' ? replicasOf(servers).map((each) => ({ ...target, servers: each })) : [target];
  return new ReplicaReader(
    targets.map((each) => new RedisConnection(each, parts, use)),
    parts.clock,
  );
}

/** They have the primary's database. */
function replicasOf(primary: Standalone): Standalone[] {
  parseNodeUrls('REDIS_REPLICAS', primary.replicas);
  const { database = 0 } = parseServerUrl('REDIS_URL', primary.url);
  return primary.replicas.map((url) => ({ ...primary, url, database }));
}

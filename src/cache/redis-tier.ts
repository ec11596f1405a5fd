import type { CoherenceLease } from '../engine/coherence-lease.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Ledger, RemoteStore } from '../stores/contracts.js';
import { Keyspace } from '../stores/redis/keyspace.js';
import { Lineage } from '../stores/redis/lineage.js';
import { RedisConnection } from '../stores/redis/redis-connection.js';
import type { RedisLedger } from '../stores/redis/redis-ledger.js';
import type { RedisStore } from '../stores/redis/redis-store.js';
import type { Standalone } from '../stores/redis-target.js';
import { ReplicaReader } from '../stores/redis/replica-reader.js';
import { parseNodeUrls, parseServerUrl } from '../stores/redis/server-url.js';
import type { CacheEvents } from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { Connections } from './lifecycle.js';
import type { ResolvedRedisOptions } from './redis-options.js';

/** The shared tier and what belongs to it. */
export interface SharedTier extends Connections {
  readonly store: RemoteStore;
  readonly ledger: Ledger;
  readonly lease: CoherenceLease;
  readonly commands?: RedisConnection;
  /** Calls `listener` when a server serves that did not write what was written before. */
  onPrimaryChanged(listener: () => void): void;
}

/** What a shared tier is made with. */
export interface RedisTierParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly events: CacheEvents;
  readonly make: {
    store(...parts: ConstructorParameters<typeof RedisStore>): RemoteStore;
    ledger(...parts: ConstructorParameters<typeof RedisLedger>): Ledger;
    lease(window: Milliseconds): CoherenceLease;
  };
}

/** The shared tier on Redis, in whichever mode. */
export function redisTier(
  { prefix, scanCount, coherenceWindow }: ResolvedCacheOptions,
  redis: ResolvedRedisOptions,
  { clock, random, events, make }: RedisTierParts,
): SharedTier {
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
  const keyspace = new Keyspace(prefix);
  return {
    store: make.store({ commands, invalidations, replicas }, { keyspace, clock, scanCount, waitReplicas }),
    ledger: make.ledger({ commands, invalidations, blocking }, keyspace.ledger, waitReplicas),
    lease: make.lease(coherenceWindow),
    commands,
    others: [blocking, ...(invalidations === commands ? [] : [invalidations]), ...(replicas ? [replicas] : [])],
    onPrimaryChanged: (listener) => lineage.onNew(listener),
  };
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

import type { RetrySchedule } from '../primitives/backoff.js';
import { finiteNumber, wholeNumber } from '../primitives/checks.js';
import { InvalidOptionError } from '../primitives/errors.js';
import type { Milliseconds } from '../primitives/units.js';
import type { RedisTarget, RedisTls } from '../stores/redis-target.js';

/** How reconnecting to Redis is paced. */
export interface RetryOptions {
  /** How many retries follow the first attempt with doubling delays; after them it is tried for ever at the longest. @default 5 */
  readonly attempts?: number;
  /** The first delay in milliseconds. @default 2000 */
  readonly baseMs?: Milliseconds;
  /** Share of each delay added or taken away by chance, 0 to 1. @default 0 */
  readonly jitter?: number;
}

/** The circuit breakers, one each for reads, writes and invalidations. */
export interface CircuitOptions {
  /** How many failures in a row open it. @default 5 */
  readonly failures?: number;
  /** Milliseconds until a command is sent to see whether Redis serves again; twice that after each time in vain. @default 500 */
  readonly probeMs?: Milliseconds;
}

/** What all modes have in common. */
export interface CommonRedisOptions {
  /** The user, by ACL, where the URL has none. @default 'default' */
  readonly username?: string;
  /** Used where the URL has no password. */
  readonly password?: string;
  /** Certificates for `rediss://`. @default the system's authorities, no certificate of our own */
  readonly tls?: RedisTls;
  /**
   * How many replicas must have an invalidation until it is acknowledged, so that a failover does not lose it; costs a
   * round trip more and a connection. @default 0
   */
  readonly waitReplicas?: number;
  /** Deadline of every command in milliseconds. @default 200 */
  readonly commandTimeoutMs?: Milliseconds;
  /** `guide`: 2, 4, 8, 16, 32 s, then every 32 s. `fast`: 50 ms doubling to 1 s, with jitter. @default 'guide' */
  readonly retry?: 'guide' | 'fast' | RetryOptions;
  /** Whether the application refuses to start when Redis cannot be reached with the retries above. @default false */
  readonly failFast?: boolean;
  /** When commands are no longer sent to a Redis that does not serve them. */
  readonly circuit?: CircuitOptions;
  /** How many reads and writes may be under way at a time; one more is a miss. @default 10000 */
  readonly maxInFlight?: number;
}

/** One server, alone or with replicas. */
export interface StandaloneRedisOptions extends CommonRedisOptions {
  readonly mode?: 'standalone';
  /** `redis://[user][:password]@host[:port][/db]`, `rediss://…` for TLS, or `unix:///path/to/socket[?db=N]`. */
  readonly url: string;
  /** URLs of replicas, without a database, from which entries are read. @default none */
  readonly replicas?: readonly string[];
}

/** A primary that Sentinels name. */
export interface SentinelRedisOptions extends CommonRedisOptions {
  readonly mode: 'sentinel';
  /** URLs of Sentinels, `redis://host[:port]` or `rediss://…` for TLS to them and to the servers. Port 26379 unless given. */
  readonly sentinels: readonly string[];
  /** What the Sentinels call the primary. @default 'mymaster' */
  readonly name?: string;
  /** The database number. @default 0 */
  readonly database?: number;
  /** What the Sentinels themselves ask for. @default none */
  readonly sentinelUsername?: string;
  /** What the Sentinels themselves ask for. @default none */
  readonly sentinelPassword?: string;
  /** Whether entries are read from a replica. @default false */
  readonly readFromReplicas?: boolean;
}

/** A Redis Cluster. */
export interface ClusterRedisOptions extends CommonRedisOptions {
  readonly mode: 'cluster';
  /** URLs of some nodes, without a database; the others are found. */
  readonly nodes: readonly string[];
  /** Whether entries are read from replicas. @default false */
  readonly readFromReplicas?: boolean;
}

/** The shared tier, by mode. */
export type RedisOptions = StandaloneRedisOptions | SentinelRedisOptions | ClusterRedisOptions;

/** {@link RedisOptions} with nothing left to default. */
export interface ResolvedRedisOptions extends Pick<RedisTarget, 'commandTimeout' | 'retry'> {
  /** How to reach Redis. A function, since it holds passwords: whoever prints these options must not print those. */
  readonly target: () => RedisTarget;
  readonly failFast: boolean;
  readonly circuit: { readonly threshold: number; readonly probes: RetrySchedule };
  readonly maxInFlight: number;
  readonly waitReplicas: number;
  readonly readFromReplicas: boolean;
}

const LONGEST_DELAY: Milliseconds = 10 * 60_000;

/** Fills in defaults and checks every option. @throws InvalidOptionError */
export function resolveRedis(options: RedisOptions): ResolvedRedisOptions {
  const { username, password, tls = {}, waitReplicas = 0, commandTimeoutMs = 200, maxInFlight = 10_000 } = options;
  const { retry = 'guide', failFast = false, circuit = {} } = options;
  checkTls(tls);
  const { servers, readFromReplicas } = resolveServers(options);
  const pace = {
    commandTimeout: finiteNumber('redis.commandTimeoutMs', commandTimeoutMs, { min: 1, max: 60_000 }),
    retry: resolveRetry(retry),
  };
  const target: RedisTarget = { servers, username, password, tls, ...pace };
  return {
    ...{ target: () => target, readFromReplicas, failFast },
    ...pace,
    waitReplicas: wholeNumber('redis.waitReplicas', waitReplicas, { min: 0, max: 100 }),
    circuit: resolveCircuit(circuit),
    maxInFlight: wholeNumber('redis.maxInFlight', maxInFlight, { min: 1, max: 10_000_000 }),
  };
}

function resolveServers(options: RedisOptions): Pick<RedisTarget, 'servers'> & { readonly readFromReplicas: boolean } {
  if (options.mode === 'cluster') {
    const { mode, nodes, readFromReplicas = false } = options;
    return { servers: { mode, nodes }, readFromReplicas };
  }
  if (options.mode === 'sentinel') {
    const { mode, sentinels, name = 'mymaster', database = 0, readFromReplicas = false } = options;
    const { sentinelUsername, sentinelPassword } = options;
    checkName(name);
    wholeNumber('redis.database', database, { min: 0, max: 65_535 });
    return { servers: { mode, sentinels, name, database, sentinelUsername, sentinelPassword }, readFromReplicas };
  }
  const { mode = 'standalone', url, replicas = [] } = options;
  // From JavaScript anything can come.
  if ((mode as string) !== 'standalone')
    throw new InvalidOptionError('redis.mode', "'standalone', 'sentinel' or 'cluster'", mode);
  return { servers: { mode, url, replicas }, readFromReplicas: replicas.length > 0 };
}

function checkName(name: string): void {
  if (!/^[\w.-]+$/.test(name)) throw new InvalidOptionError('redis.name', 'letters, digits, _ - and .', name);
}

function checkTls({ cert, key }: RedisTls): void {
  if ((cert === undefined) !== (key === undefined))
    throw new InvalidOptionError(
      'redis.tls',
      'given both cert and key, or neither',
      cert === undefined ? 'key' : 'cert',
    );
}

function resolveCircuit({ failures = 5, probeMs = 500 }: CircuitOptions): ResolvedRedisOptions['circuit'] {
  const base = finiteNumber('redis.circuit.probeMs', probeMs, { min: 1, max: LONGEST_DELAY });
  return {
    threshold: wholeNumber('redis.circuit.failures', failures, { min: 1, max: 1_000_000 }),
    // No longer, since reads wait for the probe of invalidations where some are queued. By chance a tenth more or less: a
    // fleet must not probe in step.
    probes: { attempts: 2, base, cap: 2 * base, jitter: 0.1 },
  };
}

function resolveRetry(retry: NonNullable<RedisOptions['retry']>): RetrySchedule {
  if (retry === 'fast') return { attempts: 6, base: 50, cap: 1_000, jitter: 0.25 };
  const { attempts = 5, baseMs = 2_000, jitter = 0 } = retry === 'guide' ? {} : retry;
  return {
    attempts: wholeNumber('redis.retry.attempts', attempts, { min: 0, max: 20 }),
    base: finiteNumber('redis.retry.baseMs', baseMs, { min: 1, max: LONGEST_DELAY }),
    cap: LONGEST_DELAY,
    jitter: finiteNumber('redis.retry.jitter', jitter, { min: 0, max: 1 }),
  };
}

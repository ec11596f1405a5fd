import type { Consistency } from '../engine/lookup.js';
import { KeyPattern } from '../keys/pattern.js';
import { type KeyTemplate, LONGEST_TTL } from '../keys/template.js';
import type { RetrySchedule } from '../primitives/backoff.js';
import { finiteNumber, wholeNumber } from '../primitives/checks.js';
import { InvalidOptionError } from '../primitives/errors.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';
import type { InvalidationRule } from './invalidation-rules.js';

/** How reconnecting to Redis is paced. */
export interface RetryOptions {
  /** How many retries follow the first attempt with doubling delays; after them it is tried for ever at the longest. @default 5 */
  readonly attempts?: number;
  /** The first delay in milliseconds. @default 2000 */
  readonly baseMs?: Milliseconds;
  /** Share of each delay added or taken away by chance, 0 to 1. @default 0 */
  readonly jitter?: number;
}

/** The shared tier. */
export interface RedisOptions {
  /** `redis://[user][:password]@host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Used where the URL has no password. */
  readonly password?: string;
  /** Deadline of every command in milliseconds. @default 200 */
  readonly commandTimeoutMs?: Milliseconds;
  /** `guide`: 2, 4, 8, 16, 32 s, then every 32 s. `fast`: 50 ms doubling to 1 s, with jitter. @default 'guide' */
  readonly retry?: 'guide' | 'fast' | RetryOptions;
  /** Whether the application refuses to start when Redis cannot be reached with the retries above. @default false */
  readonly failFast?: boolean;
}

/** Bounds of the tier in this process's memory; whichever is reached first evicts. */
export interface MemoryOptions {
  /** @default 10000 */
  readonly maxEntries?: number;
  /** Bytes of JSON, about. @default 67108864 (64 MiB) */
  readonly maxBytes?: number;
}

/** Options of {@link CacheModule}. */
export interface CacheModuleOptions {
  /** Left out: the cache lives in this process's memory only. */
  readonly redis?: RedisOptions;
  /** What every name in Redis begins with: words of a-z A-Z 0-9 _ - . separated by colons. @default 'shadower' */
  readonly prefix?: string;
  readonly memory?: MemoryOptions;
  /** Seconds for which an entry is fresh when neither its template, its timeframe nor the call says. @default 300 */
  readonly defaultTtl?: Seconds;
  /** Seconds after that for which a stale value may be served while it is refreshed. @default 0 */
  readonly grace?: Seconds;
  /** How reads that do not say otherwise follow invalidations by other instances. @default 'default' */
  readonly consistency?: Consistency;
  /** The longest time in milliseconds for which L1 may serve what another instance has invalidated. @default 2000 */
  readonly coherenceWindowMs?: Milliseconds;
  /** How long one load may hold the right to fill an entry before it must be renewed. @default 10000 */
  readonly leaseMs?: Milliseconds;
  /** How long to wait for another process's load of the same key before loading too. @default 10000 */
  readonly leaseWaitMs?: Milliseconds;
  /** The COUNT of each SCAN. @default 500 */
  readonly scanCount?: number;
  /** Larger entries are served but not cached. @default 1048576 (1 MiB) */
  readonly maxEntryBytes?: number;
  /** Templates that raw string keys are held against, for their TTL, tags and label. */
  readonly templates?: readonly KeyTemplate[];
  /**
   * Patterns whose invalidation costs the same however many keys they match: every key that one matches carries a
   * reserved tag. All instances must list the same; entries stored without the tag count as invalidated. @default none
   */
  readonly indexedPatterns?: readonly string[];
  /** Rules for the application's own events, beside those of the domain events. */
  readonly rules?: readonly InvalidationRule[];
  /** One tag is changed again no sooner than this, in milliseconds, so that a storm on it becomes a few changes. @default 10 */
  readonly invalidationSpacingMs?: Milliseconds;
  /**
   * Share of the cache, 0 to 1, beyond which a call of `InvalidationService` is refused unless it says `force`.
   * Events are never refused. With a limit every such call first looks at up to 20,000 entries. @default no limit
   */
  readonly blastLimit?: number;
  /** Memory of invalidated entries is freed by a paced walk. */
  readonly sweep?: SweepOptions;
}

/** How the memory of invalidated entries is freed. */
export interface SweepOptions {
  /** Milliseconds after an invalidation by tag until a sweep begins, once for all that comes meanwhile. @default 60000 */
  readonly restMs?: Milliseconds;
  /** Share of the time for which a sweep keeps Redis busy, at most 1. @default 0.1 */
  readonly duty?: number;
}

/** {@link RedisOptions} with nothing left to default. */
export interface ResolvedRedisOptions {
  readonly url: string;
  readonly password: string | undefined;
  readonly commandTimeout: Milliseconds;
  readonly retry: RetrySchedule;
  readonly failFast: boolean;
}

/** {@link CacheModuleOptions} with nothing left to default. Durations are milliseconds. */
export interface ResolvedCacheOptions {
  readonly redis: ResolvedRedisOptions | undefined;
  readonly prefix: string;
  readonly memory: { readonly maxEntries: number; readonly maxBytes: number };
  readonly defaultTtl: Milliseconds;
  readonly grace: Milliseconds;
  readonly consistency: Consistency;
  readonly coherenceWindow: Milliseconds;
  readonly lease: Milliseconds;
  readonly leaseWait: Milliseconds;
  readonly scanCount: number;
  readonly maxEntryBytes: number;
  readonly templates: readonly KeyTemplate[];
  readonly indexedPatterns: readonly KeyPattern[];
  readonly rules: readonly InvalidationRule[];
  readonly invalidationSpacing: Milliseconds;
  readonly blastLimit: number | undefined;
  readonly sweep: { readonly rest: Milliseconds; readonly duty: number };
}

const DAY_MS: Milliseconds = 86_400_000;
const MIB = 1_048_576;
const LONGEST_DELAY: Milliseconds = 10 * 60_000;

const DEFAULTS: Required<Omit<CacheModuleOptions, 'redis' | 'blastLimit'>> = Object.freeze({
  prefix: 'shadower',
  memory: {},
  defaultTtl: 300,
  grace: 0,
  consistency: 'default',
  coherenceWindowMs: 2_000,
  leaseMs: 10_000,
  leaseWaitMs: 10_000,
  scanCount: 500,
  maxEntryBytes: MIB,
  templates: [],
  indexedPatterns: [],
  rules: [],
  invalidationSpacingMs: 10,
  sweep: {},
});

/** Fills in defaults and checks every option once. @throws InvalidOptionError naming the option, the rule and what was received */
export function resolveOptions(options: CacheModuleOptions): ResolvedCacheOptions {
  const given = { ...DEFAULTS, ...withoutUndefined(options) };
  checkConsistency(given.consistency);
  return Object.freeze({
    redis: options.redis && resolveRedis(options.redis),
    prefix: given.prefix,
    memory: resolveMemory(given.memory),
    defaultTtl: resolveTtl('defaultTtl', given.defaultTtl),
    grace: resolveGrace('grace', given.grace),
    consistency: given.consistency,
    coherenceWindow: finiteNumber('coherenceWindowMs', given.coherenceWindowMs, { min: 100, max: 60_000 }),
    lease: wholeNumber('leaseMs', given.leaseMs, { min: 100, max: DAY_MS }),
    leaseWait: finiteNumber('leaseWaitMs', given.leaseWaitMs, { min: 0, max: DAY_MS }),
    scanCount: wholeNumber('scanCount', given.scanCount, { min: 1, max: 100_000 }),
    maxEntryBytes: wholeNumber('maxEntryBytes', given.maxEntryBytes, { min: 256, max: 512 * MIB }),
    templates: given.templates,
    indexedPatterns: given.indexedPatterns.map((text) => KeyPattern.parse(text)),
    rules: given.rules,
    invalidationSpacing: finiteNumber('invalidationSpacingMs', given.invalidationSpacingMs, { min: 0, max: 1_000 }),
    blastLimit:
      given.blastLimit === undefined ? undefined : finiteNumber('blastLimit', given.blastLimit, { min: 0, max: 1 }),
    sweep: resolveSweep(given.sweep),
  });
}

/** An option that is `undefined`, as one read from an unset variable is, counts as left out. */
function withoutUndefined(options: CacheModuleOptions): CacheModuleOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

/** @throws InvalidOptionError for anything that is not a {@link Consistency} */
export function checkConsistency(value: string): void {
  if (value !== 'default' && value !== 'strict')
    throw new InvalidOptionError('consistency', "'default' or 'strict'", value);
}

function resolveSweep({ restMs = 60_000, duty = 0.1 }: SweepOptions): ResolvedCacheOptions['sweep'] {
  return {
    rest: finiteNumber('sweep.restMs', restMs, { min: 0, max: DAY_MS }),
    duty: finiteNumber('sweep.duty', duty, { min: 0.001, max: 1 }),
  };
}

function resolveMemory({ maxEntries = 10_000, maxBytes = 64 * MIB }: MemoryOptions): ResolvedCacheOptions['memory'] {
  return {
    maxEntries: wholeNumber('memory.maxEntries', maxEntries, { min: 0, max: 100_000_000 }),
    maxBytes: wholeNumber('memory.maxBytes', maxBytes, { min: 0, max: 2 ** 40 }),
  };
}

/** A TTL in seconds as milliseconds. Zero, negative and endless ones are refused: they mean different things to different people. */
export function resolveTtl(name: string, ttl: Seconds): Milliseconds {
  return 1000 * finiteNumber(name, ttl, { min: 0.001, max: LONGEST_TTL });
}

/** A grace in seconds as milliseconds; zero means that nothing stale is served. */
export function resolveGrace(name: string, grace: Seconds): Milliseconds {
  return 1000 * finiteNumber(name, grace, { min: 0, max: LONGEST_TTL });
}

function resolveRedis({
  url,
  password,
  commandTimeoutMs = 200,
  retry = 'guide',
  failFast = false,
}: RedisOptions): ResolvedRedisOptions {
  const commandTimeout = finiteNumber('redis.commandTimeoutMs', commandTimeoutMs, { min: 1, max: 60_000 });
  return { url, password, commandTimeout, retry: resolveRetry(retry), failFast };
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

import type { Consistency } from '../engine/lookup.js';
import type { SourceLimit } from '../engine/load-budget.js';
import { KeyPattern } from '../keys/pattern.js';
import {
  DEFAULT_POLICY,
  type LoadPolicy,
  type LoadPolicyOptions,
  LONGEST_TTL,
  resolvePolicy,
} from '../keys/load-policy.js';
import { sharedKey } from '../keys/shared-key.js';
import type { KeyTemplate } from '../keys/template.js';
import { finiteNumber, wholeNumber } from '../primitives/checks.js';
import { InvalidOptionError } from '../primitives/errors.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';
import { type HttpCacheOptions, resolveHttp, type ResolvedHttpOptions } from './http/http-options.js';
import type { InvalidationRule } from './invalidation-rules.js';
import { type RedisOptions, type ResolvedRedisOptions, resolveRedis } from './redis-options.js';
import type { AnyTimeSeries } from './time/time-series.js';
import { type ResolvedWarmingOptions, resolveWarming, type WarmingOptions } from './warming/warming-options.js';

/** A source that loaders ask, and how much it can be asked. */
export interface SourceOptions {
  /** How many loads of this process may be under way at a time. */
  readonly maxLoads: number;
  /** How long in milliseconds a load may wait for its turn before it is a LoadRejectedError. @default 1000 */
  readonly maxWaitMs?: Milliseconds;
}

/** Bounds of the tier in this process's memory; whichever is reached first evicts. */
export interface MemoryOptions {
  /** @default 10000 */
  readonly maxEntries?: number;
  /** Bytes of the heap, about: of values, keys and what is kept beside them. @default 67108864 (64 MiB) */
  readonly maxBytes?: number;
}

/** Options of {@link CacheModule}. */
export interface CacheModuleOptions extends LoadPolicyOptions {
  /** Left out: the cache lives in this process's memory only. */
  readonly redis?: RedisOptions;
  /** What every name in Redis begins with: words of a-z A-Z 0-9 _ - . separated by colons. @default 'shadower' */
  readonly prefix?: string;
  /**
   * What the history calls this process, before a random part of its own: 1 to 100 letters, digits, _ - . : and at signs,
   * the name of the host, say. Metrics do not tell it. @default none
   */
  readonly instance?: string;
  readonly memory?: MemoryOptions;
  /** Seconds for which an entry is fresh when neither its template, its timeframe nor the call says. @default 300 */
  readonly defaultTtl?: Seconds;
  /** Share of a TTL, 0 to 1, by which it is shortened at most, by chance, so that what was stored together does not expire together. @default 0.1 */
  readonly ttlJitter?: number;
  /** Sources whose number of loads at a time is limited, by the name that templates and calls give as `source`. @default none */
  readonly sources?: Readonly<Record<string, SourceOptions>>;
  /** How reads that do not say otherwise follow invalidations by other instances. @default 'default' */
  readonly consistency?: Consistency;
  /** The longest time in milliseconds for which L1 may serve what another instance has invalidated. @default 2000 */
  readonly coherenceWindowMs?: Milliseconds;
  /** How long one load may hold the right to fill an entry before it must be renewed, which it is while the loader runs. @default 3000 */
  readonly leaseMs?: Milliseconds;
  /** How long to wait for another process's load of the same key before loading too. @default 10000 */
  readonly leaseWaitMs?: Milliseconds;
  /** The COUNT of each SCAN. @default 500 */
  readonly scanCount?: number;
  /** Larger entries are served but not cached. @default 1048576 (1 MiB) */
  readonly maxEntryBytes?: number;
  /**
   * Values whose JSON has more characters are compressed in Redis; all instances read both. Analytics then take a
   * sixth of the memory and of the network, and some time of this process. @default Infinity: none is
   */
  readonly compressAbove?: number;
  /** Templates that raw string keys are held against, for their TTL, tags and label. No two of them may make the same key. */
  readonly templates?: readonly KeyTemplate[];
  /**
   * Patterns whose invalidation costs the same however many keys they match: every key that one matches carries a
   * reserved tag. All instances must list the same; entries stored without the tag count as invalidated. @default none
   */
  readonly indexedPatterns?: readonly string[];
  /**
   * The series that `getRange` may be asked for. All instances must list the same, those that only invalidate too:
   * an invalidation reaches the buckets of listed series.
   */
  readonly timeSeries?: readonly AnyTimeSeries[];
  /** Rules for the application's own events, beside those of the domain events. */
  readonly rules?: readonly InvalidationRule[];
  /** One tag is changed again no sooner than this, in milliseconds, so that a storm on it becomes a few changes. @default 10 */
  readonly invalidationSpacingMs?: Milliseconds;
  /**
   * Share of the cache, 0 to 1, beyond which a call of `InvalidationService` is refused unless it says `force`.
   * Events are never refused. With a limit every such call first looks at up to 20,000 entries. @default no limit
   */
  readonly blastLimit?: number;
  /** What is said at the start of what the rules most likely miss. */
  readonly coverage?: CoverageOptions;
  /** How a key is shown in the spans of OpenTelemetry. @default as it is */
  readonly traceKey?: (key: string) => string;
  /** How answers of routes with `CacheResponse` are cached. */
  readonly http?: HttpCacheOptions;
  /** Memory of invalidated entries is freed by a paced walk. */
  readonly sweep?: SweepOptions;
  /**
   * How long in milliseconds an invalidation may take to come after its source has changed, before a spot check tells of
   * it; at least the coherence window. See `spotCheck`. @default 5000
   */
  readonly spotCheckGraceMs?: Milliseconds;
  /** How values are loaded before anybody asks. */
  readonly warming?: WarmingOptions;
  /** How often in milliseconds what was seen of values is written to Redis, and TTLs are moved, where there is `advice`. @default 30000 */
  readonly adviceWindowMs?: Milliseconds;
}

/** What is said of templates that no event invalidates, events that take nothing or are never emitted, and tags that are too broad. */
export interface CoverageOptions {
  /** At the start. `warn`: one line each, five at most. `error`: the application does not start. `off`: nothing is looked at. @default 'warn' */
  readonly onFinding?: 'warn' | 'error' | 'off';
  /** Templates, events and methods of which it is meant. @default none */
  readonly except?: readonly string[];
}

/** How the memory of invalidated entries is freed. */
export interface SweepOptions {
  /** Milliseconds after an invalidation by tag until a sweep begins, once for all that comes meanwhile. @default 60000 */
  readonly restMs?: Milliseconds;
  /** Share of the time for which a sweep keeps Redis busy, at most 1. @default 0.1 */
  readonly duty?: number;
}

/** {@link CacheModuleOptions} with nothing left to default. Durations are milliseconds. */
export interface ResolvedCacheOptions {
  /** Of a cache beside the default one; `undefined` for that. */
  readonly name: string | undefined;
  readonly redis: ResolvedRedisOptions | undefined;
  readonly prefix: string;
  readonly instance: string | undefined;
  readonly memory: { readonly maxEntries: number; readonly maxBytes: number };
  readonly defaultTtl: Milliseconds;
  readonly ttlJitter: number;
  /** What holds where neither template nor call says. */
  readonly policy: LoadPolicy;
  readonly sources: ReadonlyMap<string, SourceLimit>;
  readonly consistency: Consistency;
  readonly coherenceWindow: Milliseconds;
  readonly lease: Milliseconds;
  readonly leaseWait: Milliseconds;
  readonly scanCount: number;
  readonly maxEntryBytes: number;
  readonly compressAbove: number;
  readonly templates: readonly KeyTemplate[];
  readonly indexedPatterns: readonly KeyPattern[];
  readonly timeSeries: readonly AnyTimeSeries[];
  readonly rules: readonly InvalidationRule[];
  readonly invalidationSpacing: Milliseconds;
  readonly blastLimit: number | undefined;
  readonly coverage: Required<CoverageOptions>;
  readonly traceKey: (key: string) => string;
  readonly http: ResolvedHttpOptions;
  readonly sweep: { readonly rest: Milliseconds; readonly duty: number };
  readonly spotCheckGrace: Milliseconds;
  readonly warming: ResolvedWarmingOptions;
  readonly adviceWindow: Milliseconds;
}

const DAY_MS: Milliseconds = 86_400_000;
const MIB = 1_048_576;

const DEFAULTS: Required<Omit<CacheModuleOptions, 'redis' | 'instance' | 'blastLimit' | keyof LoadPolicyOptions>> =
  Object.freeze({
    prefix: 'shadower',
    memory: {},
    defaultTtl: 300,
    ttlJitter: 0.1,
    sources: {},
    consistency: 'default',
    coherenceWindowMs: 2_000,
    leaseMs: 3_000,
    leaseWaitMs: 10_000,
    scanCount: 500,
    maxEntryBytes: MIB,
    compressAbove: Infinity,
    templates: [],
    indexedPatterns: [],
    timeSeries: [],
    rules: [],
    invalidationSpacingMs: 10,
    coverage: {},
    traceKey: (key: string) => key,
    http: {},
    sweep: {},
    spotCheckGraceMs: 5_000,
    warming: {},
    adviceWindowMs: 30_000,
  });

/** Fills in defaults and checks every option once. @throws InvalidOptionError naming the option, the rule and what was received */
export function resolveOptions(options: CacheModuleOptions): ResolvedCacheOptions {
  const given = { ...DEFAULTS, ...withoutUndefined(options) };
  checkConsistency(given.consistency);
  return Object.freeze({
    name: undefined,
    redis: options.redis && resolveRedis(options.redis),
    prefix: given.prefix,
    instance: checkedInstance(given.instance),
    memory: resolveMemory(given.memory),
    defaultTtl: resolveTtl('defaultTtl', given.defaultTtl),
    ttlJitter: finiteNumber('ttlJitter', given.ttlJitter, { min: 0, max: 1 }),
    ...resolveLoading(given),
    consistency: given.consistency,
    coherenceWindow: finiteNumber('coherenceWindowMs', given.coherenceWindowMs, { min: 100, max: 60_000 }),
    lease: wholeNumber('leaseMs', given.leaseMs, { min: 100, max: DAY_MS }),
    leaseWait: finiteNumber('leaseWaitMs', given.leaseWaitMs, { min: 0, max: DAY_MS }),
    scanCount: wholeNumber('scanCount', given.scanCount, { min: 1, max: 100_000 }),
    maxEntryBytes: wholeNumber('maxEntryBytes', given.maxEntryBytes, { min: 256, max: 512 * MIB }),
    compressAbove:
      given.compressAbove === Infinity
        ? Infinity
        : wholeNumber('compressAbove', given.compressAbove, { min: 0, max: 512 * MIB }),
    templates: checkedTemplates([...given.templates, ...given.timeSeries.map(({ buckets }) => buckets)]),
    indexedPatterns: given.indexedPatterns.map((text) => KeyPattern.parse(text)),
    timeSeries: given.timeSeries,
    rules: given.rules,
    invalidationSpacing: finiteNumber('invalidationSpacingMs', given.invalidationSpacingMs, { min: 0, max: 1_000 }),
    blastLimit:
      given.blastLimit === undefined ? undefined : finiteNumber('blastLimit', given.blastLimit, { min: 0, max: 1 }),
    coverage: resolveCoverage(given.coverage),
    traceKey: given.traceKey,
    http: resolveHttp(given.http),
    sweep: resolveSweep(given.sweep),
    spotCheckGrace: finiteNumber('spotCheckGraceMs', given.spotCheckGraceMs, { min: 0, max: DAY_MS }),
    warming: resolveWarming(given.warming),
    adviceWindow: finiteNumber('adviceWindowMs', given.adviceWindowMs, { min: 100, max: 3_600_000 }),
  });
}

const INSTANCE = /^[a-zA-Z0-9_.:@-]{1,100}$/;

function checkedInstance(name: unknown): string | undefined {
  if (name === undefined || (typeof name === 'string' && INSTANCE.test(name))) return name;
  throw new InvalidOptionError('instance', '1 to 100 characters of a-z A-Z 0-9 _ - . : @', name);
}

/** Two templates that can make one key would give one reader what is stored for the other: `user:all:stats` is the key of a user called `all` too. */
function checkedTemplates(templates: readonly KeyTemplate[]): readonly KeyTemplate[] {
  for (const [i, one] of templates.entries()) {
    for (const other of templates.slice(0, i)) {
      const key = one === other ? undefined : sharedKey(one.template, other.template);
      if (key === undefined) continue;
      const both = `${other.template} and ${one.template}`;
      throw new InvalidOptionError(
        'templates',
        `without two that make the same key; ${both} do: rename a segment`,
        key,
      );
    }
  }
  return templates;
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

function resolveCoverage({ onFinding = 'warn', except = [] }: CoverageOptions): Required<CoverageOptions> {
  if (!['warn', 'error', 'off'].includes(onFinding))
    throw new InvalidOptionError('coverage.onFinding', "'warn', 'error' or 'off'", onFinding);
  if (!Array.isArray(except)) throw new InvalidOptionError('coverage.except', 'a list of templates and events', except);
  return { onFinding, except };
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

function resolveLoading(given: CacheModuleOptions): Pick<ResolvedCacheOptions, 'policy' | 'sources'> {
  const policy = resolvePolicy(DEFAULT_POLICY, given);
  const sources = resolveSources(given.sources ?? {});
  for (const { family } of given.templates ?? []) checkSource(family.policy, sources);
  checkSource(policy, sources);
  return { policy, sources };
}

function resolveSources(sources: Readonly<Record<string, SourceOptions>>): ReadonlyMap<string, SourceLimit> {
  const limits = Object.entries(sources).map(([name, { maxLoads, maxWaitMs = 1_000 }]) => {
    const limit = {
      maxLoads: wholeNumber(`sources.${name}.maxLoads`, maxLoads, { min: 1, max: 1_000_000 }),
      maxWait: finiteNumber(`sources.${name}.maxWaitMs`, maxWaitMs, { min: 0, max: DAY_MS }),
    };
    return [name, limit] as const;
  });
  return new Map(limits);
}

/** @throws InvalidOptionError for a source that has no limit in the module's options, most likely a typing error */
export function checkSource({ source }: Partial<LoadPolicy>, sources: ReadonlyMap<string, unknown>): void {
  if (source === undefined || sources.has(source)) return;
  throw new InvalidOptionError(
    'source',
    `one of the module's sources (${[...sources.keys()].join(', ') || 'none'})`,
    source,
  );
}

import { Inject, Injectable } from '@nestjs/common';
import type { Explanation } from '../engine/explain.js';
import type { StoredEntry } from '../engine/inventory.js';
import { type Found, isFound, type MissCause, type NotFound, type ReadPlan } from '../engine/lookup.js';
import { checkKey, checkList } from '../keys/alphabet.js';
import type { KeyFamily } from '../keys/key.js';
import { type LoadPolicy, type LoadPolicyOptions, resolvePolicy } from '../keys/load-policy.js';
import { KeyPattern } from '../keys/pattern.js';
import { KeyRegistry } from '../keys/registry.js';
import type { Milliseconds } from '../primitives/units.js';
import { CacheEvents, type Operation, type OperationEnded } from './cache-events.js';
import { checkConsistency, checkSource, type ResolvedCacheOptions, resolveTtl } from './cache-options.js';
import type { EntryOptions, KeyLike, LoadOptions, Lookup, ReadOptions } from './call-options.js';
import type { CacheRuntime } from './cache-runtime.js';
import { type CacheStatistics, statisticsOf } from './statistics.js';
import { Tally } from './tally.js';
import { CACHE_OPTIONS, CACHE_RUNTIME } from './tokens.js';

/**
 * The cache. Values are JSON; what readers get is frozen and shared, so copy before changing. `null` is a value and is
 * cached; `undefined` is not. Redis away is never an error here: reads miss, loads load, writes are not stored.
 */
@Injectable()
export class CacheService {
  readonly #keys: KeyRegistry;
  readonly #policies = new WeakMap<KeyFamily, LoadPolicy>();

  /** @internal */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) private readonly options: ResolvedCacheOptions,
    @Inject(CacheEvents) private readonly events: CacheEvents,
    @Inject(Tally) private readonly tally: Tally,
  ) {
    this.#keys = new KeyRegistry(options.templates, options.indexedPatterns);
  }

  /**
   * The fresh value of a key, or `null` for none; a cached `null` looks the same, `lookup` tells them apart. At most one
   * round trip, none for a hit in L1. @throws InvalidKeyError
   */
  async get<T>(key: KeyLike, options: ReadOptions = {}): Promise<T | null> {
    const found = await this.#read('get', key, options);
    return isFound(found) ? (found.value as T) : null;
  }

  /** Whether a fresh value is cached; a cached `null` is one. At most one round trip. @throws InvalidKeyError */
  async exists(key: KeyLike, options: ReadOptions = {}): Promise<boolean> {
    return isFound(await this.#read('exists', key, options));
  }

  /** The fresh values of keys in order, `null` for each without one. At most one round trip in all. @throws InvalidKeyError */
  async getMany<T>(keys: readonly KeyLike[], options: ReadOptions = {}): Promise<(T | null)[]> {
    const plans = this.#checked('get_many', () => checkList(keys, 'keys', (key) => this.#plan(key, options)));
    const start = this.runtime.clock.now();
    const results = await this.runtime.engine.readMany(plans);
    for (const [i, result] of results.entries()) this.#ended('get_many', plans[i] as ReadPlan, result, start);
    return results.map((result) => (isFound(result) ? (result.value as T) : null));
  }

  /**
   * Stores a value and tells other instances to drop their copies. Three round trips. Returns whether it is stored:
   * false when Redis is away (then the older entry is invalidated as soon as it is back), when the key was invalidated
   * meanwhile, or when the value is larger than `maxEntryBytes`.
   * @throws InvalidKeyError, InvalidOptionError for a TTL of 0, negative or infinite, NoValueError for `undefined`,
   *   ValueNotSerializableError for BigInt and circular values
   */
  async set(key: KeyLike, value: unknown, options: EntryOptions = {}): Promise<boolean> {
    const plan = this.#checked('set', () => this.#plan(key, options));
    const [stored] = await this.#timed('set', plan.key.family.label, () => this.runtime.setter.set([{ plan, value }]));
    return stored === true;
  }

  /** Stores several values, all with the same options. Three round trips in all; says for each whether it is stored. @throws as `set` */
  async setMany(entries: readonly (readonly [KeyLike, unknown])[], options: EntryOptions = {}): Promise<boolean[]> {
    const settings = this.#checked('set_many', () =>
      checkList(entries, 'entries', (entry) => {
        const [key, value] = checkList(entry, 'an entry', (part: unknown) => part);
        return { plan: this.#plan(key as KeyLike, options), value };
      }),
    );
    if (settings.length === 0) return [];
    return this.#timed('set_many', 'other', () => this.runtime.setter.set(settings));
  }

  /** Invalidates one key everywhere; returns whether Redis (or, without Redis, memory) had an entry. Two round trips. @throws InvalidKeyError */
  async delete(key: KeyLike): Promise<boolean> {
    const { name, family } = this.#checked('delete', () => this.#keys.resolve(key));
    const wasLocal = this.runtime.connection === undefined && this.runtime.view.drop(name);
    const { existed } = await this.#timed('delete', family.label, () =>
      this.runtime.invalidator.invalidate({ keys: [name], cause: 'delete' }),
    );
    return wasLocal || existed.has(name);
  }

  /**
   * Invalidates all keys that a glob matches (`*` and `?`, both across colons) and returns how many entries were
   * deleted. Walks over the whole keyspace twice: for sets known beforehand, tags are far cheaper.
   * @throws InvalidKeyError for a bare `*` or a pattern without a literal first segment
   */
  async clearPattern(pattern: string): Promise<number> {
    const { text } = this.#checked('clear_pattern', () => KeyPattern.parse(pattern));
    const local = this.runtime.connection ? 0 : this.#countLocal(KeyPattern.parse(text));
    const { removed } = await this.#timed('clear_pattern', 'other', () =>
      this.runtime.invalidator.invalidate({ patterns: [text], cause: 'clearPattern' }),
    );
    return local + removed;
  }

  /** The value of a key, loaded and stored where no tier has it. See `lookup`. */
  async getOrLoad<T>(key: KeyLike, loader: () => T | Promise<T>, options: LoadOptions = {}): Promise<T> {
    return (await this.#load(key, loader, options)).value as T;
  }

  /**
   * The value of a key and what is known of it. None to one round trip for a hit; three for a miss, plus the loader. One
   * load of a key at a time in this process, and across processes while Redis answers; a failing loader's error reaches
   * everyone who waited for it and is not cached. `undefined`, and values that JSON cannot hold, are returned uncached.
   * Callers wait for at most `hardTimeoutMs`.
   * @throws InvalidKeyError, InvalidOptionError, LoadTimeoutError, LoadRejectedError, and what the loader throws
   */
  async lookup<T>(key: KeyLike, loader: () => T | Promise<T>, options: LoadOptions = {}): Promise<Lookup<T>> {
    return this.#describe<T>(await this.#load(key, loader, options));
  }

  /**
   * The values of keys in order. Those that no tier has are loaded in one call of `loadMissing`, which gets the missing
   * keys and returns their values in the same order; each is stored under its own lease, as `lookup` would. One round
   * trip where all are cached. A key that another caller or process is loading is not waited for by the others for long,
   * and is loaded alone if it must be. @throws as `lookup`, and BatchSizeError for another number of values
   */
  async getOrLoadMany<T>(
    keys: readonly KeyLike[],
    loadMissing: (missing: readonly KeyLike[]) => readonly T[] | Promise<readonly T[]>,
    options: LoadOptions = {},
  ): Promise<T[]> {
    const plans = this.#checked('get_or_load_many', () => checkList(keys, 'keys', (key) => this.#plan(key, options)));
    const names = plans.map(({ key }) => key.name);
    const firsts = [...new Set(names)].map((name) => names.indexOf(name));
    const start = this.runtime.clock.now();
    const found = await this.runtime.engine
      .lookupMany(
        firsts.map((first) => plans[first] as ReadPlan),
        (missing) => loadMissing(missing.map((i) => keys[firsts[i] as number] as KeyLike)),
      )
      .catch(this.#failing('get_or_load_many', 'other', start));
    for (const [i, result] of found.entries())
      this.#ended('get_or_load_many', plans[firsts[i] as number] as ReadPlan, result, start);
    const values = new Map(found.map(({ value }, i) => [names[firsts[i] as number], value]));
    return names.map((name) => values.get(name) as T);
  }

  /** What was counted since the start of this process, by template, and what is in its memory. No round trip. */
  statistics(): CacheStatistics {
    return statisticsOf(this.tally, this.runtime.view.memory, (key) => this.#keys.resolve(key).family.label);
  }

  /** Everything that is known of a key: whether and where it is cached, its age, its tags with their generations, the last invalidation that touched it. Three round trips. @throws InvalidKeyError */
  async explain(key: KeyLike): Promise<Explanation> {
    return this.runtime.explain(this.#keys.resolve(key));
  }

  /**
   * What Redis has stored under keys that a glob matches, all by default, but for the values: a page at a time, in no
   * order, some more than once. A walk over the keyspace with three commands for each entry; whoever leaves the loop ends
   * it. Nothing without Redis. @throws InvalidKeyError as `clearPattern`, RemoteStoreError while Redis is away
   */
  entries(pattern?: string): AsyncIterable<readonly StoredEntry[]> {
    return this.runtime.inventory(pattern === undefined ? '*' : KeyPattern.parse(pattern).text);
  }

  #load(key: KeyLike, loader: () => unknown, options: LoadOptions): Promise<Found> {
    const plan = this.#checked('get_or_load', () => this.#plan(key, options));
    const { engine, clock } = this.runtime;
    const local = engine.fromMemory(plan, loader);
    if (local) {
      this.#hitInMemory('get_or_load', plan, local);
      return Promise.resolve(local);
    }
    const start = clock.now();
    return engine.lookup(plan, loader).then(
      (found) => {
        this.#ended('get_or_load', plan, found, start);
        return found;
      },
      this.#failing('get_or_load', plan.key.family.label, start),
    );
  }

  async #read(operation: Operation, key: KeyLike, options: ReadOptions): Promise<Found | NotFound> {
    const plan = this.#checked(operation, () => this.#plan(key, options));
    const start = this.runtime.clock.now();
    const [result] = (await this.runtime.engine.readMany([plan])) as [Found | NotFound];
    this.#ended(operation, plan, result, start);
    return result;
  }

  #plan(key: KeyLike, options: LoadOptions): ReadPlan {
    const { ttl, tags = [], consistency = this.options.consistency } = options;
    const resolved = this.#keys.resolve(key).withTags(checkList(tags, 'tags', (tag) => checkKey(tag, 'tag')));
    checkConsistency(consistency);
    return {
      key: resolved,
      ttl: ttl === undefined ? (resolved.ttl ?? this.options.defaultTtl) : resolveTtl('ttl', ttl),
      policy: this.#policy(resolved.family, options),
      // Without Redis every invalidation is this process's own, and memory misses none: strict would only mean uncached.
      consistency: this.runtime.connection ? consistency : 'default',
    };
  }

  #policy(family: KeyFamily, options: LoadPolicyOptions): LoadPolicy {
    let policy = this.#policies.get(family);
    if (!policy) {
      policy = Object.freeze({ ...this.options.policy, ...family.policy });
      checkSource(policy, this.options.sources);
      this.#policies.set(family, policy);
    }
    const resolved = resolvePolicy(policy, options);
    if (resolved !== policy) checkSource(resolved, this.options.sources);
    return resolved;
  }

  #describe<T>(found: Found): Lookup<T> {
    const { value, loadedAt, freshUntil, source, stale, cause, staleReason, coalesced, stored } = found;
    const reason = staleReason ?? cause;
    const ttl = (freshUntil - this.runtime.clock.now()) / 1000;
    return { value: value as T, asOf: loadedAt, source, stale, ...(reason && { reason }), ttl, coalesced, stored };
  }

  #countLocal(pattern: KeyPattern): number {
    return [...this.runtime.view.memory.keys()].filter((key) => pattern.matches(key)).length;
  }

  #checked<T>(operation: Operation, check: () => T): T {
    try {
      return check();
    } catch (error) {
      this.events.on({ type: 'usage.refused', operation });
      throw error;
    }
  }

  /** Tells that an operation has failed, and lets the failure on. */
  #failing(operation: Operation, label: string, start: Milliseconds): (error: unknown) => never {
    return (error) => {
      const took = this.runtime.clock.now() - start;
      this.events.on({ type: 'operation.ended', operation, label, outcome: 'failed', took });
      throw error;
    };
  }

  #hitInMemory(operation: Operation, { key }: ReadPlan, { loadTook }: Found): void {
    const { label } = key.family;
    this.events.on({ type: 'operation.ended', operation, label, outcome: 'hit', tier: 'l1', loadTook, took: 0 });
  }

  #ended(operation: Operation, { key }: ReadPlan, result: Found | NotFound, start: Milliseconds): void {
    const took = this.runtime.clock.now() - start;
    this.events.on({ type: 'operation.ended', operation, label: key.family.label, took, ...outcomeOf(result) });
  }

  async #timed<T>(operation: Operation, label: string, work: () => Promise<T>): Promise<T> {
    const start = this.runtime.clock.now();
    let outcome: OperationEnded['outcome'] = 'failed';
    try {
      const result = await work();
      outcome = 'done';
      return result;
    } finally {
      this.events.on({ type: 'operation.ended', operation, label, outcome, took: this.runtime.clock.now() - start });
    }
  }
}

function outcomeOf(
  result: Found | NotFound,
): Pick<OperationEnded, 'outcome' | 'tier' | 'cause' | 'coalesced' | 'loadTook'> {
  if (!isFound(result)) return { outcome: missOf(result.cause), cause: result.cause };
  const { source, loadTook, coalesced, cause = 'absent' } = result;
  if (source === 'loader') return { outcome: missOf(cause), cause, coalesced };
  return { outcome: 'hit', tier: source, loadTook, coalesced };
}

/** Redis away says nothing of hits and misses. */
function missOf(cause: MissCause): 'miss' | 'degraded' {
  return cause === 'degraded' ? 'degraded' : 'miss';
}

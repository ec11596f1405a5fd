import { Inject, Injectable } from '@nestjs/common';
import { loadAlone, type LoadMany } from '../engine/batch-load.js';
import type { Explanation } from '../engine/explain.js';
import type { StoredEntry } from '../engine/inventory.js';
import { fromLocal } from '../engine/cache-engine.js';
import { type Found, isFound, type NotFound, type ReadPlan } from '../engine/lookup.js';
import type { LoadContext } from '../engine/load-context.js';
import type { Loader } from '../engine/loader-run.js';
import type { LocalEntry } from '../engine/local-entry.js';
import { checkKey, checkList } from '../keys/alphabet.js';
import type { TypedKey } from '../keys/key.js';
import { type Awaitable, whenThere } from '../primitives/awaitable.js';
import type { KeyParameters } from '../keys/template.js';
import { KeyPattern } from '../keys/pattern.js';
import type { TemplateAdvice } from './advice/template-advice.js';
import { lookupOf, valueOrNull } from './answers.js';
import { CacheEvents, type Operation } from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { EntryOptions, KeyLike, LoadOptions, Lookup, ReadOptions } from './call-options.js';
import type { CacheRuntime } from './cache-runtime.js';
import { OperationReports } from './operation-reports.js';
import { NO_OPTIONS, Plans } from './plans.js';
import { type CacheStatistics, statisticsOf } from './statistics.js';
import { Tally } from './tally.js';
import type { LoadRange } from './time/range-load.js';
import type { RangeOptions } from './time/range-plan.js';
import { RangeReader, type RangeResult } from './time/range-reader.js';
import type { TimeSeries } from './time/time-series.js';
import { CACHE_OPTIONS, CACHE_RUNTIME } from './tokens.js';
import { type WarmUpState, warmUpStates } from './warming/warm-up-states.js';

/**
 * The cache. Values are JSON; what readers get is frozen and shared, so copy before changing. `null` is a value and is
 * cached; `undefined` is not. Redis away is never an error here: reads miss, loads load, writes are not stored.
 */
@Injectable()
export class CacheService {
  readonly #plans: Plans;
  readonly #operations: OperationReports;
  readonly #ranges: RangeReader;

  /** @internal */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) options: ResolvedCacheOptions,
    @Inject(CacheEvents) events: CacheEvents,
    @Inject(Tally) private readonly tally: Tally,
  ) {
    this.#plans = new Plans(options, runtime.connection !== undefined);
    this.#operations = new OperationReports(events, runtime);
    this.#ranges = new RangeReader(this, runtime, options.timeSeries);
  }

  /**
   * The fresh value of a key, or `null` for none; a cached `null` looks the same, `lookup` tells them apart. No
   * round trip for a hit in L1, else one, seldom two: for an entry that looks invalidated by what this process knows, or has
   * tags that its key does not tell, or of which a replica has an older copy or none. @throws InvalidKeyError
   */
  get<V>(key: TypedKey<V>, options?: ReadOptions): Promise<V | null>;
  /** Of a template without a schema, or a raw key: the type is the one that you claim. */
  get<T>(key: KeyLike, options?: ReadOptions): Promise<T | null>;
  get<T>(key: KeyLike, options: ReadOptions = NO_OPTIONS): Promise<T | null> {
    return this.#read('get', key, options, valueOrNull) as Promise<T | null>;
  }

  /**
   * The fresh value of a key that this process's memory has, at once. `undefined` where memory has none, whatever Redis
   * has, and where the module's `consistency` is `strict`; a cached `null` is `null`. No round trip, no load, no refresh
   * behind it. Counted in no metric: it is no miss where `getOrLoad` would have found the value in Redis.
   * @throws InvalidKeyError
   */
  peek<V>(key: TypedKey<V>): V | undefined;
  /** Of a template without a schema, or a raw key: the type is the one that you claim. */
  // eslint-disable-next-line @typescript-eslint/no-unnecessary-type-parameters -- as that of get
  peek<T>(key: KeyLike): T | undefined;
  peek(key: KeyLike): unknown {
    return this.runtime.engine.peek(this.#plans.inMemory(key))?.value;
  }

  /** Whether a fresh value is cached; a cached `null` is one. Round trips as `get`. @throws InvalidKeyError */
  exists(key: KeyLike, options: ReadOptions = NO_OPTIONS): Promise<boolean> {
    return this.#read('exists', key, options, isFound);
  }

  /** The fresh values of keys in order, `null` for each without one. Round trips as `get`, for all keys together. @throws InvalidKeyError */
  getMany<V>(keys: readonly TypedKey<V>[], options?: ReadOptions): Promise<(V | null)[]>;
  /** Of templates without a schema, or raw keys: the type is the one that you claim. */
  getMany<T>(keys: readonly KeyLike[], options?: ReadOptions): Promise<(T | null)[]>;
  async getMany<T>(keys: readonly KeyLike[], options: ReadOptions = NO_OPTIONS): Promise<(T | null)[]> {
    const plans = this.#operations.checked('get_many', () =>
      checkList(keys, 'keys', (key) => this.#plans.of(key, options)),
    );
    const start = this.runtime.clock.now();
    const results = await this.runtime.engine.readMany(plans);
    for (const [i, result] of results.entries())
      this.#operations.ended('get_many', plans[i] as ReadPlan, result, start);
    return results.map((result) => (isFound(result) ? (result.value as T) : null));
  }

  /**
   * Stores a value and tells other instances to drop their copies. Three round trips. Returns whether it is stored:
   * false when Redis is away (then the older entry is invalidated as soon as it is back), when the key was invalidated
   * meanwhile, or when the value is larger than `maxEntryBytes`.
   * @throws InvalidKeyError, InvalidOptionError for a TTL of 0, negative or infinite, NoValueError for `undefined`,
   *   ValueNotSerializableError for BigInt and circular values, InvalidValueError for one that does not fit the schema
   */
  async set(key: KeyLike, value: unknown, options: EntryOptions = {}): Promise<boolean> {
    const plan = this.#operations.checked('set', () => this.#plans.of(key, options));
    const [stored] = await this.#operations.timed('set', plan.key.family.label, () =>
      this.runtime.setter.set([{ plan, value }]),
    );
    return stored === true;
  }

  /** Stores several values, all with the same options. Three round trips in all; says for each whether it is stored. @throws as `set` */
  async setMany(entries: readonly (readonly [KeyLike, unknown])[], options: EntryOptions = {}): Promise<boolean[]> {
    const settings = this.#operations.checked('set_many', () =>
      checkList(entries, 'entries', (entry) => {
        const [key, value] = checkList(entry, 'an entry', (part: unknown) => part);
        return { plan: this.#plans.of(key as KeyLike, options), value };
      }),
    );
    if (settings.length === 0) return [];
    return this.#operations.timed('set_many', 'other', () => this.runtime.setter.set(settings));
  }

  /** Invalidates one key everywhere; returns whether Redis (or, without Redis, memory) had an entry. Two round trips. @throws InvalidKeyError */
  async delete(key: KeyLike): Promise<boolean> {
    const { name, family } = this.#operations.checked('delete', () => this.#plans.keyOf(key));
    const wasLocal = this.runtime.connection === undefined && this.runtime.view.drop(name);
    const { existed } = await this.#operations.timed('delete', family.label, () =>
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
    const { text } = this.#operations.checked('clear_pattern', () => KeyPattern.parse(pattern));
    const local = this.runtime.connection ? 0 : this.#countLocal(KeyPattern.parse(text));
    const { removed } = await this.#operations.timed('clear_pattern', 'other', () =>
      this.runtime.invalidator.invalidate({ patterns: [text], cause: 'clearPattern' }),
    );
    return local + removed;
  }

  /** The value of a key, loaded and stored where no tier has it. See `lookup`. */
  getOrLoad<V>(key: TypedKey<V>, loader: (context: LoadContext<V>) => unknown, options?: LoadOptions): Promise<V>;
  /** Of a template without a schema, or a raw key: the type is the loader's. */
  getOrLoad<T, P = T>(
    key: KeyLike,
    loader: (context: LoadContext<P>) => T | Promise<T>,
    options?: LoadOptions,
  ): Promise<T>;
  async getOrLoad(key: KeyLike, loader: Loader, options: LoadOptions = NO_OPTIONS): Promise<unknown> {
    const plan = this.#operations.checked('get_or_load', () => this.#plans.of(key, options));
    // A hit in memory awaits nothing.
    const local = this.#fromMemory(plan, loader);
    return (local ?? (await this.#load(plan, loader))).value;
  }

  /**
   * The value of a key and what is known of it. None or one round trip for a hit, seldom two; three for a miss, plus the loader. One
   * load of a key at a time in this process, and across processes while Redis answers; a failing loader's error reaches
   * everyone who waited for it and is not cached. `undefined`, and values that JSON cannot hold, are returned uncached.
   * Callers wait for at most `hardTimeoutMs`. The loader is given what it replaces, and can say how the value lives; tags
   * of what it reads from this cache become tags of the value.
   * @throws InvalidKeyError, InvalidOptionError, LoadTimeoutError, LoadRejectedError, InvalidValueError for a loaded value
   *   that does not fit the schema, and what the loader throws
   */
  lookup<V>(key: TypedKey<V>, loader: (context: LoadContext<V>) => unknown, options?: LoadOptions): Promise<Lookup<V>>;
  /** Of a template without a schema, or a raw key: the type is the loader's. */
  lookup<T, P = T>(
    key: KeyLike,
    loader: (context: LoadContext<P>) => T | Promise<T>,
    options?: LoadOptions,
  ): Promise<Lookup<T>>;
  async lookup(key: KeyLike, loader: Loader, options: LoadOptions = NO_OPTIONS): Promise<Lookup<unknown>> {
    return this.lookupAtOnce(key, loader, options);
  }

  /** @internal As `lookup`, without a promise where memory has it; what is refused is thrown at once. */
  lookupAtOnce(key: KeyLike, loader: Loader, options: LoadOptions): Awaitable<Lookup<unknown>> {
    const plan = this.#operations.checked('get_or_load', () => this.#plans.of(key, options));
    const local = this.#fromMemory(plan, loader);
    return whenThere(local ? fromLocal(local) : this.#load(plan, loader), (found) =>
      lookupOf(found, this.runtime.clock.now()),
    );
  }

  /**
   * The values of keys in order. Those that no tier has are loaded in one call of `loadMissing`, which gets the missing
   * keys, with a context for each, and returns their values in the same order; each is stored under its own lease, as `lookup` would. One round
   * trip where all are cached. A key that another caller or process is loading is not waited for by the others for long,
   * and is loaded alone if it must be. @throws as `lookup`, and BatchSizeError for another number of values
   */
  getOrLoadMany<V>(
    keys: readonly TypedKey<V>[],
    loadMissing: (missing: readonly KeyLike[], contexts: readonly LoadContext<V>[]) => unknown,
    options?: LoadOptions,
  ): Promise<V[]>;
  /** Of templates without a schema, or raw keys: the type is the loader's. */
  getOrLoadMany<T, P = T>(
    keys: readonly KeyLike[],
    loadMissing: (
      missing: readonly KeyLike[],
      contexts: readonly LoadContext<P>[],
    ) => readonly T[] | Promise<readonly T[]>,
    options?: LoadOptions,
  ): Promise<T[]>;
  async getOrLoadMany(
    keys: readonly KeyLike[],
    loadMissing: (missing: readonly KeyLike[], contexts: readonly LoadContext[]) => unknown,
    options: LoadOptions = NO_OPTIONS,
  ): Promise<unknown[]> {
    const plans = this.#operations.checked('get_or_load_many', () =>
      checkList(keys, 'keys', (key) => this.#plans.of(key, options)),
    );
    const names = plans.map(({ key }) => key.name);
    const firsts = [...new Set(names)].map((name) => names.indexOf(name));
    const start = this.runtime.clock.now();
    const loadMany: LoadMany = (missing, loads) =>
      loadMissing(
        missing.map((i) => keys[firsts[i] as number] as KeyLike),
        loads,
      );
    const wanted = firsts.map((first) => plans[first] as ReadPlan);
    const found = await this.runtime.engine
      .lookupMany(wanted, loadMany)
      .catch(this.#operations.failing('get_or_load_many', 'other', start));
    for (const [i, result] of found.entries()) {
      const plan = wanted[i] as ReadPlan;
      this.#operations.ended('get_or_load_many', plan, result, start);
      this.#sawHit(plan, (load) => loadAlone(loadMany, i, load), result);
    }
    const values = new Map(found.map(({ value }, i) => [names[firsts[i] as number], value]));
    return names.map((name) => values.get(name));
  }

  /**
   * The value of a series over a range, merged of its buckets, and these. Buckets that no tier has are loaded: each run of
   * neighbours by one call of `loadRange`, which returns what they hold. Closed buckets live long, the rest of the range for
   * `tailTtl`. One round trip where all are cached, none where memory has them; in a loader always one, and what is loaded
   * carries the tags of the series. @throws as `getOrLoadMany`, InvalidOptionError for a series that the module does not
   *   list or a range that ends before it begins, TooManyBucketsError, InvalidPointsError
   */
  getRange<T extends string, S, V>(
    series: TimeSeries<T, S, V>,
    parameters: KeyParameters<T>,
    range: RangeOptions,
    loadRange: LoadRange<S>,
  ): Promise<RangeResult<S, V>> {
    return this.#ranges.read(series, parameters, range, loadRange);
  }

  /**
   * Says, in a loader or in whatever it calls, that what is being loaded rests on these tags too: `user:123`. In a loader
   * of many keys they become tags of all of them; outside of a loader this does nothing. See `lateTags` for when the value
   * is cached. No round trip. @throws InvalidKeyError, LoadEndedError in what a loader has left running
   */
  dependsOn(...tags: readonly string[]): void {
    const checked = this.#operations.checked('get_or_load', () =>
      checkList(tags, 'tags', (tag) => checkKey(tag, 'tag')),
    );
    this.runtime.scopes.addTags(checked);
  }

  /** What was counted since the start of this process, by template, and what is in its memory. No round trip. */
  statistics(): CacheStatistics {
    return statisticsOf(this.tally, this.runtime.view.memory, (key) => this.#plans.keyOf(key).family.label);
  }

  /**
   * Which TTL, grace and refresh-ahead fit each template whose `advice` is not `off`, by what all instances have seen of how
   * long its values stay right. One round trip; Redis away: what was known last. Empty before the first value was loaded again.
   */
  advice(): Promise<TemplateAdvice[]> {
    return this.runtime.advice.advice();
  }

  /**
   * How it stands with the plans of warm-ups of all instances: when each was done last, and whether one is at it. A walk over
   * the keyspace and one round trip. Nothing without Redis. @throws RemoteStoreError while Redis is away
   */
  warmUps(): Promise<WarmUpState[]> {
    return warmUpStates(this.runtime.store);
  }

  /** Everything that is known of a key: whether and where it is cached, its age, its tags with their generations, the last invalidation that touched it. Three round trips. @throws InvalidKeyError */
  async explain(key: KeyLike): Promise<Explanation> {
    return this.runtime.explain(this.#plans.keyOf(key));
  }

  /**
   * What Redis has stored under keys that a glob matches, all by default, but for the values: a page at a time, in no
   * order, some more than once. A walk over the keyspace with three commands for each entry; whoever leaves the loop ends
   * it. Nothing without Redis. @throws InvalidKeyError as `clearPattern`, RemoteStoreError while Redis is away
   */
  entries(pattern?: string): AsyncIterable<readonly StoredEntry[]> {
    return this.runtime.inventory(pattern === undefined ? '*' : KeyPattern.parse(pattern).text);
  }

  #fromMemory(plan: ReadPlan, loader: Loader): LocalEntry | undefined {
    const local = this.runtime.engine.fromMemory(plan, loader);
    if (local) {
      this.#operations.hitInMemory('get_or_load', plan, local);
      this.runtime.spotChecks.saw(plan, loader, local);
    }
    return local;
  }

  #sawHit(plan: ReadPlan, loader: Loader, found: Found): void {
    if (found.source !== 'loader' && !found.stale) this.runtime.spotChecks.saw(plan, loader, found);
  }

  #load(plan: ReadPlan, loader: Loader): Promise<Found> {
    const { engine, clock } = this.runtime;
    const start = clock.now();
    return engine.lookup(plan, loader).then(
      (found) => {
        this.#operations.ended('get_or_load', plan, found, start);
        this.#sawHit(plan, loader, found);
        return found;
      },
      this.#operations.failing('get_or_load', plan.key.family.label, start),
    );
  }

  async #read<T>(
    operation: Operation,
    key: KeyLike,
    options: ReadOptions,
    answer: (result: Found | NotFound) => T,
  ): Promise<T> {
    const plan = this.#operations.checked(operation, () => this.#plans.of(key, options));
    const local = this.runtime.engine.peek(plan);
    if (local) {
      this.#operations.hitInMemory(operation, plan, local);
      return answer(fromLocal(local));
    }
    const start = this.runtime.clock.now();
    const result = await this.runtime.engine.read(plan);
    this.#operations.ended(operation, plan, result, start);
    return answer(result);
  }

  #countLocal(pattern: KeyPattern): number {
    return [...this.runtime.view.memory.keys()].filter((key) => pattern.matches(key)).length;
  }
}

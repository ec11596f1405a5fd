import { AsyncLocalStorage } from 'node:async_hooks';
import { Inject, Injectable } from '@nestjs/common';
import { ValueNotSerializableError } from '../../codec/json.js';
import { NoValueError } from '../../engine/entry-setter.js';
import { InvalidValueError } from '../../engine/value-shape.js';
import { checkKey, checkList } from '../../keys/alphabet.js';
import type { CacheKey, KeyFamily } from '../../keys/key.js';
import { resolvePolicy } from '../../keys/load-policy.js';
import { checkConsistency, checkSource, type ResolvedCacheOptions, resolveTtl } from '../cache-options.js';
import type { CacheRuntime } from '../cache-runtime.js';
import { CacheService } from '../cache.service.js';
import { Caches } from '../caches.js';
import type { EntryOptions, LoadOptions } from '../call-options.js';
import { resolveTargets, type Targets } from '../invalidation-targets.js';
import { withTimeTags } from '../time/time-tags.js';
import { CACHE_OPTIONS, CACHE_RUNTIME } from '../tokens.js';

/** The decorated method, as it is without the decorator. */
export type Call = () => unknown;

/** The keys that are being loaded by whoever calls, innermost first. */
interface Loading {
  readonly cache: MethodCache;
  readonly key: string;
  readonly outer: Loading | undefined;
}

const UNFIT = [ValueNotSerializableError, NoValueError, InvalidValueError];

const LOADING = new AsyncLocalStorage<Loading>();

/** What decorated methods do with a cache of their application. */
@Injectable()
export class MethodCache {
  readonly #named = new Map<string, MethodCache>();

  constructor(
    @Inject(CacheService) private readonly cache: CacheService,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) private readonly options: ResolvedCacheOptions,
    @Inject(Caches) private readonly caches: Caches,
  ) {}

  /** The same for the cache of that name, or of `forRoot`. @throws InvalidOptionError for a name that no cache has */
  in(name: string | undefined, where?: string): MethodCache {
    if (name === undefined) return this;
    const known = this.#named.get(name);
    if (known) return known;
    const { service, runtime, options } = this.caches.get(name, where && `cache of ${where}`);
    const named = new MethodCache(service, runtime, options, this.caches);
    this.#named.set(name, named);
    return named;
  }

  /** @throws InvalidOptionError for options of a decorator that break a rule, or that this application's module does not allow */
  check({ policy }: KeyFamily, options: LoadOptions, where: string): void {
    const { ttl, consistency, tags = [] } = options;
    const given = resolvePolicy({ ...this.options.policy, ...policy }, options, ` of ${where}`);
    checkSource(given, this.options.sources);
    if (ttl !== undefined) resolveTtl(`ttl of ${where}`, ttl);
    if (consistency !== undefined) checkConsistency(consistency);
    checkList(tags, `tags of ${where}`, (tag) => checkKey(tag, `a tag of ${where}`));
  }

  /** The cached value, or what the call returns, which is then cached. */
  load(key: CacheKey, options: LoadOptions, call: Call): Promise<unknown> {
    const outer = LOADING.getStore();
    // An overridden method that calls `super` for the same key would wait for itself.
    if (outer !== undefined && this.#isLoading(key.name, outer)) return Promise.resolve(call());
    const loader = (): unknown => LOADING.run({ cache: this, key: key.name, outer }, call);
    return this.cache.getOrLoad(key, loader, options);
  }

  /** Calls, then caches what it returned; what cannot be cached, `undefined` too, removes what was. */
  async put(key: CacheKey, options: EntryOptions, call: Call): Promise<unknown> {
    const value = await call();
    if (!(await this.#stored(key, value, options))) await this.cache.delete(key);
    return value;
  }

  /** Calls, and when that has succeeded invalidates. */
  async evict(targets: Targets, cause: string, call: Call): Promise<unknown> {
    const { tags = [], ...others } = resolveTargets(targets, this.options.indexedPatterns);
    const value = await call();
    const reached = withTimeTags(tags, undefined, this.options.timeSeries, this.runtime.clock.now());
    await this.runtime.invalidator.invalidate({ ...others, tags: reached, cause });
    return value;
  }

  #isLoading(key: string, innermost: Loading): boolean {
    for (let loading: Loading | undefined = innermost; loading; loading = loading.outer)
      if (loading.cache === this && loading.key === key) return true;
    return false;
  }

  /** False where the value has no JSON, or not one that fits the schema. Redis away is no reason to delete: `set` has made the older value unusable by itself. */
  async #stored(key: CacheKey, value: unknown, options: EntryOptions): Promise<boolean> {
    try {
      await this.cache.set(key, value, options);
      return true;
    } catch (error) {
      if (UNFIT.some((unfit) => error instanceof unfit)) return false;
      throw error;
    }
  }
}

import { InvalidOptionError } from '../primitives/errors.js';
import { type CacheEvents, DEFAULT_CACHE } from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { CacheRuntime } from './cache-runtime.js';
import type { CacheService } from './cache.service.js';
import type { EventBinder } from './event-binder.js';
import type { InvalidationService } from './invalidation.service.js';
import type { Tally } from './tally.js';

/** One cache of an application. */
export interface NamedCache {
  readonly options: ResolvedCacheOptions;
  readonly runtime: CacheRuntime;
  readonly events: CacheEvents;
  readonly tally: Tally;
  readonly service: CacheService;
  readonly invalidation: InvalidationService;
  readonly binder: EventBinder;
}

/** The caches of an application, by name. */
export class Caches {
  readonly #caches: Map<string, NamedCache>;

  constructor(standard: NamedCache) {
    this.#caches = new Map([[DEFAULT_CACHE, standard]]);
  }

  /** Each with its name, that of `forRoot` first. */
  [Symbol.iterator](): IterableIterator<[string, NamedCache]> {
    return this.#caches.entries();
  }

  /** @throws InvalidOptionError for a name that a cache has already */
  checkFree(name: string): void {
    if (!this.#caches.has(name)) return;
    const rule =
      'given once: import one CacheModule.forFeature of that name, which is global, or share the module that it returned';
    throw new InvalidOptionError('the name of a cache', rule, name);
  }

  add(name: string, cache: NamedCache): void {
    this.#caches.set(name, cache);
  }

  /** The cache of that name, or of `forRoot`. @throws InvalidOptionError for a name that none has, most likely a typing error */
  get(name = DEFAULT_CACHE, what = 'the name of a cache'): NamedCache {
    const cache = this.#caches.get(name);
    if (cache) return cache;
    throw new InvalidOptionError(
      what,
      `one of the caches of this application (${[...this.#caches.keys()].join(', ')})`,
      name,
    );
  }
}

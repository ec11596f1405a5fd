import { checkSegment } from '../../keys/alphabet.js';
import { LONGEST_TTL } from '../../keys/load-policy.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { ForeignEntries, Space, Stored } from './foreign-entries.js';

/** Options of {@link CacheManager}, as cache-manager has them. */
export interface CacheManagerOptions {
  /** Milliseconds for which a value is cached when the call does not say; 0: a day. @default 0 */
  readonly ttl?: Milliseconds;
  /** `wrap` loads anew behind a hit that has less than this left, in milliseconds. @default none */
  readonly refreshThreshold?: Milliseconds;
  /** A set of keys of its own: a word of a-z A-Z 0-9 _ - . @default 'default' */
  readonly namespace?: string;
}

/** How `wrap` lets a value live: for so many milliseconds, or as long as a function of it says. */
export type WrapTtl<T> = Milliseconds | ((value: T) => Milliseconds);

/**
 * The interface of cache-manager 6 and 7, on this cache: TTLs in milliseconds, `undefined` for a miss, values that may be
 * changed. `wrap` loads once at a time, in all processes. Redis away is a miss, never an error.
 */
export class CacheManager {
  readonly #space: Space;

  /** @internal */
  constructor(
    private readonly entries: ForeignEntries,
    private readonly options: CacheManagerOptions = {},
  ) {
    this.#space = { root: 'cache-manager', name: checkSegment(options.namespace ?? 'default', 'namespace') };
  }

  /** The value, `undefined` where there is none or Redis is away. At most one round trip, seldom two. */
  async get<T>(key: string): Promise<T | undefined> {
    return (await this.mget<T>([key]))[0];
  }

  /** The values in order, `undefined` for each without one. */
  async mget<T>(keys: readonly string[]): Promise<(T | undefined)[]> {
    const found = await this.entries.get(this.#space, keys.map(this.#own));
    return found.map((stored) => copyOf(stored) as T | undefined);
  }

  /** Returns the value. `undefined` removes the key. @throws ValueNotSerializableError */
  async set<T>(key: string, value: T, ttl?: Milliseconds): Promise<T> {
    if (value === undefined) await this.del(key);
    else await this.entries.set(this.#space, this.#own(key), value, this.#ttl(ttl));
    return value;
  }

  /** Sets each, as `set` does, and returns the list. @throws ValueNotSerializableError for one that has no JSON */
  async mset<T>(
    list: readonly { readonly key: string; readonly value: T; readonly ttl?: Milliseconds }[],
  ): Promise<readonly { readonly key: string; readonly value: T; readonly ttl?: Milliseconds }[]> {
    await Promise.all(list.map(({ key, value, ttl }) => this.set(key, value, ttl)));
    return list;
  }

  /** True also where there was no value, as in cache-manager. */
  async del(key: string): Promise<boolean> {
    return this.mdel([key]);
  }

  /** The same for several keys. */
  async mdel(keys: readonly string[]): Promise<boolean> {
    await this.entries.delete(this.#space, keys.map(this.#own));
    return true;
  }

  /** When a value expires, in milliseconds since the epoch; `undefined` without one, and for one without an end. */
  async ttl(key: string): Promise<number | undefined> {
    const [stored] = await this.entries.get(this.#space, [this.#own(key)]);
    return stored?.[1] ?? undefined;
  }

  /** The cached value, or what `load` returns, which is then cached. `undefined` is not. */
  async wrap<T>(
    key: string,
    load: () => T | Promise<T>,
    ttl?: WrapTtl<T>,
    refreshThreshold = this.options.refreshThreshold,
  ): Promise<T> {
    if (typeof ttl === 'function') return this.#wrapBy(key, load, ttl);
    const life = this.#ttl(ttl);
    const own = this.#own(key);
    const { cache } = this.entries;
    const stored = await cache.getOrLoad<Stored | undefined>(
      this.entries.keyOf(this.#space, own),
      async () => {
        const value = await load();
        return value === undefined ? undefined : this.entries.wrap(own, value, life);
      },
      {
        ttl: life === undefined ? this.entries.ttlFor(life) : Math.min(life / 1000, LONGEST_TTL),
        ...refreshing(life, refreshThreshold),
      },
    );
    return copyOf(stored) as T;
  }

  /** Empties the namespace in two round trips; on a Cluster three. */
  async clear(): Promise<boolean> {
    await this.entries.clear(this.#space);
    return true;
  }

  /** Nothing to do: the connection is the module's. */
  async disconnect(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  /** The life is known only with the value: two calls may load at a time. */
  async #wrapBy<T>(key: string, load: () => T | Promise<T>, ttl: (value: T) => Milliseconds): Promise<T> {
    const [stored] = await this.entries.get(this.#space, [this.#own(key)]);
    if (stored) return copyOf(stored) as T;
    const value = await load();
    return this.set(key, value, ttl(value));
  }

  /** Two namespaces may have the same keys. */
  readonly #own = (key: string): string => `${this.#space.name}:${key}`;

  #ttl(ttl = this.options.ttl): Milliseconds | undefined {
    return ttl === undefined || ttl <= 0 ? undefined : ttl;
  }
}

function refreshing(ttl: Milliseconds | undefined, threshold: Milliseconds | undefined): { refreshAhead?: number } {
  if (ttl === undefined || threshold === undefined) return {};
  return { refreshAhead: Math.min(Math.max(1 - threshold / ttl, 0.01), 1) };
}

/** A copy: those who come from cache-manager may change what they get. */
function copyOf(stored: Stored | undefined): unknown {
  const value = stored?.[0];
  return typeof value === 'object' ? structuredClone(value) : value;
}

import { Inject, Injectable, Scope } from '@nestjs/common';
import type { Milliseconds } from '../../primitives/units.js';
import { ForeignEntries, type Space } from './foreign-entries.js';

/**
 * A store for Keyv 5: `new Keyv({ store })`, `@nestjs/cache-manager` with `stores: [store]`, and whatever else takes Keyv,
 * on this cache. Each injection is a store of its own, for one Keyv with its namespace. Keys may be any text. Without a TTL
 * a value is kept for a day. Redis away is a miss, never an error.
 */
@Injectable({ scope: Scope.TRANSIENT })
export class CacheKeyvStore {
  /** What Keyv asks of a store that it can iterate over. */
  readonly opts: Record<string, unknown> = { dialect: 'redis' };
  /** Set by Keyv. */
  namespace: string | undefined;

  /** @internal */
  constructor(@Inject(ForeignEntries) private readonly entries: ForeignEntries) {}

  /** The value, or `undefined`. At most one round trip, seldom two. */
  async get<V>(key: string): Promise<V | undefined> {
    return (await this.getMany<V>([key]))[0];
  }

  /** The values in order. At most one round trip in all, seldom two. */
  async getMany<V>(keys: readonly string[]): Promise<(V | undefined)[]> {
    const found = await this.entries.get(this.#space, keys);
    return found.map((stored) => stored?.[0] as V | undefined);
  }

  /** Whether it is stored. Three round trips. `undefined` removes the key. @throws ValueNotSerializableError */
  async set(key: string, value: unknown, ttl?: Milliseconds): Promise<boolean> {
    if (value === undefined) return this.delete(key);
    return this.entries.set(this.#space, key, value, ttl);
  }

  /** Stores several. */
  async setMany(
    values: readonly { readonly key: string; readonly value: unknown; readonly ttl?: Milliseconds }[],
  ): Promise<void> {
    await Promise.all(values.map(({ key, value, ttl }) => this.set(key, value, ttl)));
  }

  /** Whether it was there. */
  delete(key: string): Promise<boolean> {
    return this.deleteMany([key]);
  }

  /** Whether one of them was there. */
  deleteMany(keys: readonly string[]): Promise<boolean> {
    return this.entries.delete(this.#space, keys);
  }

  /** Whether `key` has a value; false where Redis is away. */
  async has(key: string): Promise<boolean> {
    return (await this.hasMany([key]))[0] === true;
  }

  /** The same for several keys, in their order. */
  async hasMany(keys: readonly string[]): Promise<boolean[]> {
    return (await this.entries.get(this.#space, keys)).map((stored) => stored !== undefined);
  }

  /** Empties the namespace in two round trips; on a Cluster three. */
  clear(): Promise<void> {
    return this.entries.clear(this.#space);
  }

  /** The keys and values of the namespace. Walks over the keyspace. */
  iterator<V>(namespace = this.namespace): AsyncGenerator<(string | Awaited<V> | undefined)[], void> {
    return this.entries.entries<Awaited<V>>({ root: 'keyv', name: namespace ?? '' });
  }

  /** It emits nothing: Redis away is no error of a reader. */
  on(_event: string, _listener: (...args: unknown[]) => void): this {
    return this;
  }

  /** Nothing to do: the connection is the module's. */
  async disconnect(): Promise<void> {
    return Promise.resolve();
  }

  get #space(): Space {
    return { root: 'keyv', name: this.namespace ?? '' };
  }
}

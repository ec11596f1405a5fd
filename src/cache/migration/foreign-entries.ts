import { createHash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { isKey } from '../../keys/alphabet.js';
import { entityTags } from '../../keys/entity-tags.js';
import { CacheKey, type KeyFamily } from '../../keys/key.js';
import { LONGEST_TTL } from '../../keys/load-policy.js';
import type { Milliseconds, Seconds } from '../../primitives/units.js';
import type { ResolvedCacheOptions } from '../cache-options.js';
import type { CacheRuntime } from '../cache-runtime.js';
import { CacheService } from '../cache.service.js';
import { CACHE_OPTIONS, CACHE_RUNTIME } from '../tokens.js';

/** Whose keys they are: a first segment of their own, and a name that is emptied by itself. */
export interface Space {
  readonly root: 'keyv' | 'cache-manager';
  readonly name: string;
}

/** A value as it is stored: with the instant it expires at (none: `null`) and, where the name does not tell it, its key. */
export type Stored = readonly [value: unknown, expiresAt: Milliseconds | null, key?: string];

const FAMILIES = {
  keyv: familyOf('keyv'),
  'cache-manager': familyOf('cache-manager'),
} as const;

const WITHOUT_TTL: Seconds = 86_400;
// A name that is a hash begins with a dot, and none that tells its key does.
const PLAIN = /^[a-zA-Z0-9:_-][a-zA-Z0-9:_.-]{0,199}$/;

/**
 * Entries under keys that this package did not make: any text, a TTL in milliseconds that is kept to the millisecond, and
 * sets of keys that are emptied at once. Keys that name entities (`user:123`) carry their tags, so domain events reach them.
 */
@Injectable()
export class ForeignEntries {
  constructor(
    @Inject(CacheService) readonly cache: CacheService,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) private readonly options: ResolvedCacheOptions,
  ) {}

  /** The key of ours for one of theirs. */
  keyOf({ root, name }: Space, key: string): CacheKey {
    const plain = PLAIN.test(key) ? key : `.${hashOf(key)}`;
    return new CacheKey(
      `${root}:${plain}`,
      [tagOf(root), tagOf(root, name), ...entityTags(plain.split(':'))],
      FAMILIES[root],
    );
  }

  /** A value as it is to be stored. */
  wrap(key: string, value: unknown, ttl: Milliseconds | undefined): Stored {
    const expiresAt = ttl === undefined ? null : Math.floor(this.runtime.clock.now() + ttl);
    return PLAIN.test(key) ? [value, expiresAt] : [value, expiresAt, key];
  }

  /** What is stored, unless its time is over. */
  unwrap(stored: unknown): Stored | undefined {
    if (!Array.isArray(stored) || stored.length < 2) return undefined;
    const [, expiresAt] = stored as unknown as Stored;
    return expiresAt === null || this.runtime.clock.now() < expiresAt ? (stored as unknown as Stored) : undefined;
  }

  /** The TTL that our entry needs to outlive theirs: it may be shortened by chance, which theirs is not. */
  ttlFor(ttl: Milliseconds | undefined): Seconds {
    if (ttl === undefined) return WITHOUT_TTL;
    return Math.min(Math.max(ttl, 1) / 1000 / (1 - Math.min(this.options.ttlJitter, 0.9)), LONGEST_TTL);
  }

  async get(space: Space, keys: readonly string[]): Promise<(Stored | undefined)[]> {
    const found = await this.cache.getMany(keys.map((key) => this.keyOf(space, key)));
    return found.map((stored) => this.unwrap(stored));
  }

  /** Whether it is stored. @throws ValueNotSerializableError */
  set(space: Space, key: string, value: unknown, ttl: Milliseconds | undefined): Promise<boolean> {
    return this.cache.set(this.keyOf(space, key), this.wrap(key, value, ttl), { ttl: this.ttlFor(ttl) });
  }

  /** Whether one of them was there. */
  async delete(space: Space, keys: readonly string[]): Promise<boolean> {
    const deleted = await Promise.all(keys.map((key) => this.cache.delete(this.keyOf(space, key))));
    return deleted.some(Boolean);
  }

  /** Empties the space: two round trips however many entries, on a Cluster three. */
  async clear({ root, name }: Space): Promise<void> {
    await this.runtime.invalidator.invalidate({ tags: [tagOf(root, name)], cause: `${root} clear` });
  }

  /** The keys and values of the space. Walks over the keyspace. */
  async *entries<V>(space: Space): AsyncGenerator<[string, V], void> {
    for await (const found of this.#names(space.root)) {
      // Somebody else may have written under our prefix.
      const names = found.filter(isKey);
      const keys = names.map(
        (name) => new CacheKey(name, [tagOf(space.root), tagOf(space.root, space.name)], FAMILIES[space.root]),
      );
      const values = await this.cache.getMany(keys);
      for (const [i, stored] of values.entries()) {
        const [value, , key = names[i]?.slice(space.root.length + 1)] = this.unwrap(stored) ?? [];
        if (value !== undefined && key !== undefined) yield [key, value as V];
      }
    }
  }

  async *#names(root: string): AsyncGenerator<readonly string[], void> {
    if (this.runtime.connection) yield* this.runtime.store.scan('entry', `${root}:*`);
    else yield [...this.runtime.view.memory.keys()].filter((name) => name.startsWith(`${root}:`));
  }
}

function tagOf(root: string, name?: string): string {
  if (name === undefined) return root;
  return `${root}:${PLAIN.test(name) ? name : `.${hashOf(name)}`}`;
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('base64url');
}

function familyOf(label: string): KeyFamily {
  return Object.freeze({ label, ttl: undefined, policy: {}, version: 1 });
}

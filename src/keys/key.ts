import type { Milliseconds } from '../primitives/units.js';
import { checkKey, checkList } from './alphabet.js';
import type { LoadPolicy } from './load-policy.js';
import { checkTag } from './pattern.js';
import type { Migrate, ValueSchema } from './value-schema.js';

/** What all keys of one template share. */
export interface KeyFamily {
  /** The template's text, or `other`: the value of metric labels, so never an id. */
  readonly label: string;
  /** How long entries stay fresh; `undefined` takes the module's default. */
  readonly ttl: Milliseconds | undefined;
  /** What the template says of loading; the rest is the module's. */
  readonly policy: Partial<LoadPolicy>;
  /** The version of the value's shape; entries of another version are misses, but for what `migrate` makes of older ones. */
  readonly version: number;
  /** What values must fit; what it makes of them is what readers get. */
  readonly schema?: ValueSchema | undefined;
  /** Makes values of this version of older ones. */
  readonly migrate?: Migrate | undefined;
}

/** Whether what was made for a key of one family may be served for a key of the other: two templates may make one key. */
export function sameShape(one: KeyFamily, other: KeyFamily): boolean {
  return one === other || (one.version === other.version && one.schema === other.schema);
}

/** A template filled in, or a raw string that was checked: all the engine needs to know of a key. Frozen. */
export class CacheKey {
  // What only looks like a key has it not, nor has a Proxy of one.
  readonly #isMade = true;
  readonly tags: readonly string[];

  /** Made by templates and for raw strings. @throws InvalidKeyError for a name or a tag outside the alphabet */
  constructor(
    /** The key as users write it, without the prefix. */
    readonly name: string,
    tags: readonly string[],
    readonly family: KeyFamily,
    /** How long entries of this key stay fresh; `undefined` takes the module's default. */
    readonly ttl: Milliseconds | undefined = family.ttl,
  ) {
    checkKey(name);
    this.tags = Object.freeze(checkList(tags, 'tags', checkTag));
    Object.freeze(this);
  }

  /** True for what this class has made, and so has checked. */
  static is(value: unknown): value is CacheKey {
    return typeof value === 'object' && value !== null && #isMade in value;
  }

  /** The same key with further tags. */
  withTags(tags: readonly string[]): CacheKey {
    if (tags.length === 0) return this;
    return new CacheKey(this.name, [...new Set([...this.tags, ...tags])], this.family, this.ttl);
  }

  /** The key as text, as logs and raw calls have it. */
  toString(): string {
    return this.name;
  }
}

/** A key whose template has a schema: `V` is what readers get. */
export interface TypedKey<V> extends CacheKey {
  readonly family: KeyFamily & { readonly schema: ValueSchema<V> };
}

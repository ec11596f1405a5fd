import type { Consistency, ReadPlan } from '../engine/lookup.js';
import { checkKey, checkList } from '../keys/alphabet.js';
import type { CacheKey, KeyFamily } from '../keys/key.js';
import { combinedPolicy, type LoadPolicy, type LoadPolicyOptions, resolvePolicy } from '../keys/load-policy.js';
import { KeyRegistry } from '../keys/registry.js';
import { checkConsistency, checkSource, type ResolvedCacheOptions, resolveTtl } from './cache-options.js';
import type { KeyLike, LoadOptions } from './call-options.js';

/** What a call says that says nothing: its plan is that of its template. */
export const NO_OPTIONS: LoadOptions = Object.freeze({});

/** Makes of what a call says, its template and the module say, in this order, how it is done. */
export class Plans {
  readonly #keys: KeyRegistry;
  readonly #policies = new WeakMap<KeyFamily, LoadPolicy>();

  constructor(
    private readonly options: ResolvedCacheOptions,
    private readonly isShared: boolean,
  ) {
    this.#keys = new KeyRegistry(options.templates, options.indexedPatterns);
  }

  /** @throws InvalidKeyError */
  keyOf(key: KeyLike): CacheKey {
    return this.#keys.resolve(key);
  }

  /** @throws InvalidKeyError, InvalidOptionError */
  of(key: KeyLike, options: LoadOptions): ReadPlan {
    const { ttl, tags, consistency = this.options.consistency } = options;
    const plain = this.#keys.resolve(key);
    const resolved =
      tags === undefined ? plain : plain.withTags(checkList(tags, 'tags', (tag) => checkKey(tag, 'tag')));
    checkConsistency(consistency);
    const policy = this.#policy(resolved.family, options);
    return {
      key: resolved,
      ttl: ttl === undefined ? undefined : resolveTtl('ttl', ttl),
      policy,
      consistency: this.#effective(consistency),
    };
  }

  /** What is looked for in memory alone. @throws InvalidKeyError */
  inMemory(key: KeyLike): Pick<ReadPlan, 'key' | 'consistency'> {
    return { key: this.#keys.resolve(key), consistency: this.#effective(this.options.consistency) };
  }

  /** Without Redis every invalidation is this process's own, and memory misses none: strict would only mean uncached. */
  #effective(consistency: Consistency): Consistency {
    return this.isShared ? consistency : 'default';
  }

  #policy(family: KeyFamily, options: LoadPolicyOptions): LoadPolicy {
    let policy = this.#policies.get(family);
    if (!policy) {
      policy = combinedPolicy(this.options.policy, family.policy);
      checkSource(policy, this.options.sources);
      this.#policies.set(family, policy);
    }
    if (options === NO_OPTIONS) return policy;
    const resolved = resolvePolicy(policy, options);
    if (resolved !== policy) checkSource(resolved, this.options.sources);
    return resolved;
  }
}

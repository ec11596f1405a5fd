import type { KeyLike } from '../call-options.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { Targets } from '../invalidation-targets.js';
import { declare, type InCache, inCache } from './method-metadata.js';
import type { AllFit, AsyncMethod } from './method-types.js';
import { placeOf, wrapMethod } from './method-wrapper.js';

/** A value, or a function of arguments (called with the instance as `this`) that returns it. */
export type OrBuilt<V> = V | ((this: never, ...args: never[]) => V);

/** What a call of the method invalidates; at least one of them. Functions get the arguments of the method, before it runs. */
export interface CacheEvictOptions extends InCache {
  /** Everything that carries one of the tags. */
  readonly tags?: OrBuilt<readonly string[]>;
  /** One key or several. */
  readonly key?: OrBuilt<KeyLike | readonly KeyLike[]>;
  /** Every key that a glob matches: two walks over the keyspace, unless it is one of the module's `indexedPatterns`. */
  readonly pattern?: OrBuilt<string>;
}

/** A decorator of an asynchronous method that every function among the options `E` takes the arguments of. */
export type EvictingMethodDecorator<E> = <C extends object, P extends unknown[], R>(
  target: C,
  name: string | symbol,
  descriptor: AsyncMethod<P, R> & AllFit<E, C, P>,
) => void;

/**
 * Invalidates after a method has succeeded; one that throws invalidates nothing. The caller gets the method's result when
 * the invalidation is acknowledged, or queued while Redis is away; it never fails because of Redis, nor of `blastLimit`.
 * Commit before the method returns.
 * @throws InvalidOptionError when the class is defined: where nothing is named to invalidate
 */
export function CacheEvict<const E extends CacheEvictOptions>(options: E): EvictingMethodDecorator<E> {
  return (prototype, name, descriptor) => {
    const where = placeOf(prototype, name);
    checkTargets(options, where);
    const evicts = (args: readonly unknown[]): Targets => targetsOf(options, undefined, args);
    const namesKeys = options.key !== undefined || options.pattern !== undefined;
    declare(prototype, { where, method: String(name), ...inCache(options), evicts: { where, namesKeys, evicts } });
    wrapMethod(prototype, name, descriptor, (cache, instance, args, call) =>
      cache.in(options.cache).evict(targetsOf(options, instance, args), where, call),
    );
  };
}

/** @throws InvalidOptionError where nothing is named to invalidate */
export function checkTargets({ tags, key, pattern }: CacheEvictOptions, where: string): void {
  if (tags === undefined && key === undefined && pattern === undefined)
    throw new InvalidOptionError(`what ${where} invalidates`, 'named by tags, key or pattern', undefined);
}

/** What one call, or event, invalidates. */
export function targetsOf(
  { tags, key, pattern }: CacheEvictOptions,
  instance: unknown,
  args: readonly unknown[],
): Targets {
  const keys = built(key, instance, args);
  const glob = built(pattern, instance, args);
  return {
    tags: built(tags, instance, args),
    keys: Array.isArray(keys) ? (keys as readonly KeyLike[]) : keys === undefined ? [] : [keys as KeyLike],
    patterns: glob === undefined ? [] : [glob],
  };
}

function built<V>(option: OrBuilt<V> | undefined, instance: unknown, args: readonly unknown[]): V | undefined {
  if (typeof option !== 'function') return option;
  return (option as (this: unknown, ...args: readonly unknown[]) => V).apply(instance, [...args]);
}

import type { CacheKey } from '../../keys/key.js';
import type { KeyTemplate, ParameterNames } from '../../keys/template.js';
import type { EntryOptions, LoadOptions } from '../call-options.js';
import { type KeyOfCall, keyOfCall, type MethodKey } from './method-key.js';
import { type Caching, declare, type InCache } from './method-metadata.js';
import type { AsyncMethod, KeyFits } from './method-types.js';
import { placeOf, wrapMethod } from './method-wrapper.js';

/** Options of `Cacheable`: how the key is made of the arguments, and how the value lives. */
export interface CacheableOptions<K> extends LoadOptions, InCache {
  readonly key: K;
}

/** Options of `CachePut`. */
export interface CachePutOptions<K> extends EntryOptions, InCache {
  readonly key: K;
}

/** A decorator of an asynchronous method whose arguments supply a template's parameters. */
export type KeyedMethodDecorator<T extends string, K> = <C extends object, P extends unknown[], R>(
  target: C,
  name: string | symbol,
  descriptor: AsyncMethod<P, R> & KeyFits<K, T, C, P>,
) => void;

/** A template that needs no options: it has no parameters. */
export type PlainTemplate<T extends string> = [ParameterNames<T>] extends [never] ? KeyTemplate<T> : never;

/**
 * Caches what a method returns, under the key that its arguments make: `getOrLoad` with the method as the loader. Calls
 * through `this` and `super` count. `undefined` is returned and not cached; errors are not cached. The method must be
 * asynchronous, and callers get the value as JSON tells it, frozen.
 * @throws InvalidOptionError when the class is defined: for a parameter of the template that no argument supplies
 */
export function Cacheable<const T extends string, const K extends MethodKey<T>>(
  template: KeyTemplate<T>,
  options: CacheableOptions<K>,
): KeyedMethodDecorator<T, K>;
/** With a template that has no parameters. */
export function Cacheable<const T extends string>(
  template: PlainTemplate<T>,
  options?: LoadOptions & InCache,
): KeyedMethodDecorator<T, undefined>;
export function Cacheable(template: KeyTemplate, options: LoadOptions & Given = {}): MethodDecoratorOf {
  return (prototype, name, descriptor) => {
    const { keyOf, entry } = declared(template, options, { prototype, name, by: 'method' });
    wrapMethod(prototype, name, descriptor, (cache, instance, args, call) =>
      cache.in(options.cache).load(keyOf(instance, args), entry, call),
    );
  };
}

/**
 * Runs a method each time and caches what it returns, under the key that its arguments make. What has no JSON, such as
 * `undefined`, or does not fit the template's schema, removes the entry instead. Where two calls for one key may overlap, the later to end wins: evict instead
 * where that may be the older value.
 * @throws InvalidOptionError as `Cacheable`
 */
export function CachePut<const T extends string, const K extends MethodKey<T>>(
  template: KeyTemplate<T>,
  options: CachePutOptions<K>,
): KeyedMethodDecorator<T, K>;
/** With a template that has no parameters. */
export function CachePut<const T extends string>(
  template: PlainTemplate<T>,
  options?: EntryOptions & InCache,
): KeyedMethodDecorator<T, undefined>;
export function CachePut(template: KeyTemplate, options: EntryOptions & Given = {}): MethodDecoratorOf {
  return (prototype, name, descriptor) => {
    const { keyOf, entry } = declared(template, options, { prototype, name, by: 'put' });
    wrapMethod(prototype, name, descriptor, (cache, instance, args, call) => {
      // Before the method runs: a wrong argument must not be found out after a write.
      const key: CacheKey = keyOf(instance, args);
      return cache.in(options.cache).put(key, entry, call);
    });
  };
}

/** A decorator after the compiler has checked it. */
type MethodDecoratorOf = (prototype: object, name: string | symbol, descriptor: PropertyDescriptor) => void;

interface Given extends InCache {
  readonly key?: unknown;
}

function declared(
  template: KeyTemplate,
  options: LoadOptions & Given,
  { prototype, name, by }: { readonly prototype: object; readonly name: string | symbol; readonly by: Caching },
): { readonly keyOf: KeyOfCall; readonly entry: LoadOptions } {
  const { key, cache, ...entry } = options;
  const where = placeOf(prototype, name);
  const keyOf = keyOfCall(template, key, where);
  const caches = { template, family: template.family, options: entry, by };
  declare(prototype, { where, method: String(name), ...(cache !== undefined && { cache }), caches });
  return { keyOf, entry };
}

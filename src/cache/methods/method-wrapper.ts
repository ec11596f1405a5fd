import { Inject } from '@nestjs/common';
import { CacheError, InvalidOptionError } from '../../primitives/errors.js';
import { type Call, MethodCache } from './method-cache.js';

/** A method of an object that Nest has not made, or not yet. */
export class MethodNotBoundError extends CacheError {
  /** @internal */
  constructor(where: string) {
    const message = `${where} was called on an object that has no cache: it is bound when Nest has made the object, so not in its constructor and not with new. Provide the class in a module of an application with CacheModule`;
    super('METHOD_NOT_BOUND', 'usage', message, { where });
  }
}

/** Where an instance keeps the cache of its application. */
const BOUND = Symbol('shadower:method-cache');

type Bound = { [BOUND]?: MethodCache };

/** What a decorator makes of one call. */
export type Around = (cache: MethodCache, instance: unknown, args: readonly unknown[], call: Call) => Promise<unknown>;

/**
 * Puts `around` around a method: on the prototype, so that it holds for calls through `this` and `super`, too. Nest gives
 * each instance the cache of its own application, as a property.
 */
export function wrapMethod(
  prototype: object,
  name: string | symbol,
  descriptor: PropertyDescriptor,
  around: Around,
): void {
  const where = placeOf(prototype, name);
  const method = checkedMethod(prototype, descriptor, where);
  const wrapper = function (this: Bound | undefined, ...args: unknown[]): Promise<unknown> {
    const cache = this?.[BOUND];
    if (cache === undefined) return Promise.reject(new MethodNotBoundError(where));
    return settled(() => around(cache, this, args, () => method.apply(this, args)));
  };
  descriptor.value = resembling(method, wrapper);
  Inject(MethodCache)(prototype, BOUND);
}

/** What cannot be a key is told as a rejection, as everything else of an asynchronous method is. */
function settled(work: () => Promise<unknown>): Promise<unknown> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error instanceof Error ? error : new Error(String(error)));
  }
}

/** Gives an object the cache that its methods use: that of the application which started last with it. */
export function bind(instance: object, cache: MethodCache): void {
  (instance as Bound)[BOUND] = cache;
}

/** A class and one of its methods, as people write it. */
export function placeOf(prototype: object, name: string | symbol): string {
  return `${prototype.constructor.name}.${String(name)}`;
}

type Method = (...args: unknown[]) => unknown;

function checkedMethod(prototype: object, { value }: PropertyDescriptor, where: string): Method {
  if (typeof prototype === 'object' && typeof value === 'function') return value as Method;
  throw new InvalidOptionError(
    `the decorated ${where}`,
    'a method of instances, neither static nor an accessor',
    value,
  );
}

/** Nest, and others, keep what they know of a method on its function, by its name and length. */
function resembling(method: Method, wrapper: Method): Method {
  for (const key of Reflect.getMetadataKeys(method) as unknown[])
    Reflect.defineMetadata(key, Reflect.getMetadata(key, method), wrapper);
  Object.defineProperty(wrapper, 'name', { value: method.name, configurable: true });
  Object.defineProperty(wrapper, 'length', { value: method.length, configurable: true });
  return wrapper;
}

import type { KeyFamily } from '../../keys/key.js';
import type { KeyTemplate } from '../../keys/template.js';
import type { LoadOptions } from '../call-options.js';
import type { Evicting } from '../coverage/declared.js';
import type { InvalidationRule } from '../invalidation-rules.js';

/** Which cache a decorator is about. */
export interface InCache {
  /** The name that it has of `CacheModule.forFeature`. @default the cache of `CacheModule.forRoot` */
  readonly cache?: string;
}

/** What a decorator caches: what a method or a route answers when asked, or what a method has written. */
export type Caching = 'method' | 'route' | 'put';

/** What one decorator says of one method. */
export interface MethodDeclaration extends InCache {
  /** The class and method, for messages and the audit. */
  readonly where: string;
  /** The method's name. */
  readonly method: string;
  /** What is cached, and how; absent for decorators that cache nothing. */
  readonly caches?: {
    readonly template: KeyTemplate;
    readonly family: KeyFamily;
    readonly options: LoadOptions;
    readonly by: Caching;
  };
  /** What a call invalidates. */
  readonly evicts?: Evicting;
  /** Looks, at start-up, at what was not known when the class was defined. @throws InvalidOptionError */
  readonly verify?: () => void;
  /** When it is invalidated by an event. */
  readonly rule?: InvalidationRule;
}

/** What options say of the cache, and nothing else. */
export function inCache({ cache }: InCache): InCache {
  return cache === undefined ? {} : { cache };
}

const DECLARATIONS = 'shadower:method-declarations';

/** Adds to what a prototype declares. */
export function declare(prototype: object, declaration: MethodDeclaration): void {
  const own = (Reflect.getOwnMetadata(DECLARATIONS, prototype) ?? []) as readonly MethodDeclaration[];
  Reflect.defineMetadata(DECLARATIONS, [...own, declaration], prototype);
}

/** What a prototype and those that it inherits from declare. */
export function declarationsOf(prototype: object | null): MethodDeclaration[] {
  if (prototype === null || prototype === Object.prototype) return [];
  const own = (Reflect.getOwnMetadata(DECLARATIONS, prototype) ?? []) as readonly MethodDeclaration[];
  return [...declarationsOf(Object.getPrototypeOf(prototype) as object | null), ...own];
}

import type { KeyTemplate } from '../../keys/template.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { LoadOptions } from '../call-options.js';

/** What one `WarmUp` says of a class. */
export interface WarmUpDeclaration {
  readonly name: string;
  readonly template: KeyTemplate;
  readonly cache: string | undefined;
  readonly keys: (provider: object) => Promise<readonly Readonly<Record<string, unknown>>[]>;
  readonly every: Milliseconds | undefined;
  readonly onBoot: boolean | 'wait';
}

/** What one `LoaderFor` says of a method. */
export interface LoaderDeclaration {
  /** The class and method, for messages. */
  readonly where: string;
  readonly method: string | symbol;
  readonly template: KeyTemplate;
  readonly cache: string | undefined;
  readonly options: LoadOptions;
  readonly isPreloaded: boolean;
}

const WARM_UPS = 'shadower:warm-ups';
const LOADERS = 'shadower:loaders';

/** Adds to what a class declares. */
export function declareWarmUp(target: object, declaration: WarmUpDeclaration): void {
  add(WARM_UPS, target, declaration);
}

/** Adds to what a prototype declares. */
export function declareLoader(prototype: object, declaration: LoaderDeclaration): void {
  add(LOADERS, prototype, declaration);
}

/** The warm-ups of a class itself: a subclass would be a further plan of the same name. */
export function warmUpsOf(target: object): readonly WarmUpDeclaration[] {
  return ownOf(WARM_UPS, target) as readonly WarmUpDeclaration[];
}

/** The loaders of a prototype and of those that it inherits from. */
export function loadersOf(prototype: object | null): readonly LoaderDeclaration[] {
  if (prototype === null || prototype === Object.prototype) return [];
  const inherited = loadersOf(Object.getPrototypeOf(prototype) as object | null);
  return [...inherited, ...(ownOf(LOADERS, prototype) as readonly LoaderDeclaration[])];
}

function add(what: string, target: object, declaration: object): void {
  Reflect.defineMetadata(what, [...ownOf(what, target), declaration], target);
}

function ownOf(what: string, target: object): readonly unknown[] {
  return (Reflect.getOwnMetadata(what, target) ?? []) as readonly unknown[];
}

import { createContext, Script } from 'node:vm';
import { CacheKey } from '../../keys/key.js';
import { KeyPattern } from '../../keys/pattern.js';
import type { KeyTemplate } from '../../keys/template.js';
import type { Targets } from '../invalidation-targets.js';

/** Values that are made up to see what a function makes of them: every id is this one. */
export interface World {
  readonly id: string;
  readonly timeframe: string;
}

/** Two, so that what does not change between them can be told. */
export const WORLD: World = { id: '1', timeframe: '7d' };
export const OTHER_WORLD: World = { id: '2', timeframe: '30d' };

/** A function that loops over what it is given must not hold up the start: it is ended after so many milliseconds. */
const PATIENCE = 100;
// The only way in which a function can be ended from outside; it runs in its own context, as any other time.
const CALL = new Script('work()');
const MOST_ARGUMENTS = 10;

/** The key of a template in a world, or `undefined` where its tags cannot be made of made-up values. */
export function keyIn(template: KeyTemplate, world: World): CacheKey | undefined {
  return keyOf(template, (name) => valueIn(world, name));
}

/** The tags of a template with its parameters in braces, as `user:{userId}`. */
export function tagForms(template: KeyTemplate): readonly string[] {
  const names = parametersOf(template);
  const values = new Map(names.map((name, i) => [name, name === 'timeframe' ? '90d' : String(1_000_001 + i)]));
  const tags = keyOf(template, (name) => values.get(name) ?? '')?.tags ?? [];
  return tags.map((tag) => [...values].reduce((form, [name, value]) => form.replaceAll(value, `{${name}}`), tag));
}

/** The parameters that a template's text names. */
export function parametersOf({ template }: KeyTemplate): readonly string[] {
  return [...template.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string);
}

/**
 * What a function makes of arguments that are made up: of objects whose every field is an id, and of ids themselves.
 * `undefined` where it makes nothing of either.
 */
export function targetsIn(world: World, build: (args: readonly unknown[]) => Targets): Targets[] | undefined {
  const ways = [anything(world), world.id].map((value) =>
    attempt(() => checked(build(Array(MOST_ARGUMENTS).fill(value)))),
  );
  const known = ways.filter((targets) => targets !== undefined).filter(isSomething);
  return known.length === 0 ? undefined : known;
}

/** Whether one of the targets takes the key. */
export function takes(targets: readonly Targets[], { name, tags }: CacheKey): boolean {
  return targets.some(
    (each) =>
      each.tags?.some((tag) => tags.includes(tag)) === true ||
      each.keys?.some((key) => (CacheKey.is(key) ? key.name : key) === name) === true ||
      each.patterns?.some((pattern) => KeyPattern.parse(pattern).matches(name)) === true,
  );
}

function isSomething({ tags = [], keys = [], patterns = [] }: Targets): boolean {
  return tags.length + keys.length + patterns.length > 0;
}

function keyOf(template: KeyTemplate, valueOf: (name: string) => string): CacheKey | undefined {
  const parameters = Object.fromEntries(parametersOf(template).map((name) => [name, valueOf(name)]));
  return attempt(() => template(parameters));
}

function valueIn({ id, timeframe }: World, name: string): string {
  return name === 'timeframe' ? timeframe : id;
}

/** An object whose every field is an id, and that is one itself in text. */
function anything(world: World): unknown {
  return new Proxy(Object.create(null) as object, {
    get(_, name): unknown {
      if (name === Symbol.toPrimitive) return () => world.id;
      return typeof name === 'string' ? valueIn(world, name) : undefined;
    },
    has: () => true,
  });
}

/** @throws InvalidKeyError, TypeError for what is no list */
function checked({ tags = [], keys = [], patterns = [] }: Targets): Targets {
  for (const list of [tags, keys, patterns]) if (!Array.isArray(list)) throw new TypeError('no list');
  for (const pattern of patterns) KeyPattern.parse(pattern);
  return { tags, keys, patterns };
}

/** The application's functions may throw whatever they like at made-up values, or loop without end. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return CALL.runInContext(createContext({ work }), { timeout: PATIENCE }) as T;
  } catch {
    return undefined;
  }
}

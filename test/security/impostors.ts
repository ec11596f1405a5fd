import { CacheKey } from '../../src/keys/key.js';
import { defineKey } from '../../src/keys/template.js';
import type { TestCache } from '../support/caches.js';

const Thing = defineKey('thing:{id}');
const KEY = 'user:1:profile';
const { family } = Thing({ id: 1 });

/** What is not text, but would be written as the text of a good key, tag, pattern, id or template if it were asked for it. */
export const IMPOSTORS: Readonly<Record<string, unknown>> = {
  undefined: undefined,
  null: null,
  true: true,
  'a number': 7.5,
  NaN,
  'a BigInt': 7n,
  'a symbol': Symbol(KEY),
  'a function': Object.assign(() => KEY, { toString: () => KEY }),
  'an empty array': [],
  'an array of a key': [KEY],
  'an array of a key and options': [KEY, 'EX', '1'],
  'an array in an array': [[KEY]],
  'an object': {},
  'an object with toString': { toString: () => KEY },
  'an object with valueOf': { valueOf: () => KEY },
  'an object with Symbol.toPrimitive': { [Symbol.toPrimitive]: () => KEY },
  'an object with toJSON': { toJSON: () => KEY },
  'an object that looks like a key': { name: KEY, tags: [], family },
  'a String object': new String(KEY),
  'a String object that says something else': Object.assign(new String(KEY), { toString: () => 'user:*' }),
  'a Number object': new Number(1),
  'a Proxy of a String object': new Proxy(new String(KEY), {}),
  'a Proxy of an array': new Proxy([KEY], {}),
  'a Proxy of a function': new Proxy(() => KEY, {}),
  'a Buffer': Buffer.from(KEY),
  'a Uint8Array': new Uint8Array([117]),
  'a Date': new Date(0),
  'a regular expression': /user/,
  'a Map': new Map([[KEY, KEY]]),
  'an Error': new Error(KEY),
  'a Promise': Promise.resolve(KEY),
};

/** What claims to be an instance of {@link CacheKey}, and holds what no template makes; made at the door, as making it may be refused. */
export const FORGED_KEYS: Readonly<Record<string, () => unknown>> = {
  'a key that is a pattern': () => new CacheKey('user:*', [], family),
  'a key that ends the braces': () => new CacheKey('user:1}x{', [], family),
  'a key of no characters': () => new CacheKey('', [], family),
  'a key of 257 characters': () => new CacheKey('k'.repeat(257), [], family),
  'a key with a line feed': () => new CacheKey('user:1\n', [], family),
  'a key whose name is an array': () => new CacheKey([KEY, 'EX', '1'] as unknown as string, [], family),
  'a key with a tag that means everything': () => new CacheKey(KEY, ['*'], family),
  'a key with a tag that is an array': () => new CacheKey(KEY, [['user:1', 'x']] as unknown as string[], family),
  'the prototype of a key': () => Object.create(CacheKey.prototype) as unknown,
  'a changed key': () => Object.assign(Thing({ id: 1 }), { name: 'user:*' }),
  'a Proxy of a key': () =>
    new Proxy(Thing({ id: 1 }), {
      get: (key, property) => (property === 'name' ? 'user:*' : (Reflect.get(key, property) as unknown)),
    }),
};

/** What is no array, or an array with holes, but would be gone through as if it were one. */
export const FALSE_LISTS: Readonly<Record<string, unknown>> = {
  null: null,
  'a key': KEY,
  'a String object': new String(KEY),
  'a number': 7,
  'an object': {},
  'an object like an array': { length: 1, 0: KEY },
  'an object with a map of its own': { length: 1, 0: KEY, map: () => ['*'], [Symbol.iterator]: () => [KEY].values() },
  'a Set': new Set([KEY]),
  'an array with a hole': Object.assign(new Array<string>(2), { 1: KEY }),
};

/** One way in for a key, tag, pattern, parameter or template. */
export interface Door {
  readonly name: string;
  readonly takes: 'key' | 'text' | 'id' | 'list';
  /** Where leaving it out is no mistake. */
  readonly isOptional?: true;
  readonly knock: (given: never, instance: TestCache) => unknown;
}

const load = (): string => 'a value';
const loadAll = (missing: readonly unknown[]): string[] => missing.map(load);

/** Every way into the public API. */
export const DOORS: readonly Door[] = [
  { name: 'get', takes: 'key', knock: (key, { cache }) => cache.get(key) },
  { name: 'get, strict', takes: 'key', knock: (key, { cache }) => cache.get(key, { consistency: 'strict' }) },
  { name: 'exists', takes: 'key', knock: (key, { cache }) => cache.exists(key) },
  { name: 'getMany', takes: 'key', knock: (key, { cache }) => cache.getMany(['fine', key]) },
  { name: 'getMany, its list', takes: 'list', knock: (keys, { cache }) => cache.getMany(keys) },
  { name: 'set', takes: 'key', knock: (key, { cache }) => cache.set(key, 1) },
  { name: 'set, a tag', takes: 'text', knock: (tag, { cache }) => cache.set('fine', 1, { tags: [tag] }) },
  {
    ...{ name: 'set, its tags', takes: 'list', isOptional: true },
    knock: (tags, { cache }) => cache.set('fine', 1, { tags }),
  },
  { name: 'setMany', takes: 'key', knock: (key, { cache }) => cache.setMany([[key, 1]]) },
  { name: 'setMany, its list', takes: 'list', knock: (entries, { cache }) => cache.setMany(entries) },
  { name: 'setMany, an entry', takes: 'list', knock: (entry, { cache }) => cache.setMany([entry]) },
  { name: 'delete', takes: 'key', knock: (key, { cache }) => cache.delete(key) },
  { name: 'clearPattern', takes: 'text', knock: (pattern, { cache }) => cache.clearPattern(pattern) },
  { name: 'getOrLoad', takes: 'key', knock: (key, { cache }) => cache.getOrLoad(key, load) },
  {
    name: 'getOrLoad, a tag',
    takes: 'text',
    knock: (tag, { cache }) => cache.getOrLoad('fine', load, { tags: [tag] }),
  },
  { name: 'lookup', takes: 'key', knock: (key, { cache }) => cache.lookup(key, load) },
  { name: 'getOrLoadMany', takes: 'key', knock: (key, { cache }) => cache.getOrLoadMany([key], loadAll) },
  { name: 'getOrLoadMany, its list', takes: 'list', knock: (keys, { cache }) => cache.getOrLoadMany(keys, loadAll) },
  { name: 'explain', takes: 'key', knock: (key, { cache }) => cache.explain(key) },
  { name: 'invalidation.metric', takes: 'id', knock: (id, { invalidation }) => invalidation.metric(id) },
  { name: 'invalidation.user', takes: 'id', knock: (id, { invalidation }) => invalidation.user(id) },
  { name: 'invalidation.agent', takes: 'id', knock: (id, { invalidation }) => invalidation.agent(id) },
  { name: 'invalidation.workspace', takes: 'id', knock: (id, { invalidation }) => invalidation.workspace(id) },
  { name: 'invalidation.tags', takes: 'text', knock: (tag, { invalidation }) => invalidation.tags(['fine', tag]) },
  { name: 'invalidation.tags, its list', takes: 'list', knock: (tags, { invalidation }) => invalidation.tags(tags) },
  { name: 'invalidation.pattern', takes: 'text', knock: (pattern, { invalidation }) => invalidation.pattern(pattern) },
  {
    ...{ name: 'invalidation.tags, its cause', takes: 'text', isOptional: true },
    knock: (cause, { invalidation }) => invalidation.tags(['fine'], { cause }),
  },
  {
    ...{ name: 'invalidation.history, a tag', takes: 'text', isOptional: true },
    knock: (tag, { invalidation }) => invalidation.history({ tag }),
  },
  {
    ...{ name: 'invalidation.history, a key', takes: 'key', isOptional: true },
    knock: (key, { invalidation }) => invalidation.history({ key }),
  },
  {
    ...{ name: 'invalidation.inconsistencies, a key', takes: 'key', isOptional: true },
    knock: (key, { invalidation }) => invalidation.inconsistencies({ key }),
  },
  { name: 'defineKey', takes: 'text', knock: (template) => defineKey(template) },
  { name: 'defineKey, a parameter', takes: 'id', knock: (id) => Thing({ id }) },
  { name: 'defineKey, its parameters', takes: 'text', knock: (parameters) => Thing(parameters) },
  { name: 'defineKey, a timeframe', takes: 'text', knock: (timeframe) => defineKey('a:{timeframe}')({ timeframe }) },
  { name: 'defineKey, a tag', takes: 'text', knock: (tag) => defineKey('a', { tags: () => [tag] })({}) },
  { name: 'defineKey, its tags', takes: 'list', knock: (tags) => defineKey('a', { tags: () => tags })({}) },
];

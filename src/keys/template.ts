import { finiteNumber, wholeNumber } from '../primitives/checks.js';
import { InvalidOptionError } from '../primitives/errors.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';
import type { TtlBounds } from './advice-mode.js';
import { checkKey, checkList, checkSegment, InvalidKeyError, MAX_KEY_LENGTH } from './alphabet.js';
import { entityTags } from './entity-tags.js';
import { CacheKey, type KeyFamily, type TypedKey } from './key.js';
import { checkedPolicy, type LoadPolicyOptions, LONGEST_TTL } from './load-policy.js';
import { type Timeframe, ttlOf } from './timeframes.js';
import { checkMigrate, checkSchema, type Migrate, type ValueSchema } from './value-schema.js';

/** The names between braces of a template. */
export type ParameterNames<T extends string> = T extends `${string}{${infer Name}}${infer Rest}`
  ? Name | ParameterNames<Rest>
  : never;

/** What a template must be given: ids as strings or whole numbers, `timeframe` as one of the table. */
export type KeyParameters<T extends string> = {
  readonly [N in ParameterNames<T>]: N extends 'timeframe' ? Timeframe : string | number;
};

/** How entries of a template live. */
export interface KeyOptions<T extends string> extends LoadPolicyOptions {
  /** Seconds for which an entry is fresh. @default the timeframe's TTL where the template has one, else the module's `defaultTtl` */
  readonly ttl?: Seconds;
  /** Tags beyond those of the entities named in the template. */
  readonly tags?: (parameters: KeyParameters<T>) => readonly string[];
  /** Version of the value's shape, a whole number from 1; a new version makes older entries misses. @default 1 */
  readonly version?: number;
  /**
   * What values must fit: any Standard Schema, such as those of Zod, Valibot and ArkType. It is given the value as JSON
   * tells it, when the value is loaded, set, or read from Redis; what it makes of it is what readers get. An entry that
   * does not fit is a miss, a loaded or set value an InvalidValueError; neither is ever stored. @default none
   */
  readonly schema?: ValueSchema;
  /** Makes today's value of an entry of an older `version`, at each read from Redis; `undefined`, or a throw: a miss. @default none */
  readonly migrate?: Migrate;
}

/** A declared template: call it with its parameters to get a key. */
export interface KeyTemplate<T extends string = string, K extends CacheKey = CacheKey> {
  (parameters: KeyParameters<T>): K;
  readonly template: T;
  /** What all its keys share. */
  readonly family: KeyFamily;
  /** The key that `name` is under this template, or `undefined` where it does not fit. */
  match(name: string): K | undefined;
}

const PARAMETER = /^\{([a-zA-Z][a-zA-Z0-9]*)\}$/;
const LITERAL = /^[a-zA-Z0-9_.-]+$/;

type Part = { readonly literal: string } | { readonly parameter: string };

/**
 * Declares a key template such as `agent:{agentId}:stats:{timeframe}`: typed parameters, TTL, tags and metric label in
 * one place. Tags of the entities it names (`agent:456`) are carried without being listed. Building a key is injective:
 * a parameter cannot hold a colon, so no two sets of parameters make one key.
 * @throws InvalidKeyError for a malformed template or one that leaves its parameters no room, and on call for a parameter
 *   outside the alphabet; InvalidOptionError for an option that breaks a rule
 */
export function defineKey<const T extends string, V>(
  template: T,
  options: KeyOptions<T> & { readonly schema: ValueSchema<V> },
): KeyTemplate<T, TypedKey<V>>;
/** Without a schema: values have the type that their readers claim. */
export function defineKey<const T extends string>(template: T, options?: KeyOptions<T>): KeyTemplate<T>;
export function defineKey<const T extends string>(template: T, options: KeyOptions<T> = {}): KeyTemplate<T> {
  const parts = parse(template);
  const family = familyOf(template, options);
  const build = (parameters: Readonly<Record<string, unknown>>): CacheKey => {
    checkParameters(template, parameters);
    const segments = parts.map((part) => ('literal' in part ? part.literal : valueOf(part.parameter, parameters)));
    const own = options.tags ? options.tags(parameters as KeyParameters<T>) : [];
    const checked = checkList(own, `the tags of ${template}`, (tag) => checkKey(tag, `a tag of ${template}`));
    const tags = [...new Set([...entityTags(segments), ...checked])];
    return new CacheKey(joined(template, segments), tags, family, ttlFor(family, parameters));
  };
  const match = (name: string): CacheKey | undefined => {
    const parameters = parametersIn(parts, name.split(':'));
    return parameters && build(parameters);
  };
  return Object.assign(build as (parameters: KeyParameters<T>) => CacheKey, { template, family, match });
}

/** The parameters that a template's text names, in its order. */
export function parameterNames({ template }: Pick<KeyTemplate, 'template'>): readonly string[] {
  return parse(template).flatMap((part) => ('parameter' in part ? [part.parameter] : []));
}

function parse(template: string): Part[] {
  if (typeof template !== 'string') throw new InvalidKeyError('a template', 'a string', template);
  const parts = template.split(':').map((text): Part => {
    const parameter = PARAMETER.exec(text)?.[1];
    if (parameter !== undefined) return { parameter };
    if (LITERAL.test(text)) return { literal: text };
    throw new InvalidKeyError(
      `segment ${JSON.stringify(text)} of a template`,
      'a word or one {parameter}, between colons',
      template,
    );
  });
  const names = parts.flatMap((part) => ('parameter' in part ? [part.parameter] : []));
  if (new Set(names).size !== names.length)
    throw new InvalidKeyError('a template', 'made of parameters with different names', template);
  const shortest = parts.map((part) => ('literal' in part ? part.literal : '1')).join(':');
  if (shortest.length <= MAX_KEY_LENGTH) return parts;
  throw new InvalidKeyError('a template', `short enough for keys of at most ${MAX_KEY_LENGTH} characters`, template);
}

function familyOf<T extends string>(
  template: T,
  { ttl, version = 1, schema, migrate, ...policy }: KeyOptions<T>,
): KeyFamily {
  const lasting =
    ttl === undefined ? undefined : 1000 * finiteNumber(`ttl of ${template}`, ttl, { min: 0.001, max: LONGEST_TTL });
  const checked = checkedPolicy(policy, ` of ${template}`);
  checkWithin(template, checked.advice?.bounds, lasting);
  return Object.freeze({
    label: template,
    ttl: lasting,
    policy: checked,
    version: wholeNumber(`version of ${template}`, version, { min: 1, max: 1_000_000 }),
    schema: checkSchema(`schema of ${template}`, schema),
    migrate: checkMigrate(`migrate of ${template}`, migrate, version),
  });
}

function checkWithin(template: string, bounds: TtlBounds | undefined, ttl: Milliseconds | undefined): void {
  if (!bounds || ttl === undefined || (ttl >= bounds.min && ttl <= bounds.max)) return;
  const rule = `from minTtl to maxTtl of its advice, ${bounds.min / 1000} to ${bounds.max / 1000}`;
  throw new InvalidOptionError(`ttl of ${template}`, rule, ttl / 1000);
}

function checkParameters(template: string, parameters: unknown): void {
  if (typeof parameters !== 'object' || parameters === null)
    throw new InvalidKeyError(`the parameters of ${template}`, 'an object', parameters);
}

function valueOf(name: string, parameters: Readonly<Record<string, unknown>>): string {
  return checkSegment(Object.hasOwn(parameters, name) ? parameters[name] : undefined, `key parameter ${name}`);
}

function joined(template: string, segments: readonly string[]): string {
  const name = segments.join(':');
  if (name.length <= MAX_KEY_LENGTH) return name;
  throw new InvalidKeyError(`a key of ${template}`, `at most ${MAX_KEY_LENGTH} characters`, name);
}

function ttlFor(family: KeyFamily, parameters: Readonly<Record<string, unknown>>): number | undefined {
  const byTimeframe = 'timeframe' in parameters ? 1000 * ttlOf(parameters['timeframe']) : undefined;
  return family.ttl ?? byTimeframe;
}

function parametersIn(parts: readonly Part[], segments: readonly string[]): Record<string, string> | undefined {
  if (parts.length !== segments.length) return undefined;
  const parameters: Record<string, string> = {};
  for (const [i, part] of parts.entries()) {
    const segment = segments[i] as string;
    if ('parameter' in part) parameters[part.parameter] = segment;
    else if (part.literal !== segment) return undefined;
  }
  return parameters;
}

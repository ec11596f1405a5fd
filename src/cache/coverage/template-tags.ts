import type { CacheKey } from '../../keys/key.js';
import { type KeyTemplate, parameterNames } from '../../keys/template.js';
import type { KnownTemplate } from './declared.js';
import { OTHER_WORLD, valueIn, WORLD, type World } from './made-up.js';
import type { Trials } from './trials.js';

/** A template with what made-up parameters tell of it. */
export interface TriedTemplate {
  readonly name: string;
  /** A key of it; `undefined` where its tags cannot be made of made-up values. */
  readonly key: CacheKey | undefined;
  /** Why they cannot. */
  readonly why: string;
  /** Its tags with parameters in braces, as `user:{userId}`. */
  readonly tags: readonly string[];
  /** Those that are the same in all its keys, although it has parameters. */
  readonly sharedTags: readonly string[];
}

/** Makes keys of the template. */
export function tryTemplate(trials: Trials, { template: named, tags, whole }: KnownTemplate): TriedTemplate {
  const name = named.template;
  const template = whole ?? named;
  const attempt = trials.attempt(() => keyIn(template, WORLD));
  if (!('made' in attempt)) return { name, key: undefined, why: attempt.why, tags: [], sharedTags: [] };
  const key = attempt.made;
  const other = trials.attempt(() => keyIn(template, OTHER_WORLD));
  const inOther = 'made' in other ? other.made.tags : [];
  const isPlain = parameterNames(template).length === 0;
  const shared = isPlain ? [] : [...key.tags.filter((tag) => inOther.includes(tag)), ...tags];
  return {
    ...{ name, key: key.withTags(tags), why: '' },
    tags: [...new Set([...formsOf(trials, template), ...tags])],
    sharedTags: [...new Set(shared)],
  };
}

function keyIn(template: KeyTemplate, world: World): CacheKey {
  return keyOf(template, (name) => valueIn(world, name));
}

function formsOf(trials: Trials, template: KeyTemplate): readonly string[] {
  const names = parameterNames(template);
  const values = new Map(names.map((name, i) => [name, name === 'timeframe' ? '90d' : String(1_000_001 + i)]));
  const outcome = trials.attempt(() => keyOf(template, (name) => values.get(name) ?? ''));
  const tags = 'made' in outcome ? outcome.made.tags : [];
  return tags.map((tag) => [...values].reduce((form, [name, value]) => form.replaceAll(value, `{${name}}`), tag));
}

function keyOf(template: KeyTemplate, valueOf: (name: string) => string): CacheKey {
  return template(Object.fromEntries(parameterNames(template).map((name) => [name, valueOf(name)])));
}

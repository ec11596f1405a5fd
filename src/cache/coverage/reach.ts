import { checkKey } from '../../keys/alphabet.js';
import { CacheKey } from '../../keys/key.js';
import { KeyPattern } from '../../keys/pattern.js';
import type { Targets } from '../invalidation-targets.js';
import type { Evicting, SeenRule } from './declared.js';
import { guessesIn, WORLD } from './made-up.js';
import type { Trials } from './trials.js';

/** What a rule, or a method, takes. */
export interface Reach {
  /** As messages call it. */
  readonly title: string;
  /** The event, or the method. */
  readonly name: string;
  readonly namesKeys: boolean;
  /** `undefined` where made-up values do not tell. */
  readonly targets: readonly Targets[] | undefined;
  /** Why they do not. */
  readonly why: string;
}

const MOST_ARGUMENTS = 10;
/** What templates of text make of a field that is not there. */
const MISSING = /\b(?:undefined|null|NaN)\b/;

/** What the rule takes of made-up payloads. */
export function reachOfRule(trials: Trials, { rule }: SeenRule): Reach {
  const build = ([payload]: readonly unknown[]): Targets => ({
    tags: rule.tags(payload as never),
    keys: rule.keys?.(payload as never),
    patterns: rule.patterns?.(payload as never),
  });
  const namesKeys = rule.keys !== undefined || rule.patterns !== undefined;
  return { title: `rule of ${rule.event}`, name: rule.event, namesKeys, ...targetsIn(trials, build) };
}

/** What the method takes of made-up arguments. */
export function reachOfMethod(trials: Trials, { where, namesKeys, evicts }: Evicting): Reach {
  return { title: `method ${where}`, name: where, namesKeys, ...targetsIn(trials, evicts) };
}

/** Whether it takes the key. */
export function takes({ targets = [] }: Reach, { name, tags }: CacheKey): boolean {
  return targets.some(
    (each) =>
      each.tags?.some((made) => tags.some((tag) => mayBe(made, tag))) === true ||
      each.keys?.some((key) => (CacheKey.is(key) ? key.name : key) === name) === true ||
      each.patterns?.some((pattern) => KeyPattern.parse(pattern).matches(name)) === true,
  );
}

/** Whether a rule that makes one tag of made-up ids makes the other of ids that there are: `metric:1`, `metric:runs`. */
function mayBe(made: string, tag: string): boolean {
  if (made === tag) return true;
  const [parts, others] = [made.split(':'), tag.split(':')];
  return parts.length === others.length && parts.every((part, i) => part === others[i] || part === WORLD.id);
}

/** What a function makes of each guess, as far as it makes something. */
function targetsIn(trials: Trials, build: (args: readonly unknown[]) => Targets): Pick<Reach, 'targets' | 'why'> {
  const targets: Targets[] = [];
  let why: string | undefined;
  for (const guess of guessesIn(WORLD)) {
    const outcome = trials.attempt(() => checked(build(Array(MOST_ARGUMENTS).fill(guess))));
    if ('made' in outcome) {
      if (isSomething(outcome.made)) targets.push(outcome.made);
      continue;
    }
    why ??= outcome.why;
    // It would be waited for again.
    if (outcome.isEndless) break;
  }
  return { targets: targets.length > 0 ? targets : undefined, why: why ?? 'it invalidates nothing for made-up values' };
}

/** As it would be checked before it is invalidated. @throws InvalidKeyError, TypeError for what is no list */
function checked({ tags = [], keys = [], patterns = [] }: Targets): Targets {
  for (const list of [tags, keys, patterns]) if (!Array.isArray(list)) throw new TypeError('it makes no list');
  return {
    tags: tags.map((tag) => checkKey(textOf(tag), 'a tag')),
    keys: keys.map((key) => (CacheKey.is(key) ? key : checkKey(textOf(key)))),
    patterns: patterns.map((pattern) => KeyPattern.parse(textOf(pattern)).text),
  };
}

/** A part of a made-up payload stands for the id that it is in text. */
function textOf(made: unknown): string {
  return String(made);
}

function isSomething({ tags = [], keys = [], patterns = [] }: Targets): boolean {
  const names = [...tags, ...keys.map((key) => (CacheKey.is(key) ? key.name : key)), ...patterns];
  return names.length > 0 && !names.every((name) => MISSING.test(name));
}

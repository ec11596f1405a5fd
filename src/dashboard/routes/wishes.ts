import { KeyPattern } from '../../keys/pattern.js';
import type { InvalidateBody, Target } from '../contract.js';
import { Refused } from '../problems.js';

const LONGEST_REASON = 100;
const MOST_NAMES = 500;

/** The parameters of a request, each checked as it is read. */
export class Wishes {
  readonly #given: Readonly<Record<string, unknown>>;

  /** Of a query or a body. @throws Refused for one that is no object */
  constructor(given: unknown) {
    if (typeof given !== 'object' || given === null || Array.isArray(given)) throw wrong('the body', 'a JSON object');
    this.#given = given as Readonly<Record<string, unknown>>;
  }

  /** @throws Refused for anything but a string, or nothing */
  text(name: string): string | undefined {
    const value = this.#given[name];
    if (value === undefined || value === '') return undefined;
    if (typeof value === 'string') return value;
    throw wrong(name, 'given once, as text');
  }

  /** @throws Refused where there is none */
  needed(name: string): string {
    const text = this.text(name);
    if (text === undefined) throw wrong(name, 'given');
    return text;
  }

  /** A number of a query. @throws Refused for what is no whole number within the bounds */
  whole(name: string, otherwise: number, { min = 1, max }: { readonly min?: number; readonly max: number }): number {
    const text = this.text(name);
    const number = text === undefined ? otherwise : Number(text);
    if (Number.isInteger(number) && number >= min && number <= max) return number;
    throw wrong(name, `a whole number from ${min} to ${max}`);
  }

  /** Of what an invalidation is. @throws Refused, InvalidKeyError for a pattern outside its alphabet */
  target(): Target {
    const { keys, tags, pattern, everything } = this.#given;
    const named = [keys, tags, pattern, everything].filter((each) => each !== undefined);
    if (named.length !== 1) throw wrong('the body', 'one with exactly one of keys, tags, pattern and everything');
    if (keys !== undefined) return { keys: names('keys', keys) };
    if (tags !== undefined) return { tags: names('tags', tags) };
    if (pattern !== undefined) return { pattern: KeyPattern.parse(pattern).text };
    if (everything === true) return { everything };
    throw wrong('everything', 'true');
  }

  /** How an invalidation is made. @throws Refused */
  manner(): Pick<InvalidateBody, 'force' | 'because'> {
    const { force = false } = this.#given;
    if (typeof force !== 'boolean') throw wrong('force', 'true or false');
    const because = this.text('because')?.replace(/\p{C}/gu, ' ').trim();
    if (because === undefined || because === '') return { force };
    if (because.length > LONGEST_REASON) throw wrong('because', `at most ${LONGEST_REASON} characters`);
    return { force, because };
  }
}

function names(what: string, given: unknown): readonly string[] {
  const isList = Array.isArray(given) && given.length > 0 && given.length <= MOST_NAMES;
  if (isList && given.every((name): name is string => typeof name === 'string')) return given;
  throw wrong(what, `a list of 1 to ${MOST_NAMES} texts`);
}

function wrong(name: string, rule: string): Refused {
  return new Refused(400, 'INVALID_REQUEST', `${name} must be ${rule}.`);
}

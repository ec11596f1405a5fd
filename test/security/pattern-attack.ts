import { InvalidKeyError } from '../../src/keys/alphabet.js';
import { KeyPattern } from '../../src/keys/pattern.js';
import type { Chance } from '../coherence/chance.js';
import { isKey, isPattern } from './key-rule.js';
import { randomText, randomWord } from './random-text.js';
import { globMatches } from './reference-glob.js';
import { Score } from './score.js';

/** Tenants that are each other's neighbours: by prefix, by suffix, and as a careless glob or regular expression sees them. */
const TENANTS = [
  't',
  't1',
  't10',
  't1.',
  't.1',
  'tx1',
  't-1',
  't_1',
  'T1',
  '1t',
  't1-',
  'a-c',
  'b',
  'a.c',
  'abc',
  '.',
  '-',
];
const WORDS = [
  'user',
  'agent',
  'a',
  'b',
  'ab',
  'aab',
  'stats',
  '7d',
  '1',
  '11',
  '111',
  '.',
  '..',
  '-',
  '_',
  'a.b',
  'axb',
  'A',
];

/** A key such as tenants have, from so few words that patterns meet them. */
export function randomKey(chance: Chance): string {
  const segments = Array.from({ length: chance.below(5) }, () => randomSegment(chance));
  return [chance.pick(TENANTS), ...segments].join(':').slice(0, 256);
}

function randomSegment(chance: Chance): string {
  const dice = chance.fraction();
  if (dice < 0.8) return chance.pick(WORDS);
  return dice < 0.9 ? randomWord(chance) : chance.pick(WORDS).repeat(1 + chance.below(9));
}

/** A pattern: mostly a key with a few characters or runs of them replaced by wildcards; sometimes anything. */
export function randomPattern(chance: Chance): string {
  return chance.fraction() < 0.05 ? randomText(chance) : patternLike(randomKey(chance), chance);
}

/** A key with a few wildcards in it; now and then with more than are allowed. */
export function patternLike(key: string, chance: Chance): string {
  let text = key;
  for (let i = chance.below(chance.fraction() < 0.1 ? 8 : 4); i >= 0; i -= 1) text = withWildcard(text, chance);
  return text;
}

function withWildcard(text: string, chance: Chance): string {
  // Most keep clear of the first segment, where a wildcard is refused.
  const head = chance.fraction() < 0.9 ? text.indexOf(':') + 1 : 0;
  const at = head + chance.below(text.length - head + 1);
  const runs = chance.fraction() < 0.5;
  return text.slice(0, at) + (runs ? '*' : '?') + text.slice(at + (runs ? chance.below(6) : chance.below(2)));
}

/** A key that a pattern matches or nearly matches. */
function keyNear(pattern: string, chance: Chance): string {
  const text = Array.from(pattern, (character) => {
    if (character === '*') return randomKey(chance).slice(0, chance.below(6));
    return character === '?' ? chance.pick(['a', 'b', '1', ':', '.', '-']) : character;
  });
  if (chance.fraction() < 0.4 && text.length > 0)
    text.splice(chance.below(text.length), chance.below(3), chance.pick(['a', ':', '.', '1', 'x', 'T']));
  return text.join('').slice(0, 256);
}

/** What is attacked: whether a text is a pattern, and which keys it matches. */
export type Matcher = (pattern: string) => (key: string) => boolean;

/** The package's own. */
export const MATCHER_OF_PACKAGE: Matcher = (text) => {
  const pattern = KeyPattern.parse(text);
  return (key) => pattern.matches(key);
};

const KEYS_PER_PATTERN = 24;

/** Holds random patterns against random keys: each is accepted exactly when the rule says so, and matches what the reference does. */
export function attackMatcher(matcher: Matcher, chance: Chance, count: number): Score {
  const score = new Score('random patterns held against random keys');
  for (let i = 0; i < count; i += 1) {
    const pattern = randomPattern(chance);
    const matches = parsed(matcher, pattern, score);
    for (let k = 0; matches && k < KEYS_PER_PATTERN; k += 1) {
      const key = k % 2 === 0 ? keyNear(pattern, chance) : randomKey(chance);
      if (isKey(key)) compare(score, { pattern, key, says: matches(key) });
    }
    if (i % 1_000 === 0) score.progress(i, count);
  }
  return score;
}

function parsed(matcher: Matcher, pattern: string, score: Score): ReturnType<Matcher> | undefined {
  const isFit = isPattern(pattern);
  try {
    const matches = matcher(pattern);
    score.count('patterns accepted');
    if (!isFit) score.violation(`${JSON.stringify(pattern)} was accepted`);
    return isFit ? matches : undefined;
  } catch (error) {
    score.count('patterns refused');
    if (isFit) score.violation(`${JSON.stringify(pattern)} was refused`);
    if (!(error instanceof InvalidKeyError)) score.violation(`${JSON.stringify(pattern)} threw ${String(error)}`);
    return undefined;
  }
}

interface Comparison {
  readonly pattern: string;
  readonly key: string;
  readonly says: boolean;
}

function compare(score: Score, { pattern, key, says }: Comparison): void {
  const expected = globMatches(pattern, key);
  score.count(says ? 'keys matched' : 'keys not matched');
  if (says !== expected) score.violation(`${pattern} ${says ? 'matches' : 'does not match'} ${key}`);
  // Where its first segment is whole, nothing of another first segment, which is where the tenant stands.
  const tenant = pattern.split(':')[0] as string;
  if (says && key.split(':')[0] !== tenant) score.violation(`${pattern} reaches ${key}, of another tenant`);
}

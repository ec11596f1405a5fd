import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { KeyPattern } from '../../src/keys/pattern.js';
import type { Stored } from '../../src/stores/contracts.js';
import { RedisStore } from '../../src/stores/redis/redis-store.js';
import { Chance } from '../coherence/chance.js';
import { RedisServer } from '../support/redis-server.js';
import { attackMatcher, type Matcher, MATCHER_OF_PACKAGE } from './pattern-attack.js';
import { Range } from './pattern-range.js';
import { globMatches } from './reference-glob.js';
import { PATIENCE_MS, SEED, sizeOf } from './size.js';

const COUNT = sizeOf(100_000, 3_000);
const SHOTS = sizeOf(40_000, 500);
const FEW = 1_000;

/** Random patterns are made of what cannot be refused by accident, so some are written out. */
const EXAMPLES = [
  ['', '', true],
  ['*', '', true],
  ['*', 'a:b', true],
  ['?', '', false],
  ['?', ':', true],
  ['a', 'a', true],
  ['a', 'b', false],
  ['a*', 'a', true],
  ['a*b', 'ab', true],
  ['a*b', 'abab', true],
  ['a*b', 'aba', false],
  ['a**b', 'ab', true],
  ['a?b', 'ab', false],
  ['a.b', 'axb', false],
  ['*a*a*', 'a', false],
] as const;

describe('the reference', () => {
  it.each(EXAMPLES)('of %j and %j', (pattern, text, expected) => {
    expect(globMatches(pattern, text)).toBe(expected);
  });
});

describe('patterns', { timeout: PATIENCE_MS }, () => {
  it('are accepted exactly when the rule says so, and match what the reference does', ({ task }) => {
    const score = attackMatcher(MATCHER_OF_PACKAGE, new Chance(SEED), COUNT);
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    expect(score.of('patterns refused')).toBeGreaterThan(COUNT / 50);
    expect(score.of('keys matched')).toBeGreaterThan(COUNT);
    expect(score.of('keys not matched')).toBeGreaterThan(COUNT);
  });
});

const asRegExp =
  (translate: (text: string) => string): Matcher =>
  (text) => {
    const { text: checked } = KeyPattern.parse(text);
    const form = new RegExp(`^${translate(checked)}$`);
    return (key) => form.test(key);
  };

const MUTANTS: Readonly<Record<string, Matcher>> = {
  'a dot that is any character': asRegExp((text) => text.replaceAll('*', '.*').replaceAll('?', '.')),
  'a star that stops at a colon': asRegExp((text) => escaped(text).replaceAll('*', '[^:]*').replaceAll('?', '.')),
  'a question mark that may be nothing': asRegExp((text) => escaped(text).replaceAll('*', '.*').replaceAll('?', '.?')),
  'a pattern that is only a beginning': (text) => {
    const form = new RegExp(`^${escaped(text).replaceAll('*', '.*').replaceAll('?', '.')}`);
    return (key) => form.test(key);
  },
};

function escaped(text: string): string {
  return text.replaceAll('.', '\\.');
}

describe('the attack finds', () => {
  it.each(Object.entries(MUTANTS))('%s', (_, mutant) => {
    expect(attackMatcher(mutant, new Chance(SEED), FEW).violations).not.toEqual([]);
  });
});

/** Walks as if patterns ended with a star. */
class Overreaching extends RedisStore {
  override scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
    return super.scan(what, `${pattern}*`);
  }
}

/** Walks over more than it should, as one does that forgets the prefix. */
class Unbounded extends RedisStore {
  override scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
    return super.scan(what, pattern.replace(/^[^:]*/, '*'));
  }
}

/** Deletes entries and leaves who is loading them undisturbed. */
class Lenient extends RedisStore {
  override drop(what: Stored, keys: readonly string[]): Promise<number> {
    return what === 'lease' ? Promise.resolve(0) : super.drop(what, keys);
  }
}

describe('on a real Redis', { timeout: PATIENCE_MS }, () => {
  let redis: RedisServer;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());

  it('what is removed is what the reference matches: under the prefix, of the tenant, and nothing else', async ({
    task,
  }) => {
    const range = await Range.open(redis, new Chance(SEED), { name: 'patterns cleared on a real Redis' });
    const score = await range.shoot(SHOTS);
    await range.close();
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    expect(score.of('patterns cleared')).toBeGreaterThan(SHOTS / 2);
    expect(score.of('keys that went')).toBeGreaterThan(SHOTS / 2);
  });

  it.each(Object.entries({ Overreaching, Unbounded, Lenient }))('finds a store that is %s', async (_, Mutant) => {
    const parts = { store: (...made: ConstructorParameters<typeof RedisStore>) => new Mutant(...made) };
    const range = await Range.open(redis, new Chance(SEED), { name: 'a mutant', parts });
    const score = await range.shoot(150);
    await range.close();

    expect(score.violations).not.toEqual([]);
  });
});

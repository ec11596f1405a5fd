import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidKeyError } from '../../src/keys/alphabet.js';
import { Chance } from '../coherence/chance.js';
import { attackTemplates, attackWithNumbers, attackWithTexts, KEYS_OF_PACKAGE, type KeySubject } from './key-attack.js';
import { PATIENCE_MS, SEED, sizeOf } from './size.js';

const COUNT = sizeOf(1_000_000, 10_000);
const FEW = 10_000;

// Most of an error's time goes into its stack, which nobody reads here.
const { stackTraceLimit } = Error;
beforeAll(() => {
  Error.stackTraceLimit = 0;
});
afterAll(() => {
  Error.stackTraceLimit = stackTraceLimit;
});

describe('keys, tags, parameters and tenant ids', { timeout: PATIENCE_MS }, () => {
  it('are accepted exactly when the rule says so, and used as they are', ({ task }) => {
    const score = attackWithTexts(KEYS_OF_PACKAGE, new Chance(SEED), COUNT);
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    for (const role of ['keys', 'tags', 'parameters', 'tenant ids']) {
      expect(score.of(`accepted as ${role}`)).toBeGreaterThan(COUNT / 10);
      expect(score.of(`refused as ${role}`)).toBeGreaterThan(COUNT / 10);
    }
  });

  it('may be whole numbers as parameters, and no others', ({ task }) => {
    const score = attackWithNumbers(KEYS_OF_PACKAGE, new Chance(SEED), COUNT / 10);
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    expect(score.of('accepted as parameters')).toBeGreaterThan(100);
    expect(score.of('refused as parameters')).toBeGreaterThan(100);
  });

  it('make different keys of different segments, within a template and across templates', ({ task }) => {
    const score = attackTemplates(KEYS_OF_PACKAGE, new Chance(SEED), COUNT);
    task.meta.figures = [score.figures];

    expect(score.violations).toEqual([]);
    expect(score.of('keys built')).toBeGreaterThan(COUNT / 4);
  });
});

/** Fills in a template without looking at what it is given. */
const careless = (template: string) => (parameters: Readonly<Record<string, unknown>>) =>
  template.replace(/\{(\w+)\}/g, (_, name: string) => String(parameters[name]));

const checked =
  (rule: RegExp) =>
  (text: string): string => {
    if (rule.test(text)) return text;
    throw new InvalidKeyError('key', 'otherwise', text);
  };

const MUTANTS: Readonly<Record<string, Partial<KeySubject>>> = {
  'a rule that ends at a line': { raw: checked(/^[a-zA-Z0-9:_.-]{1,256}$/m) },
  'a rule that ignores case as Unicode has it': { raw: checked(/^[a-z0-9:_.-]{1,256}$/iu) },
  'a rule with one character too many': { tag: checked(/^[a-zA-Z0-9:_.-]{1,257}$/) },
  'a range where a hyphen was meant': { tag: checked(/^[a-zA-Z0-9.-_:]{1,256}$/) },
  'parameters that are not looked at': { define: careless },
};

describe('the attack finds', () => {
  it.each(Object.entries(MUTANTS))('%s', (_, mutant) => {
    const score = attackWithTexts({ ...KEYS_OF_PACKAGE, ...mutant }, new Chance(SEED), FEW);
    expect(score.violations.join('\n')).toMatch(/was accepted/);
  });

  it('two ways to one key, where a parameter may hold a colon', () => {
    const score = attackTemplates({ ...KEYS_OF_PACKAGE, define: careless }, new Chance(SEED), FEW);
    expect(score.violations.join('\n')).toMatch(/is made of .* and of/);
  });
});

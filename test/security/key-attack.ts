import { InvalidKeyError } from '../../src/keys/alphabet.js';
import { KeyRegistry } from '../../src/keys/registry.js';
import { defineKey } from '../../src/keys/template.js';
import type { Chance } from '../coherence/chance.js';
import { isKey, isSegment } from './key-rule.js';
import { randomText, randomWord } from './random-text.js';
import { Score } from './score.js';

type Build = (parameters: Readonly<Record<string, unknown>>) => string;

/** What is attacked: what becomes of a raw key and of a tag, and how a template is filled in. */
export interface KeySubject {
  raw(key: string): string;
  tag(tag: string): string;
  define(template: string): Build;
}

const registry = new KeyRegistry();

/** The package's own. */
export const KEYS_OF_PACKAGE: KeySubject = {
  raw: (key) => registry.resolve(key).name,
  tag: (tag) => defineKey('a', { tags: () => [tag] })({}).tags[0] as string,
  define: (template) => {
    const build = defineKey(template);
    return (parameters) => build(parameters).name;
  },
};

/** Tries one text as a key, a tag, a parameter and a tenant; it must be taken exactly when the rule says so, and as it is. */
export function attackWithTexts(subject: KeySubject, chance: Chance, count: number): Score {
  const score = new Score('random keys, tags, parameters and tenant ids');
  const wrap = subject.define('wrapped:{value}');
  const tenanted = subject.define('{tenantId}:report:{reportId}:{timeframe}');
  const report = { reportId: 'r', timeframe: '7d' };
  for (let i = 0; i < count; i += 1) {
    const text = randomText(chance);
    const fits = (around: string): boolean => isSegment(text) && text.length + around.length <= 256;
    judge(score, 'as keys', text, { isFit: isKey(text), is: text, made: () => subject.raw(text) });
    judge(score, 'as tags', text, { isFit: isKey(text), is: text, made: () => subject.tag(text) });
    judge(score, 'as parameters', text, {
      ...{ isFit: fits('wrapped:'), is: `wrapped:${text}` },
      made: () => wrap({ value: text }),
    });
    judge(score, 'as tenant ids', text, {
      ...{ isFit: fits(':report:r:7d'), is: `${text}:report:r:7d` },
      made: () => tenanted({ ...report, tenantId: text }),
    });
    if (i % 10_000 === 0) score.progress(i, count);
  }
  return score;
}

interface Trial {
  readonly isFit: boolean;
  readonly is: string;
  readonly made: () => string;
}

function judge(score: Score, role: string, given: string, { isFit, is, made }: Trial): void {
  const shown = JSON.stringify(given);
  try {
    const name = made();
    score.count(`accepted ${role}`);
    if (!isFit) score.violation(`${shown} was accepted ${role}`);
    else if (name !== is) score.violation(`${shown} ${role} became ${JSON.stringify(name)}`);
  } catch (error) {
    score.count(`refused ${role}`);
    if (isFit) score.violation(`${shown} was refused ${role}`);
    if (!(error instanceof InvalidKeyError)) score.violation(`${shown} ${role} threw ${String(error)}`);
  }
}

const NUMBERS = [0, -0, 1, -1, 7, 2 ** 31, -(2 ** 53), 2 ** 53 - 1, 2 ** 53, 0.5, 1e21, 1e-7, NaN, Infinity, -Infinity];

/** Numbers as parameters: safe integers are taken and written in decimal, all others are refused. */
export function attackWithNumbers(subject: KeySubject, chance: Chance, count: number): Score {
  const score = new Score('random numbers as parameters');
  const wrap = subject.define('wrapped:{value}');
  const scales = [1, 1e3, 1e9, 1e15, 1e17, 1e300];
  for (let i = 0; i < count; i += 1) {
    const scaled = chance.between(-1, 1) * chance.pick(scales);
    const value = i < NUMBERS.length ? (NUMBERS[i] as number) : chance.pick([scaled, Math.round(scaled)]);
    const isFit = value % 1 === 0 && Math.abs(value) <= 9_007_199_254_740_991;
    const is = `wrapped:${BigInt(isFit ? value : 0)}`;
    judge(score, 'as parameters', String(value), { isFit, is, made: () => wrap({ value }) });
  }
  return score;
}

/** Segments from so few letters that keys collide wherever they can; some with what would move a boundary. */
const FEW = ['a', 'b', 'ab', 'ba', 'a.b', 'a-b', 'a_b', '.', '-', 'a:b', ':', 'b:', ':a', '', 'x', 'x:a', '{a}', 'A'];

/**
 * Fills in random templates with random parameters: two that make the same key must have the same segments, so within a
 * template the same parameters. A second template makes that key only where words of the one stand for parameters of the other.
 */
export function attackTemplates(subject: KeySubject, chance: Chance, count: number): Score {
  const score = new Score('keys built from templates');
  const templates = Array.from({ length: 200 }, () => randomTemplate(chance)).map((parts) => ({
    parts,
    build: subject.define(parts.join(':')),
  }));
  const makers = new Map<string, string>();
  for (let i = 0; i < count; i += 1) {
    const { parts, build } = chance.pick(templates);
    const given = Object.fromEntries(parts.filter(isParameter).map((part) => [nameOf(part), valueFor(chance)]));
    const segments = parts.map((part) => (isParameter(part) ? (given[nameOf(part)] as string) : part));
    score.count('keys tried');
    const name = builtOrNot(build, given);
    if (name === undefined) continue;
    score.count('keys built');
    const maker = JSON.stringify(segments);
    const other = makers.get(name);
    if (other !== undefined && other !== maker) score.violation(`${name} is made of ${other} and of ${maker}`);
    if (makers.size < 200_000) makers.set(name, maker);
    if (i % 10_000 === 0) score.progress(i, count);
  }
  score.count('different keys remembered', makers.size);
  return score;
}

function randomTemplate(chance: Chance): string[] {
  const length = 1 + chance.below(5);
  return Array.from({ length }, (_, i) =>
    chance.fraction() < 0.6 ? `{p${i}}` : chance.pick(['a', 'b', 'ab', 'x', '.']),
  );
}

function valueFor(chance: Chance): string {
  return chance.fraction() < 0.9 ? chance.pick(FEW) : randomWord(chance);
}

function isParameter(part: string): boolean {
  return part.startsWith('{');
}

function nameOf(part: string): string {
  return part.slice(1, -1);
}

function builtOrNot(build: Build, given: Readonly<Record<string, unknown>>): string | undefined {
  try {
    return build(given);
  } catch {
    return undefined;
  }
}

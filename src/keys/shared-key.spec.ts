import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sharedKey } from './shared-key.js';
import { defineKey } from './template.js';

describe('a key that two templates share', () => {
  it.each([
    ['user:all:stats', 'user:{userId}:stats', 'user:all:stats'],
    ['user:{userId}:stats', 'user:{id}:stats', 'user:1:stats'],
    ['user:{userId}:{kind}', 'user:all:{timeframe}', 'user:all:7d'],
    ['{a}:{b}', '{b}:x', '1:x'],
    ['board:{timeframe}', 'board:7d', 'board:7d'],
    ['board', 'board', 'board'],
  ])('of %s and %s is %s', (one, other, key) => {
    expect(sharedKey(one, other)).toBe(key);
    expect(sharedKey(other, one)).toBe(key);
  });

  it.each([
    ['user:{userId}', 'user:{userId}:stats'],
    ['user:{userId}:stats', 'user:{userId}:profile'],
    ['user:{id}', 'agent:{id}'],
    ['metric:{metric}:{timeframe}', 'metric:{metric}:summary'],
    ['board', 'boards'],
  ])('is none for %s and %s', (one, other) => {
    expect(sharedKey(one, other)).toBeUndefined();
    expect(sharedKey(other, one)).toBeUndefined();
  });

  const words = fc.array(fc.constantFrom('a', 'b', '7d', 'x'), { minLength: 1, maxLength: 3 });
  const template = fc
    .tuple(
      fc.array(fc.constantFrom('a', '7d', '{p}'), { maxLength: 2 }),
      fc.constantFrom('a', '7d', '{p}', '{timeframe}'),
    )
    .map(([parts, last]) => [...parts, last].map((part, i) => (part === '{p}' ? `{p${i}}` : part)).join(':'));

  it('is one of both, and there is one whenever a key of the one fits the other', () => {
    fc.assert(
      fc.property(template, template, words, (one, other, segments) => {
        const shared = sharedKey(one, other);
        if (shared !== undefined) expect([fits(one, shared), fits(other, shared)]).toEqual([true, true]);
        const name = segments.join(':');
        if (fits(one, name) && fits(other, name)) expect(shared).toBeDefined();
      }),
      { numRuns: 2_000 },
    );
  });
});

function fits(template: string, name: string): boolean {
  try {
    return defineKey(template).match(name) !== undefined;
  } catch {
    return false;
  }
}

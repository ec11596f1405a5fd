import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from './alphabet.js';
import { KeyPattern } from './pattern.js';

const matches = (pattern: string, key: string): boolean => KeyPattern.parse(pattern).matches(key);

describe('KeyPattern', () => {
  it.each([
    ['user:123:*', 'user:123:profile', true],
    ['user:123:*', 'user:123:a:b', true],
    ['user:123:*', 'user:123:', true],
    ['user:123:*', 'user:123', false],
    ['user:123:*', 'my-user:123:a', false],
    ['user:?:a', 'user:1:a', true],
    ['user:?:a', 'user:12:a', false],
    ['user:1?2:a', 'user:1:2:a', true],
    ['user:*:a', 'user:1:b:a', true],
    ['user:*:a', 'user:1:ab', false],
    ['a.b:*', 'a.b:1', true],
    ['a.b:*', 'axb:1', false],
    ['user:1', 'user:1', true],
    ['user:1', 'user:12', false],
    ['a:**', 'a:', true],
    ['a:*b*', 'a:--b--', true],
    ['a:*b*', 'a:---', false],
  ])('%s on %s: %s', (pattern, key, expected) => {
    expect(matches(pattern, key)).toBe(expected);
  });

  it.each([
    '*',
    '**',
    '?',
    '',
    '*:a',
    '?:a',
    'u*',
    'us?r:1',
    ':a',
    'a:*\n',
    'a:[b]',
    'a:{b}',
    'a:\\*',
    'a:^b',
    'a b',
    'a:*:*:*:*:*',
    `a:${'*'.repeat(5)}`,
    `a:${'b'.repeat(255)}`,
  ])('refuses %j', (text) => {
    expect(() => KeyPattern.parse(text)).toThrow(InvalidKeyError);
  });

  it.each([[['user:*']], [7], [undefined], [null]])('refuses what is not a string (case %#)', (text) => {
    expect(() => KeyPattern.parse(text)).toThrow(/^pattern must be 1 to 256 characters /);
  });

  it('agrees with a plain definition of a glob', () => {
    const tail = fc.string({ unit: fc.constantFrom('a', 'b', ':', '.', '*', '?'), maxLength: 12 });
    const key = fc.string({ unit: fc.constantFrom('a', 'b', ':', '.'), maxLength: 12 });
    fc.assert(
      fc.property(
        tail.filter((text) => text.split('*').length <= 5),
        key,
        (pattern, text) => {
          expect(matches(`a:${pattern}`, `a:${text}`)).toBe(glob(pattern, text));
        },
      ),
      { numRuns: 5_000 },
    );
  });

  it('is quick on the worst pattern and key', () => {
    const pattern = KeyPattern.parse('a:*a*a*a*b');
    const began = performance.now();

    for (let i = 0; i < 1_000; i++) expect(pattern.matches(`a:${'a'.repeat(253)}`)).toBe(false);

    expect(performance.now() - began).toBeLessThan(1_000);
  });
});

/** The definition, without a thought for speed. */
function glob(pattern: string, text: string): boolean {
  const [first, rest] = [pattern[0], pattern.slice(1)];
  if (first === undefined) return text === '';
  if (first === '*') return glob(rest, text) || (text !== '' && glob(pattern, text.slice(1)));
  return text !== '' && (first === '?' || first === text[0]) && glob(rest, text.slice(1));
}

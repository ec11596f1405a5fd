import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkKey, checkList, checkSegment, InvalidKeyError, isKey } from './alphabet.js';

const ALPHABET = 'abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789:_-.';

describe('checkKey', () => {
  it.each([
    'simple_key',
    'user:123:profile',
    'metric:cpu:user:123:30d',
    'test-key',
    'test.key',
    'TEST_KEY_123',
    'k',
    'k'.repeat(256),
  ])('passes %s', (key) => {
    expect(checkKey(key)).toBe(key);
  });

  it.each([
    '',
    'k'.repeat(257),
    'abc\n',
    '\nabc',
    'a\nb',
    'abc\r',
    'a b',
    'a@b',
    'a#b',
    'a$b',
    'a%b',
    'a/b',
    'a*',
    'a?',
    'a[b]',
    'a{b}',
    'é',
    'a\0b',
  ])('refuses %j', (key) => {
    expect(() => checkKey(key)).toThrow(InvalidKeyError);
  });

  it.each([[['k', 'EX', '1']], [7], [null], [undefined], [{ toString: () => 'k' }], [new String('k')], [Symbol('k')]])(
    'refuses what is not a string (case %#)',
    (key) => {
      expect(() => checkKey(key)).toThrow(InvalidKeyError);
    },
  );

  it('says the rule and the value, shortened to one line', () => {
    expect(() => checkKey('a b', 'tag')).toThrow(
      'tag must be 1 to 256 characters of a-z A-Z 0-9 : _ - .; received "a b"',
    );
    expect(() => checkKey('k'.repeat(300))).toThrow(/… \(300 characters\)"$/);
  });

  it('passes exactly the strings of 1 to 256 characters of the alphabet', () => {
    const letters = Array.from(ALPHABET);
    const unit = fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom(...letters) },
      { weight: 1, arbitrary: fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }) },
    );
    fc.assert(
      fc.property(fc.string({ unit, maxLength: 300, size: 'max' }), (text) => {
        const isAllowed =
          text.length > 0 && text.length <= 256 && Array.from(text).every((letter) => letters.includes(letter));
        if (isAllowed) expect(checkKey(text)).toBe(text);
        else expect(() => checkKey(text)).toThrow(InvalidKeyError);
      }),
    );
  });
});

describe('checkSegment', () => {
  it('passes words, and whole numbers in decimal', () => {
    expect([
      checkSegment('user_1', 'id'),
      checkSegment(456, 'id'),
      checkSegment(-1, 'id'),
      checkSegment(0, 'id'),
    ]).toEqual(['user_1', '456', '-1', '0']);
  });

  it.each(['a:b', '*', '', 'a\n', 1.5, NaN, Infinity, 2 ** 53, null, undefined, true])(
    'refuses %j and names the parameter',
    (segment) => {
      expect(() => checkSegment(segment, 'key parameter userId')).toThrow(/^key parameter userId must be .*no colon/);
    },
  );
});

describe('isKey', () => {
  it('says what checkKey would pass', () => {
    expect(['user:1', '', 'a b', 7, ['k'], new String('k')].map(isKey)).toEqual([
      true,
      false,
      false,
      false,
      false,
      false,
    ]);
  });
});

describe('checkList', () => {
  it('passes what the check makes of each item', () => {
    expect(checkList(['a', 'b'], 'keys', (key) => `${checkKey(key)}:1`)).toEqual(['a:1', 'b:1']);
    expect(checkList([], 'keys', checkKey)).toEqual([]);
  });

  it('checks holes too', () => {
    expect(() => checkList(Object.assign(new Array<string>(2), { 1: 'a' }), 'keys', (key) => checkKey(key))).toThrow(
      'key must be 1 to 256 characters',
    );
  });

  it.each([['ab'], [new String('ab')], [{ length: 0 }], [{ map: () => ['*'] }], [new Set(['a'])], [null], [undefined]])(
    'refuses what is no array (case %#)',
    (list) => {
      expect(() => checkList(list as never, 'keys', checkKey)).toThrow(/^keys must be an array; received /);
    },
  );
});

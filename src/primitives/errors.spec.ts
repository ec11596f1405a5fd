import { describe, expect, it } from 'vitest';
import { CacheError, describe as shown, InvalidOptionError } from './errors.js';

describe('CacheError', () => {
  it('carries its code, family, fields and cause, and the name of its class', () => {
    class HappenedError extends CacheError {}
    const cause = new Error('behind');

    const error = new HappenedError('HAPPENED', 'loader', 'it happened', { cause, key: 'k' });

    expect(error).toMatchObject({
      name: 'HappenedError',
      code: 'HAPPENED',
      family: 'loader',
      message: 'it happened',
      cause,
    });
    expect(error.fields).toEqual({ key: 'k' });
  });

  it('has no cause where none is given', () => {
    expect(new CacheError('X', 'usage', 'x')).not.toHaveProperty('cause');
  });

  it('knows its own, also those of another copy of the package', () => {
    const foreign = Object.assign(new Error('x'), { code: 'X', family: 'usage', fields: {} });

    expect(CacheError.is(new InvalidOptionError('ttl', 'a number', '1'))).toBe(true);
    expect(CacheError.is(foreign)).toBe(true);
    for (const other of [
      new Error('x'),
      Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      null,
      'x',
      { code: 'X', family: 'usage', fields: {} },
    ])
      expect(CacheError.is(other)).toBe(false);
  });
});

describe('describe', () => {
  it.each([
    ['a\n"b"', '"a\\n\\"b\\""'],
    ['x'.repeat(80), `"${'x'.repeat(80)}"`],
    ['x'.repeat(81), `"${'x'.repeat(80)}… (81 characters)"`],
    [undefined, 'undefined'],
    [null, 'null'],
    [-0.5, '-0.5'],
    [true, 'true'],
    [12n, '12n'],
    [[1, 2], 'an array of 2'],
    [{ secret: 'x' }, 'a value of type object'],
    [() => 'x', 'a value of type function'],
    [Symbol('s'), 'a value of type symbol'],
  ] as const)('shows a value in one line: $1', (value, text) => {
    expect(shown(value)).toBe(text);
  });
});

import { describe, expect, it } from 'vitest';
import { finiteNumber, wholeNumber } from './checks.js';
import { InvalidOptionError } from './errors.js';

const RANGE = { min: 1, max: 10 };
const BAD: [unknown, string][] = [
  [0.99, '0.99'],
  [10.5, '10.5'],
  [NaN, 'NaN'],
  [Infinity, 'Infinity'],
  [-Infinity, '-Infinity'],
  ['5', '"5"'],
  [null, 'null'],
  [undefined, 'undefined'],
  [5n, '5n'],
  [[5], 'an array of 1'],
  [{}, 'a value of type object'],
];

describe.each([
  ['wholeNumber', wholeNumber, 'a whole number'],
  ['finiteNumber', finiteNumber, 'a number'],
] as const)('%s', (_, check, what) => {
  it('passes both ends of the range', () => {
    expect([check('n', 1, RANGE), check('n', 10, RANGE)]).toEqual([1, 10]);
  });

  it.each(BAD)('refuses %s with the name, the rule and the value', (value, shown) => {
    expect(() => check('limit', value, RANGE)).toThrow(InvalidOptionError);
    expect(() => check('limit', value, RANGE)).toThrow(`limit must be ${what} from 1 to 10; received ${shown}`);
  });
});

describe('a fraction', () => {
  it('is a finite number and no whole number', () => {
    expect(finiteNumber('n', 2.5, RANGE)).toBe(2.5);
    expect(() => wholeNumber('n', 2.5, RANGE)).toThrow('received 2.5');
  });
});

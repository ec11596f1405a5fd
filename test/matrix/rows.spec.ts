import { describe, expect, it } from 'vitest';
import { ROWS, rowsNamed } from './rows.js';

describe('the rows of the matrix', () => {
  it('begin with the default and change one thing each', () => {
    const [first, ...others] = ROWS;

    expect(first).toEqual({ name: 'default' });
    for (const { server, node, packages } of others)
      expect([server, node, packages].filter((thing) => thing !== undefined)).toHaveLength(1);
  });

  it('are taken by their names, in the order of the table', () => {
    expect(rowsNamed([])).toEqual(ROWS);
    expect(rowsNamed(['valkey-8', 'redis-8']).map(({ name }) => name)).toEqual(['redis-8', 'valkey-8']);
  });

  it('are named when one is asked for that is not there', () => {
    expect(() => rowsNamed(['redis-9'])).toThrow(/^--row must be one of default, redis-7\.0, .*; received redis-9$/);
  });
});

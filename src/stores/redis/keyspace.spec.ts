import { describe, expect, it } from 'vitest';
import { Keyspace } from './keyspace.js';

describe('Keyspace', () => {
  const names = new Keyspace('shadower:app');

  it('puts everything under the prefix, and an entry and its lease in one hash slot', () => {
    expect([names.entry('user:1'), names.lease('user:1'), names.generation('user:1'), names.ledger]).toEqual([
      'shadower:app:e:{user:1}',
      'shadower:app:l:{user:1}',
      'shadower:app:g:{user:1}',
      'shadower:app:ledger',
    ]);
  });

  it('finds the key behind the name of an entry or a lease', () => {
    expect([names.keyOf(names.entry('a:b')), names.keyOf(names.lease('a:b'))]).toEqual(['a:b', 'a:b']);
  });

  it.each(['', ':', 'a:', ':a', 'a::b', 'a*', 'a?', 'a[b]', 'a{b}', 'a b', 'a\n', 'ä'])(
    'refuses the prefix %j',
    (prefix) => {
      expect(() => new Keyspace(prefix)).toThrow(
        /^prefix must be words of a-z A-Z 0-9 _ - \. separated by colons; received /,
      );
    },
  );
});

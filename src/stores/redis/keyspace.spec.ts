import calculateSlot from 'cluster-key-slot';
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

  it('gives a named cache names of its own below the prefix, and a ledger in the slot of the other', () => {
    const reports = new Keyspace('shadower:app', 'reports');
    expect([reports.entry('user:1'), reports.lease('user:1'), reports.generation('user:1'), reports.ledger]).toEqual([
      'shadower:app:@reports:e:{user:1}',
      'shadower:app:@reports:l:{user:1}',
      'shadower:app:@reports:g:{user:1}',
      'shadower:app:@reports:ledger:{shadower:app:ledger}',
    ]);
    expect(calculateSlot(reports.ledger)).toBe(calculateSlot(names.ledger));
    expect(reports.keyOf(reports.entry('a:b'))).toBe('a:b');
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

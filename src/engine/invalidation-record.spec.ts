import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeRecord, encodeRecord, splitRecord, type InvalidationRecord } from './invalidation-record.js';

const RECORD: InvalidationRecord = {
  origin: 'abc',
  at: 1_700_000_000_000,
  tags: [{ tag: 'user:1', token: 'xyz', cause: 'user.changed 7' }],
  keys: [{ name: 'user:1:profile', cause: 'delete' }],
  patterns: [{ name: 'user:1:*', cause: 'clearPattern' }],
  again: false,
};

describe('a record of the ledger', () => {
  it('is JSON that stays as it is: what an older version wrote is still read', () => {
    const text =
      '{"v":1,"origin":"abc","at":1700000000000,"tags":[["user:1","xyz","user.changed 7"]],"keys":[["user:1:profile","delete"]],"patterns":[["user:1:*","clearPattern"]]}';

    expect(encodeRecord(RECORD)).toBe(text);
    expect(decodeRecord(text)).toEqual(RECORD);
  });

  it('says again what went into it', () => {
    const text = fc.string({ unit: 'binary' });
    const change = fc.record({ name: text, cause: text });
    fc.assert(
      fc.property(
        fc.record({
          origin: text,
          at: fc.nat(),
          tags: fc.array(fc.record({ tag: text, token: text, cause: text })),
          keys: fc.array(change),
          patterns: fc.array(fc.record({ name: fc.constantFrom('a:*', 'user:?:x'), cause: text })),
          again: fc.boolean(),
        }),
        (record) => {
          expect(decodeRecord(encodeRecord(record))).toEqual(record);
        },
      ),
    );
  });

  it.each([
    ['of another version', { v: 2 }],
    ['without a version', { v: undefined }],
    ['without an origin', { origin: undefined }],
    ['with an instant in words', { at: 'now' }],
    ['without tags', { tags: undefined }],
    ['with a tag without a cause', { tags: [['a', 'b']] }],
    ['with a generation that is a number', { tags: [['a', 1, 'b']] }],
    ['with keys that are no rows', { keys: ['k'] }],
    ['with keys that are an object', { keys: {} }],
    ['with a pattern that matches everything', { patterns: [['*', 'x']] }],
    ['with a pattern of other characters', { patterns: [['a:[b]*', 'x']] }],
  ])('is not understood %s', (_, part) => {
    const raw = JSON.parse(encodeRecord(RECORD)) as object;

    expect(decodeRecord(JSON.stringify({ ...raw, ...part }))).toBeUndefined();
  });

  it('is never thrown at, whatever stands there', () => {
    for (const text of ['', 'null', '1', '"x"', '[]', '{', '{"v":1}']) expect(decodeRecord(text)).toBeUndefined();
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(decodeRecord(text)).toBeUndefined();
      }),
    );
  });

  it('is never thrown at after any one character was lost or changed', () => {
    const text = encodeRecord(RECORD);
    for (let i = 0; i < text.length; i++)
      for (const replacement of ['', '"', '[', '0'])
        expect(() => decodeRecord(text.slice(0, i) + replacement + text.slice(i + 1))).not.toThrow();
  });
});

describe('splitRecord', () => {
  const names = (count: number, prefix: string): { name: string; cause: string }[] =>
    Array.from({ length: count }, (_, i) => ({ name: `${prefix}${i}`, cause: 'c' }));

  it('leaves a short record as it is', () => {
    const record = { origin: 'o', at: 1, tags: [], keys: names(500, 'k'), patterns: names(1, 'p'), again: true };

    expect(splitRecord(record)).toEqual([record]);
  });

  it('makes several of a long one and loses nothing', () => {
    const parts = splitRecord({
      origin: 'o',
      at: 1,
      tags: [],
      keys: names(1_201, 'k'),
      patterns: names(2, 'p'),
      again: false,
    });

    expect(parts.map(({ keys, patterns }) => [keys.length, patterns.length])).toEqual([
      [500, 2],
      [500, 0],
      [201, 0],
    ]);
    expect(parts.flatMap(({ keys }) => keys)).toEqual(names(1_201, 'k'));
  });
});

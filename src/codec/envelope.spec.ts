import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope, type EntryHead, IDENTITY_BYTES, identityOf } from './envelope.js';

const HEAD: EntryHead = {
  key: 'user:1:profile',
  version: 2,
  loadedAt: 1_700_000_000_000,
  freshUntil: 1_700_000_300_000,
  keepUntil: 1_700_000_360_000,
  loadTook: 12,
  stamps: [
    { tag: 'user:1', token: 'abcDEF123-_x' },
    { tag: '*', token: 'everything00' },
  ],
};
const BYTES = encodeEnvelope(HEAD, '{"name":"Ada"}');

describe('an envelope', () => {
  it('is two lines that people can read', () => {
    const [head, payload] = BYTES.toString().split('\n') as [string, string];

    expect(JSON.parse(head)).toEqual([
      ...[
        1,
        expect.stringMatching(/^[0-9a-f]{8}$/) as string,
        'user:1:profile',
        2,
        HEAD.loadedAt,
        HEAD.freshUntil,
        HEAD.keepUntil,
        12,
      ],
      ...['user:1', 'abcDEF123-_x', '*', 'everything00'],
    ]);
    expect(payload).toBe('{"name":"Ada"}');
  });

  it('has bytes that stay as they are: what an older version stored is still read', () => {
    const stored = '[1,"9424f8cb","k",1,1700000000000,1700000300000,1700000300000,5,"*","abcdefghijkl"]\n{"n":1}';

    expect(
      encodeEnvelope(
        {
          ...HEAD,
          key: 'k',
          version: 1,
          keepUntil: HEAD.freshUntil,
          loadTook: 5,
          stamps: [{ tag: '*', token: 'abcdefghijkl' }],
        },
        '{"n":1}',
      ).toString(),
    ).toBe(stored);
    expect(decodeEnvelope('k', Buffer.from(stored))).toMatchObject({ key: 'k', payload: '{"n":1}' });
  });

  it('says again what went into it, instants rounded to milliseconds', () => {
    const instant = fc.double({ min: 0, max: 4e12, noNaN: true });
    const stamp = fc.record({ tag: fc.string({ unit: 'binary' }), token: fc.string() });
    fc.assert(
      fc.property(
        fc.record({
          key: fc.string({ unit: 'binary', minLength: 1 }),
          version: fc.integer({ min: 1, max: 1e6 }),
          loadedAt: instant,
          freshUntil: instant,
          keepUntil: instant,
          loadTook: instant,
          stamps: fc.array(stamp, { maxLength: 5 }),
        }),
        fc.json(),
        (head, payload) => {
          const { identity, ...decoded } = decoded1(head.key, encodeEnvelope(head, payload));
          const rounded = Object.fromEntries(
            (['loadedAt', 'freshUntil', 'keepUntil', 'loadTook'] as const).map((name) => [
              name,
              Math.round(head[name]),
            ]),
          );
          expect(decoded).toEqual({ ...head, ...rounded, payload });
          expect(identity).toHaveLength(IDENTITY_BYTES);
        },
      ),
    );
  });

  it('has an identity of its own: another value or another time is another entry', () => {
    const others = [
      encodeEnvelope(HEAD, '{"name":"Bob"}'),
      encodeEnvelope({ ...HEAD, loadedAt: HEAD.loadedAt + 1 }, '{"name":"Ada"}'),
      encodeEnvelope({ ...HEAD, stamps: [] }, '{"name":"Ada"}'),
    ];

    for (const other of others) expect(identityOf(other)).not.toEqual(identityOf(BYTES));
    expect(identityOf(encodeEnvelope(HEAD, '{"name":"Ada"}'))).toEqual(identityOf(BYTES));
  });
});

describe('bytes that are no envelope of this key', () => {
  it('are refused at every truncation', () => {
    for (let length = 0; length < BYTES.length; length++)
      expect(typeof decodeEnvelope(HEAD.key, BYTES.subarray(0, length))).toBe('string');
  });

  it('are refused at every flipped bit', () => {
    for (let bit = 0; bit < BYTES.length * 8; bit++) {
      const broken = Buffer.from(BYTES);
      broken[bit >> 3] = (broken[bit >> 3] as number) ^ (1 << (bit & 7));
      expect([bit, typeof decodeEnvelope(HEAD.key, broken)]).toEqual([bit, 'string']);
    }
  });

  it('are refused, never thrown at, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), fc.boolean(), (bytes, opened) => {
        const candidate = Buffer.concat([opened ? Buffer.from('[1,"') : Buffer.alloc(0), bytes]);
        expect(typeof decodeEnvelope(HEAD.key, candidate)).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });

  it('are refused, never thrown at, with any head under a right checksum', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant('k'), fc.string(), fc.double(), fc.constant(null), fc.array(fc.integer())), {
          maxLength: 12,
        }),
        (fields) => {
          const result = decodeEnvelope('k', sealed(JSON.stringify(fields).slice(1), '1'));
          if (typeof result !== 'string') expect(result.key).toBe('k');
        },
      ),
      { numRuns: 2_000 },
    );
  });

  it.each([
    ['a missing field', '"user:1:profile",1,1,1,1]'],
    ['a number in words', '"user:1:profile",1,"1",1,1,1]'],
    ['a number that is none', '"user:1:profile",1,null,1,1,1]'],
    ['a tag without a generation', '"user:1:profile",1,1,1,1,1,"tag"]'],
    ['a generation that is a number', '"user:1:profile",1,1,1,1,1,"tag",7]'],
    ['a key that is a number', '7,1,1,1,1,1]'],
    ['an object', '"user:1:profile",1,1,1,1,1]}'],
  ])('are corrupt with %s, also under a right checksum', (_, rest) => {
    expect(decodeEnvelope(HEAD.key, sealed(rest, '1'))).toBe('corrupt');
  });

  it('are foreign when they name another key', () => {
    expect(decodeEnvelope('user:2:profile', BYTES)).toBe('foreign-key');
  });

  it.each(['', '[2,"00000000","k"]\n1', '{"value":1}', '1', 'cos\nsystem', '[1, "00000000"'])(
    'are of an unknown format: %j',
    (text) => {
      expect(decodeEnvelope('k', Buffer.from(text))).toBe('unknown-format');
    },
  );
});

function decoded1(key: string, bytes: Buffer): Exclude<ReturnType<typeof decodeEnvelope>, string> {
  const result = decodeEnvelope(key, bytes);
  if (typeof result === 'string') throw new Error(`${result}: ${bytes.toString()}`);
  return result;
}

/** Bytes with the checksum that fits them: `rest` is the head from the key on. */
function sealed(rest: string, payload: string): Buffer {
  const body = Buffer.from(`[1,"00000000",${rest}\n${payload}`);
  body.write(crc32(body.subarray(14)).toString(16).padStart(8, '0'), 4, 'latin1');
  return body;
}

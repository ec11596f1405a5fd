import { crc32 } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope, type EntryHead, IDENTITY_BYTES, identityOf, peekHead } from './envelope.js';

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
/** What HEAD with the payload `{"n":1}` was stored as by the first version of format 2. */
const STORED =
  '17241a0867018bcfe56800ffb422ad0dd2dd8fc0cf2402c0a907180413032a69b703105d76dfeff17af7abcad8629e0d347b226e223a317d';
const HEAD_AT = 19;
// Fresh for 0 ms, two stamps.
const TWO_STAMPS = [0, 4];

describe('an envelope', () => {
  it('has bytes that stay as they are: what an older version stored is still read', () => {
    const stored = Buffer.from(STORED, 'hex');

    expect(encodeEnvelope(HEAD, '{"n":1}')).toEqual(stored);
    expect(decodeEnvelope(HEAD.key, stored)).toMatchObject({ ...HEAD, payload: '{"n":1}' });
  });

  it('ends with the payload as text', () => {
    expect(BYTES.toString().endsWith('{"name":"Ada"}')).toBe(true);
  });

  it('writes nothing that is as usual, no tag that stands in the key, and of tokens the random bits only', () => {
    const usual = { ...HEAD, version: 1, keepUntil: HEAD.freshUntil, loadTook: 0.4, stamps: [] };
    const stamp = (tag: string) => ({ tag, token: 'abcDEF123-_x' });
    const lengthOf = (head: EntryHead): number => encodeEnvelope(head, '').length;
    const bare = lengthOf(usual);

    expect(bare).toBe(23);
    expect(lengthOf({ ...usual, stamps: [stamp('user:1')] })).toBe(bare + 10);
    expect(lengthOf({ ...usual, stamps: [stamp('profile')] })).toBe(bare + 11);
    expect(lengthOf({ ...usual, stamps: [stamp('team:9')] })).toBe(bare + 16);
    expect(lengthOf({ ...usual, version: 2 })).toBe(bare + 1);
    expect(lengthOf({ ...usual, keepUntil: usual.freshUntil + 1 })).toBe(bare + 1);
    expect(lengthOf({ ...usual, loadTook: 1 })).toBe(bare + 1);
  });

  describe('of a payload that is compressed', () => {
    const LONG = JSON.stringify(Array.from({ length: 500 }, (_, i) => ({ at: i, text: 'é 𝄞' })));
    const FEWER = encodeEnvelope(HEAD, LONG, { compressAbove: 1_000 });

    it('takes a fraction, and gives the same payload', () => {
      expect(FEWER.length).toBeLessThan(encodeEnvelope(HEAD, LONG).length / 5);
      expect(decodeEnvelope(HEAD.key, FEWER)).toMatchObject({ ...HEAD, payload: LONG });
      expect(peekHead(HEAD.key, FEWER)).toEqual(HEAD);
    });

    it('is as any other where the payload is no longer than that, or would not be less', () => {
      expect(encodeEnvelope(HEAD, LONG, { compressAbove: LONG.length })).toEqual(encodeEnvelope(HEAD, LONG));
      expect(encodeEnvelope(HEAD, '"a"', { compressAbove: 0 })).toEqual(encodeEnvelope(HEAD, '"a"'));
    });

    it('is not read where it would become more than may be', () => {
      const most = Buffer.byteLength(LONG);
      expect(decodeEnvelope(HEAD.key, FEWER, most)).toMatchObject({ payload: LONG });
      expect(decodeEnvelope(HEAD.key, FEWER, most - 1)).toBe('corrupt');
    });

    it('says again what went into it, whatever that was', () => {
      fc.assert(
        fc.property(fc.json(), (payload) => {
          const bytes = encodeEnvelope(HEAD, payload, { compressAbove: 0 });
          expect(decodeEnvelope(HEAD.key, bytes)).toMatchObject({ payload });
        }),
      );
    });
  });

  it('says again what went into it, instants rounded to milliseconds', () => {
    const instant = fc.double({ min: 0, max: 4e12, noNaN: true });
    const token = fc.oneof(fc.stringMatching(/^[\w-]{12}$/), fc.string());
    const stamp = fc.record({ tag: fc.string({ unit: 'binary' }), token });
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
          const bytes = encodeEnvelope(head, payload);
          const { identity, ...decoded } = decoded1(head.key, bytes);
          const rounded = Object.fromEntries(
            (['loadedAt', 'freshUntil', 'keepUntil', 'loadTook'] as const).map((name) => [
              name,
              Math.round(head[name]),
            ]),
          );
          expect(decoded).toEqual({ ...head, ...rounded, payload });
          expect(peekHead(head.key, bytes)).toEqual({ ...head, ...rounded });
          expect(identity).toHaveLength(IDENTITY_BYTES);
        },
      ),
    );
  });

  it('says again which parts of its key are its tags', () => {
    const segment = fc.stringMatching(/^[a-z0-9]{1,4}$/);
    fc.assert(
      fc.property(fc.array(segment, { minLength: 2, maxLength: 6 }), fc.nat(5), fc.nat(5), (segments, a, b) => {
        const key = segments.join(':');
        const stamps = [segments.slice(Math.min(a, b), Math.max(a, b) + 1).join(':'), key].map((tag) => ({
          tag,
          token: 'abcDEF123-_x',
        }));
        expect(decoded1(key, encodeEnvelope({ ...HEAD, key, stamps }, '1')).stamps).toEqual(stamps);
      }),
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

describe('a look at the first bytes', () => {
  it('needs the whole head and no more', () => {
    const whole = BYTES.length - '{"name":"Ada"}'.length;

    expect(peekHead(HEAD.key, BYTES.subarray(0, whole))).toEqual(HEAD);
    for (let length = 0; length < whole; length++)
      expect(peekHead(HEAD.key, BYTES.subarray(0, length))).toBeUndefined();
  });

  it('says nothing of another key, whose tags are not those that this key tells', () => {
    expect(peekHead('user:2:profile', BYTES)).toBeUndefined();
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
        const candidate = Buffer.concat([opened ? Buffer.from([16]) : Buffer.alloc(0), bytes]);
        expect(typeof decodeEnvelope(HEAD.key, candidate)).toBe('string');
      }),
      { numRuns: 2_000 },
    );
  });

  it('are refused, never thrown at, with any head under a right checksum', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(7), (rest, flags) => {
        const result = decodeEnvelope(HEAD.key, sealed(rest, flags));
        if (typeof result === 'string') {
          expect(result).toBe('corrupt');
          return;
        }
        const { stamps, loadedAt, freshUntil, keepUntil, loadTook, version } = result;
        for (const { tag, token } of stamps) expect([typeof tag, typeof token]).toEqual(['string', 'string']);
        expect([loadedAt, freshUntil, keepUntil, loadTook, version].every(Number.isFinite)).toBe(true);
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    ['nothing', 0, []],
    ['no stamps', 0, [0]],
    ['a number without an end', 1, [0, 128, 128]],
    ['a number that is too long', 0, [128, 128, 128, 128, 128, 128, 128, 128, 0, 0]],
    ['no version where one is said to be', 1, [0]],
    ['no grace where one is said to be', 2, [0]],
    ['more stamps than bytes', 0, [0, 254, 255, 255, 255, 255, 255, 255, 1]],
    ['a tag that is longer than what there is', 0, [...TWO_STAMPS, 30]],
    ['a tag that is longer than the key', 0, [...TWO_STAMPS, 3 * 15 + 1, 4, ...Array<number>(18).fill(0)]],
    ['a tag that goes beyond the key', 0, [...TWO_STAMPS, 3 * 6 + 2, 9, 4, ...Array<number>(18).fill(0)]],
    ['a token too few', 0, [...TWO_STAMPS, 4, 4, ...Array<number>(17).fill(0)]],
    ['a token of another kind that is too short', 0, [0, 3, 4, 3, 65, 65]],
  ])('are corrupt with %s, also under a right checksum', (_, flags, rest) => {
    expect(decodeEnvelope(HEAD.key, sealed(Uint8Array.from(rest), flags))).toBe('corrupt');
  });

  it('are foreign when they are of another key', () => {
    expect(decodeEnvelope('user:2:profile', BYTES)).toBe('foreign-key');
  });

  it.each([
    ['format 1', '[1,"9424f8cb","k",1,1700000000000,1700000300000,1700000300000,5,"*","abcdefghijkl"]\n{"n":1}'],
    ['nothing', ''],
    ['an object', '{"value":1}'],
    ['a number', '1'],
    ['a pickle', 'cos\nsystem'],
    ['a later format', '\x30abcdefghijklmnopqrstuvwxyz'],
    ['text of somebody else', ' abcdefghijklmnopqrstuvwxyz'],
  ])('are of an unknown format: %s', (_, text) => {
    expect(decodeEnvelope('k', Buffer.from(text))).toBe('unknown-format');
    expect(peekHead('k', Buffer.from(text))).toBeUndefined();
  });
});

function decoded1(key: string, bytes: Buffer): Exclude<ReturnType<typeof decodeEnvelope>, string> {
  const result = decodeEnvelope(key, bytes);
  if (typeof result === 'string') throw new Error(`${result}: ${bytes.toString('hex')}`);
  return result;
}

/** An entry of HEAD's key with the checksum that fits it: `rest` is what follows the mark of the key. */
function sealed(rest: Uint8Array, flags: number): Buffer {
  const body = Buffer.concat([BYTES.subarray(0, HEAD_AT), rest]);
  body[0] = 16 + flags;
  body.writeUInt32BE(crc32(body.subarray(5), body[0]), 1);
  return body;
}

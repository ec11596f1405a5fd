import { deflateRawSync } from 'node:zlib';
import type { Chance } from '../coherence/chance.js';
import { cut, forged, renamed, sealed, type Specimen } from './specimens.js';

/** Makes other bytes out of an entry, with the help of a second one. */
export type Mutation = (chance: Chance, own: Specimen, other: Specimen) => Buffer;

function at(chance: Chance, bytes: Buffer): number {
  return chance.below(bytes.length + 1);
}

function spliced(bytes: Buffer, from: number, to: number, between: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, from), between, bytes.subarray(Math.max(from, to))]);
}

function randomBytes(chance: Chance, length: number): Buffer {
  return Buffer.from(Array.from({ length }, () => chance.below(256)));
}

function halvesOf(specimen: Specimen): [head: Buffer, body: Buffer] {
  const { start, head, body } = cut(specimen);
  return [Buffer.concat([start, head]), body];
}

/** Damage that knows nothing of checksums: that of disks, networks, other programs and careless hands. */
export const BLIND: Readonly<Record<string, Mutation>> = {
  'bits flipped': (chance, { bytes }) => {
    const copy = Buffer.from(bytes);
    for (let i = chance.below(8); i >= 0; i -= 1) {
      const place = chance.below(copy.length);
      copy[place] = (copy[place] as number) ^ (1 << chance.below(8));
    }
    return copy;
  },
  truncated: (chance, { bytes }) => bytes.subarray(0, at(chance, bytes)),
  'without a beginning': (chance, { bytes }) => bytes.subarray(at(chance, bytes)),
  lengthened: (chance, { bytes }) => Buffer.concat([bytes, randomBytes(chance, 1 + chance.below(20))]),
  'bytes inserted': (chance, { bytes }) => {
    const place = at(chance, bytes);
    return spliced(bytes, place, place, randomBytes(chance, 1 + chance.below(9)));
  },
  'bytes deleted': (chance, { bytes }) => {
    const place = at(chance, bytes);
    return spliced(bytes, place, place + 1 + chance.below(9), Buffer.alloc(0));
  },
  'bytes overwritten': (chance, { bytes }) => {
    const place = at(chance, bytes);
    const length = 1 + chance.below(9);
    return spliced(bytes, place, place + length, randomBytes(chance, length)).subarray(0, bytes.length);
  },
  'a run of zeros': (chance, { bytes }) => {
    const copy = Buffer.from(bytes);
    return copy.fill(0, at(chance, copy), at(chance, copy));
  },
  'two spliced at one place': (chance, { bytes }, other) => {
    const place = at(chance, bytes);
    return spliced(bytes, place, bytes.length, other.bytes.subarray(place));
  },
  'two spliced anywhere': (chance, { bytes }, other) =>
    spliced(bytes, at(chance, bytes), bytes.length, other.bytes.subarray(at(chance, other.bytes))),
  'the head of one, the body of another': (_, own, other) => Buffer.concat([halvesOf(own)[0], halvesOf(other)[1]]),
  'the checksum of another': (_, { bytes }, other) => spliced(bytes, 1, 5, other.bytes.subarray(1, 5)),
  "another's key in the head": (_, own, other) => renamed(own.bytes, other.key),
  "one's own key in another's head": (_, own, other) => renamed(other.bytes, own.key),
  'a number of the head changed': (chance, own) => {
    const { start, head, body } = cut(own);
    const copy = Buffer.from(head);
    copy[chance.below(copy.length)] = chance.below(256);
    return Buffer.concat([start, copy, body]);
  },
  'twice after itself': (_, { bytes }) => Buffer.concat([bytes, bytes]),
  'its halves changed round': (_, own) => Buffer.concat(halvesOf(own).reverse()),
  'of another entry': (_, __, other) => other.bytes,
  'of another format': (chance, { bytes }) => Buffer.concat([Buffer.from([chance.below(256)]), bytes.subarray(1)]),
  'no entry at all': (chance) => randomBytes(chance, chance.below(200)),
};

const HOSTILE_PAYLOADS = [
  '{"__proto__":{"polluted":true}}',
  '{"\\u005f\\u005fproto__":{"polluted":true}}',
  '{"a":[{"__proto__":{"polluted":true},"constructor":{"prototype":{"polluted":true}}}]}',
  '{"constructor":{"prototype":{"polluted":true}}}',
  '{"__proto__":null}',
  '[{"__proto__":[]}]',
  '{"toString":1,"valueOf":2,"hasOwnProperty":3,"then":{"a":1},"toJSON":4}',
  '{"a":1,"a":2,"a":3}',
  ...[
    '',
    ' ',
    'undefined',
    'NaN',
    '1e999',
    '-0',
    '"\\ud800"',
    '{',
    '[',
    '[1,]',
    "{'a':1}",
    '\ufeff1',
    '{"a":1}{"b":2}',
    '\0',
  ],
];

/** What may stand in a head instead of a number: nothing, the least, the most, and what has no end. */
const HOSTILE_NUMBERS: readonly (readonly number[])[] = [
  [],
  [0],
  [1],
  [127],
  [255, 255, 255, 255, 15],
  [255, 255, 255, 255, 255, 255, 255, 127],
  [128, 128, 128, 128, 128, 128, 128, 128, 128, 128],
];

const DEEP = 100_000;
/** The flag of a compressed value; a head of no numbers and no stamps. */
const COMPRESSED = 8;
const PLAIN_HEAD = Buffer.from([0, 0]);
/** Few bytes that become many. */
const BOMB = deflated(Buffer.alloc(32 * 1_048_576, ' '));

/** As compressed values are stored: the first byte says how. */
function deflated(value: string | Buffer): Buffer {
  return Buffer.concat([Buffer.of(1), deflateRawSync(value)]);
}

function deep(open: string, close: string, depth: number): string {
  return open.repeat(depth) + '1' + close.repeat(depth);
}

/** Forgeries by somebody who can write to Redis and knows the format; a checksum is no signature. */
export const FORGERIES: Readonly<Record<string, Mutation>> = {
  ...Object.fromEntries(
    Object.entries(BLIND).map(([name, mutate]) => [
      `${name}, sealed`,
      (...all: Parameters<Mutation>) => sealed(mutate(...all)),
    ]),
  ),
  'a hostile value': (chance, own) => withBody(own, chance.pick(HOSTILE_PAYLOADS)),
  'a hostile head': (chance, { key, payload }) => {
    const numbers = Array.from({ length: 1 + chance.below(9) }, () => chance.pick(HOSTILE_NUMBERS));
    return forged(key, chance.below(16), Buffer.from(numbers.flat()), payload);
  },
  'a head with tags without end': (chance, { key, payload }) => {
    const tags = Array.from({ length: chance.below(300) }, () => chance.pick([0, 1, 3, 4, 5]));
    return forged(key, 0, Buffer.from([0, ...chance.pick(HOSTILE_NUMBERS), ...tags]), payload);
  },
  'a hostile value, compressed': (chance, { key }) =>
    forged(key, COMPRESSED, PLAIN_HEAD, deflated(chance.pick(HOSTILE_PAYLOADS))),
  'a value that is compressed in no known way': (chance, { key }) => {
    const payload = deflated(chance.pick(HOSTILE_PAYLOADS));
    payload[0] = chance.pick([0, 2, 255]);
    return forged(key, COMPRESSED, PLAIN_HEAD, payload);
  },
  'a value that is not compressed, though it says so': (_, { key, payload }) =>
    forged(key, COMPRESSED, PLAIN_HEAD, payload),
  'a value that is no UTF-8': (chance, own) => withBody(own, randomBytes(chance, 20)),
};

/** Nesting that a recursive reader would not survive: in the value, balanced and not; and heads that are as long. Each is large. */
export const NESTED: Readonly<Record<string, Mutation>> = {
  'arrays nested in a value': (chance, own) => withBody(own, deep('[', ']', depthOf(chance))),
  'objects nested in a value': (chance, own) => withBody(own, deep('{"a":', '}', depthOf(chance))),
  'prototypes nested in a value': (chance, own) => withBody(own, deep('{"__proto__":', '}', depthOf(chance))),
  'brackets that are not closed': (chance, own) => withBody(own, '['.repeat(depthOf(chance))),
  'a value that becomes a thousand times as large': (_, { key }) => forged(key, COMPRESSED, PLAIN_HEAD, BOMB),
  'a head of one number without end': (chance, { key, payload }) =>
    forged(key, 0, Buffer.alloc(depthOf(chance), 255), payload),
  'a head of tags without tokens': (chance, { key, payload }) =>
    forged(key, 0, Buffer.concat([Buffer.from([0, 254, 255, 7]), Buffer.alloc(depthOf(chance), 1)]), payload),
};

/** The whole head of an entry, with tags and instants that hold, and another value. */
function withBody(own: Specimen, body: string | Buffer): Buffer {
  return sealed(Buffer.concat([halvesOf(own)[0], Buffer.from(body)]));
}

function depthOf(chance: Chance): number {
  return chance.pick([1_000, 10_000, DEEP]);
}

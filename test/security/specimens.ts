import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import type { Chance } from '../coherence/chance.js';
import { randomWord } from './random-text.js';

/** A whole entry as it is stored, to be damaged. */
export interface Specimen {
  readonly key: string;
  readonly bytes: Buffer;
  readonly payload: string;
}

/** Entries of several tenants; each value names its key, so that whose it is can be told. */
export function specimens(chance: Chance, count: number): Specimen[] {
  return Array.from({ length: count }, (_, i) => {
    const key = `tenant:${randomWord(chance)}:report:${i}`;
    const payload = JSON.stringify({ of: key, data: randomValue(chance, 4) });
    const loadedAt = 1_700_000_000_000 + chance.below(1_000_000);
    const stamps = Array.from({ length: chance.below(4) }, () => ({
      tag: chance.pick([`user:${randomWord(chance)}`, key.slice(0, 9), 'report', '*']),
      token: chance.token(),
    }));
    const head = { key, version: 1 + chance.below(3), loadedAt, freshUntil: loadedAt + 3e5, keepUntil: loadedAt + 6e5 };
    return { key, payload, bytes: encodeEnvelope({ ...head, loadTook: chance.below(900), stamps }, payload) };
  });
}

function randomValue(chance: Chance, depth: number): unknown {
  const dice = chance.fraction();
  if (depth === 0 || dice < 0.4)
    return chance.pick([null, true, 0, -1.5, 1e300, '', 'é😀', 'a\nb', randomWord(chance), '\\"']);
  const inner = Array.from({ length: 1 + chance.below(4) }, () => randomValue(chance, depth - 1));
  return dice < 0.7 ? inner : Object.fromEntries(inner.map((value) => [randomWord(chance), value]));
}

/*
 * Where things stand in an entry, told again so that a change is noticed: a byte of the format, the checksum, when it was
 * loaded, what tells its key, and the head from there on. The checksum covers all that follows it, and begins with the format.
 */
const FORMAT = 16;
const CHECKSUM_AT = 1;
const COVERED_FROM = 5;
const MARK_AT = 11;
const MARK_BYTES = 8;
const HEAD_FROM = MARK_AT + MARK_BYTES;

/** The first bytes, which tell of which key an entry is, and the others. */
export function cut({ bytes, payload }: Specimen): { start: Buffer; head: Buffer; body: Buffer } {
  const bodyFrom = bytes.length - Buffer.byteLength(payload);
  return {
    start: bytes.subarray(0, HEAD_FROM),
    head: bytes.subarray(HEAD_FROM, bodyFrom),
    body: bytes.subarray(bodyFrom),
  };
}

/** The bytes with a checksum that is right: damage by somebody who knows the format. */
export function sealed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length >= COVERED_FROM) copy.writeUInt32BE(crc32(copy.subarray(COVERED_FROM), copy[0]), CHECKSUM_AT);
  return copy;
}

/** What an entry of `key` tells its key by. */
function markOf(key: string): Buffer {
  return createHash('sha256').update(key).digest().subarray(0, MARK_BYTES);
}

/** Whether the bytes say that they are an entry of `key`. */
export function isOf(key: string, bytes: Buffer): boolean {
  return bytes.subarray(MARK_AT, HEAD_FROM).equals(markOf(key));
}

/** The bytes as an entry of `key`; too few for one as they are. */
export function renamed(bytes: Buffer, key: string): Buffer {
  if (bytes.length < HEAD_FROM) return bytes;
  return Buffer.concat([bytes.subarray(0, MARK_AT), markOf(key), bytes.subarray(HEAD_FROM)]);
}

/** An entry of any head and body, whatever they are, with a checksum that is right. */
export function forged(key: string, flags: number, head: Buffer, body: string | Buffer): Buffer {
  const start = Buffer.concat([Buffer.from([FORMAT + flags]), Buffer.alloc(MARK_AT - CHECKSUM_AT), markOf(key)]);
  return sealed(Buffer.concat([start, head, Buffer.from(body)]));
}

import { hash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { Memo } from '../primitives/memo.js';
import type { Milliseconds } from '../primitives/units.js';
import { ByteReader, ByteWriter, LONGEST_NUMBER } from './bytes.js';
import { compressed, decompressed } from './compression.js';
import { longestStamps, readStamps, type Stamp, writeStamps } from './stamps.js';

export type { Stamp } from './stamps.js';

/** What an envelope says about its entry. Instants are those of the process that loaded it. */
export interface EntryHead {
  readonly key: string;
  /** The template's value version. */
  readonly version: number;
  /** When the load began. */
  readonly loadedAt: Milliseconds;
  readonly freshUntil: Milliseconds;
  readonly keepUntil: Milliseconds;
  /** How long the load took. */
  readonly loadTook: Milliseconds;
  readonly stamps: readonly Stamp[];
}

/** A decoded envelope; the payload is JSON text, parsed by whoever needs the value. */
export interface Envelope extends EntryHead {
  readonly payload: string;
  /** The first bytes, checksum included: enough to tell this entry from any other under its key. */
  readonly identity: Buffer;
}

/** Why stored bytes are not an entry. */
export type Unreadable = 'unknown-format' | 'corrupt' | 'foreign-key';

/** How entries are written. */
interface EnvelopeOptions {
  /** Payloads of more characters are compressed. */
  readonly compressAbove: number;
}

/*
 * Format 2. Format 1, two lines of JSON, was never released: it is an unknown format.
 *   1 byte    16, plus what is not as usual: 1 another version than 1, 2 a grace, 4 a load of 1 ms or more, 8 compressed
 *   4 bytes   CRC-32 of all that follows, begun with the first byte
 *   6 bytes   loadedAt
 *   8 bytes   the first of SHA-256 of the key
 *   numbers   freshUntil - loadedAt, and what the first byte says: version, keepUntil - freshUntil, loadTook
 *   stamps    see stamps.ts
 *   the rest  the payload, UTF-8, perhaps compressed (see compression.ts)
 */
const FORMAT = 16;
const FLAGS = 15;
const HAS_VERSION = 1;
const HAS_GRACE = 2;
const HAS_TOOK = 4;
const IS_COMPRESSED = 8;
const CRC_AT = 1;
const LOADED_AT = 5;
const LOADED_BYTES = 6;
const MARK_AT = LOADED_AT + LOADED_BYTES;
const HEAD_AT = MARK_AT + 8;
const USUAL_VERSION = 1;
// What an entry may be where nothing else is said; a few bytes can be made to become any number of them.
const LARGEST_PAYLOAD = 1_048_576;
const AS_IT_IS: EnvelopeOptions = { compressAbove: Infinity };

/** How many leading bytes make an entry's identity: its checksum and when it was loaded. The scripts say it again. */
export const IDENTITY_BYTES = 12;

/** The bytes that tell this entry, readable or not, from any other under its key. */
export function identityOf(bytes: Buffer): Buffer {
  return bytes.subarray(0, IDENTITY_BYTES);
}

/** The bytes of an entry. Instants are rounded to whole milliseconds. */
export function encodeEnvelope(head: EntryHead, payload: string, { compressAbove } = AS_IT_IS): Buffer {
  const longest = HEAD_AT + 4 * LONGEST_NUMBER + longestStamps(head.stamps);
  const fewer = payload.length > compressAbove ? compressed(payload) : undefined;
  const bytes = Buffer.allocUnsafe(longest + (fewer?.length ?? Buffer.byteLength(payload)));
  const writer = new ByteWriter(bytes, HEAD_AT);
  bytes[0] = FORMAT + writeNumbers(writer, head) + (fewer ? IS_COMPRESSED : 0);
  writeStamps(writer, head.key, head.stamps);
  if (fewer) writer.bytesOf(fewer);
  else writer.text(payload, 'utf8');
  const entry = bytes.subarray(0, writer.at);
  entry.writeUIntBE(Math.round(head.loadedAt), LOADED_AT, LOADED_BYTES);
  const { high, low } = MARKS.of(head.key);
  entry.writeUInt32BE(high, MARK_AT);
  entry.writeUInt32BE(low, MARK_AT + 4);
  entry.writeUInt32BE(checksum(entry), CRC_AT);
  return entry;
}

/** What `bytes` hold for `key`, or why they cannot be used. What is compressed may become `most` bytes. Never throws. */
export function decodeEnvelope(key: string, bytes: Buffer, most = LARGEST_PAYLOAD): Envelope | Unreadable {
  if (!isOfFormat(bytes)) return 'unknown-format';
  if (bytes.length < HEAD_AT || bytes.readUInt32BE(CRC_AT) !== checksum(bytes)) return 'corrupt';
  if (!isOfKey(key, bytes)) return 'foreign-key';
  const reader = new ByteReader(bytes, HEAD_AT);
  const head = readHead(reader, key);
  const payload = head && payloadOf(bytes, reader.at, most);
  if (!head || payload === undefined) return 'corrupt';
  const { version, loadedAt, freshUntil, keepUntil, loadTook, stamps } = head;
  const identity = identityOf(bytes);
  // Each by its name: a spread of the head would cost more than all the rest.
  return { key, version, loadedAt, freshUntil, keepUntil, loadTook, stamps, payload, identity };
}

function payloadOf(bytes: Buffer, at: number, most: number): string | undefined {
  return (bytes[0] as number) & IS_COMPRESSED ? decompressed(bytes.subarray(at), most) : bytes.toString('utf8', at);
}

/** What the first bytes of the entry of `key` say, unchecked: for counting and sweeping, never for serving. `undefined` when they do not hold a whole head of that key. */
export function peekHead(key: string, bytes: Buffer): EntryHead | undefined {
  if (!isOfFormat(bytes) || bytes.length < HEAD_AT || !isOfKey(key, bytes)) return undefined;
  return readHead(new ByteReader(bytes, HEAD_AT), key);
}

function isOfFormat(bytes: Buffer): boolean {
  return ((bytes[0] ?? 0) & ~FLAGS) === FORMAT;
}

function checksum(bytes: Buffer): number {
  return crc32(bytes.subarray(LOADED_AT), bytes[0]);
}

/*
 * The key is in the entry's name already, so the entry needs only what tells that name from any other. With 64 bits of
 * SHA-256, nobody finds another key that has those of a given one, and chance has one in 2 ** 64 for each misplaced entry.
 */
interface Mark {
  readonly high: number;
  readonly low: number;
}

/** To hash a key takes a sixth of the time that reading an entry does, and the same ones are read again. */
const MARKS = new Memo<string, Mark>(2_000, (key) => {
  const digits = hash('sha256', key, 'hex');
  return { high: parseInt(digits.slice(0, 8), 16), low: parseInt(digits.slice(8, 16), 16) };
});

function isOfKey(key: string, bytes: Buffer): boolean {
  const { high, low } = MARKS.of(key);
  return bytes.readUInt32BE(MARK_AT) === high && bytes.readUInt32BE(MARK_AT + 4) === low;
}

function writeNumbers(writer: ByteWriter, { version, loadedAt, freshUntil, keepUntil, loadTook }: EntryHead): number {
  const fresh = Math.round(freshUntil);
  const grace = Math.round(keepUntil) - fresh;
  const took = Math.round(loadTook);
  writer.signed(fresh - Math.round(loadedAt));
  if (version !== USUAL_VERSION) writer.number(version);
  if (grace !== 0) writer.signed(grace);
  if (took !== 0) writer.signed(took);
  return (version === USUAL_VERSION ? 0 : HAS_VERSION) + (grace === 0 ? 0 : HAS_GRACE) + (took === 0 ? 0 : HAS_TOOK);
}

function readHead(reader: ByteReader, key: string): EntryHead | undefined {
  const flags = reader.bytes[0] as number;
  const loadedAt = reader.bytes.readUIntBE(LOADED_AT, LOADED_BYTES);
  const freshUntil = loadedAt + reader.signed();
  const version = flags & HAS_VERSION ? reader.number() : USUAL_VERSION;
  const keepUntil = freshUntil + (flags & HAS_GRACE ? reader.signed() : 0);
  const loadTook = flags & HAS_TOOK ? reader.signed() : 0;
  const stamps = readStamps(reader, key);
  if (!stamps || !Number.isFinite(freshUntil + version + keepUntil + loadTook)) return undefined;
  return { key, version, loadedAt, freshUntil, keepUntil, loadTook, stamps };
}

import { crc32 } from 'node:zlib';
import type { Milliseconds } from '../primitives/units.js';

/** A tag and the generation under which an entry was loaded. */
export interface Stamp {
  readonly tag: string;
  readonly token: string;
}

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

/*
 * Format 1, two lines of JSON:
 *   [1,"<crc32, 8 hex>","<key>",version,loadedAt,freshUntil,keepUntil,loadTook,"<tag>","<token>",…]
 *   <payload>
 * The checksum covers every byte after the comma that follows it.
 */
const OPENING = '[1,"';
const CRC_END = OPENING.length + 8;
const COVERED_FROM = CRC_END + 2;
const FIXED_FIELDS = 8;
const LINE_FEED = 10;

/** How many leading bytes make an entry's identity. */
export const IDENTITY_BYTES = CRC_END;

/** The bytes that tell this entry, readable or not, from any other under its key. */
export function identityOf(bytes: Buffer): Buffer {
  return bytes.subarray(0, IDENTITY_BYTES);
}

/** The bytes of an entry. Instants are rounded to whole milliseconds. */
export function encodeEnvelope(head: EntryHead, payload: string): Buffer {
  const fields = [
    head.key,
    head.version,
    ...[head.loadedAt, head.freshUntil, head.keepUntil, head.loadTook].map(Math.round),
  ];
  for (const { tag, token } of head.stamps) fields.push(tag, token);
  const bytes = Buffer.from(`${OPENING}00000000",${JSON.stringify(fields).slice(1)}\n${payload}`);
  bytes.write(checksum(bytes), OPENING.length, 'latin1');
  return bytes;
}

/** What `bytes` hold for `key`, or why they cannot be used. Never throws. */
export function decodeEnvelope(key: string, bytes: Buffer): Envelope | Unreadable {
  if (bytes.toString('latin1', 0, OPENING.length) !== OPENING) return 'unknown-format';
  const lineEnd = bytes.indexOf(LINE_FEED);
  if (lineEnd < COVERED_FROM || bytes.toString('latin1', OPENING.length, CRC_END) !== checksum(bytes)) return 'corrupt';
  const head = readHead(bytes.toString('utf8', 0, lineEnd));
  if (!head) return 'corrupt';
  if (head.key !== key) return 'foreign-key';
  return { ...head, payload: bytes.toString('utf8', lineEnd + 1), identity: identityOf(bytes) };
}

/** What the first bytes of an entry say, unchecked: for counting and sweeping, never for serving. `undefined` when they do not hold a whole head. */
export function peekHead(bytes: Buffer): EntryHead | undefined {
  const lineEnd = bytes.indexOf(LINE_FEED);
  return lineEnd < COVERED_FROM ? undefined : readHead(bytes.toString('utf8', 0, lineEnd));
}

function checksum(bytes: Buffer): string {
  return crc32(bytes.subarray(COVERED_FROM)).toString(16).padStart(8, '0');
}

function readHead(line: string): EntryHead | undefined {
  const fields = parseArray(line);
  if (!fields || fields.length < FIXED_FIELDS || fields.length % 2 !== 0) return undefined;
  const [, , key, ...rest] = fields;
  const numbers = rest.slice(0, FIXED_FIELDS - 3);
  const texts = rest.slice(FIXED_FIELDS - 3);
  if (typeof key !== 'string' || !numbers.every(Number.isFinite) || !texts.every((text) => typeof text === 'string'))
    return undefined;
  const [version, loadedAt, freshUntil, keepUntil, loadTook] = numbers as [number, number, number, number, number];
  return { key, version, loadedAt, freshUntil, keepUntil, loadTook, stamps: stampsOf(texts) };
}

function stampsOf(texts: readonly string[]): Stamp[] {
  const stamps: Stamp[] = [];
  for (let i = 0; i < texts.length; i += 2) stamps.push({ tag: texts[i] as string, token: texts[i + 1] as string });
  return stamps;
}

function parseArray(line: string): unknown[] | undefined {
  try {
    const value: unknown = JSON.parse(line);
    return Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

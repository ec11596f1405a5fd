import { type ByteReader, type ByteWriter, LONGEST_NUMBER } from './bytes.js';

/** A tag and the generation under which an entry was loaded. */
export interface Stamp {
  readonly tag: string;
  readonly token: string;
}

/*
 * How many stamps, twice, plus 1 when a token is none of ours. Then the tags:
 *   its length * 3, the tag, UTF-8
 *   its length * 3 + 1, for one that the key begins with
 *   its length * 3 + 2, where in the key it is, for one that stands elsewhere in the key
 * Then the tokens: nine bytes each, all 72 random bits of them. Those that are none of ours as their length and text.
 */
const IN_FULL = 0;
const AT_START = 1;
const IN_KEY = 2;
const KINDS = 3;
const TOKENS = /^[\w-]*$/;
const TOKEN_LENGTH = 12;
const TOKEN_BYTES = 9;
const LONGEST_CHARACTER = 3;

/** The most bytes that these take. */
export function longestStamps(stamps: readonly Stamp[]): number {
  let longest = LONGEST_NUMBER;
  for (const { tag, token } of stamps) longest += 3 * LONGEST_NUMBER + LONGEST_CHARACTER * (tag.length + token.length);
  return longest;
}

/** Writes the stamps of an entry of `key`; a tag that stands in the key by where it stands there. */
export function writeStamps(writer: ByteWriter, key: string, stamps: readonly Stamp[]): void {
  const tokens = stamps.reduce((all, { token }) => all + token, '');
  const areOurs = stamps.every(({ token }) => token.length === TOKEN_LENGTH) && TOKENS.test(tokens);
  writer.number(2 * stamps.length + (areOurs ? 0 : 1));
  for (const { tag } of stamps) writeTag(writer, key, tag);
  if (areOurs) writer.text(tokens, 'base64url');
  else for (const { token } of stamps) writeText(writer, token);
}

/** The stamps of an entry of `key`; `undefined` where they are none. */
export function readStamps(reader: ByteReader, key: string): Stamp[] | undefined {
  const announced = reader.number();
  const count = Math.floor(announced / 2);
  const tags = listOf(count, reader, key, readTag);
  const areOurs = announced % 2 === 0;
  // Nine bytes are twelve characters, so those of all are cut out of one text.
  const tokens = areOurs ? reader.text(count * TOKEN_BYTES, 'base64url') : listOf(count, reader, key, readText);
  if (tags === undefined || tokens === undefined) return undefined;
  return tags.map((tag, i) => ({
    tag,
    token: typeof tokens === 'string' ? tokens.slice(i * TOKEN_LENGTH, (i + 1) * TOKEN_LENGTH) : (tokens[i] as string),
  }));
}

function writeTag(writer: ByteWriter, key: string, tag: string): void {
  const place = key.indexOf(tag);
  if (place < 0) writeText(writer, tag, KINDS);
  else writer.number(KINDS * tag.length + (place === 0 ? AT_START : IN_KEY));
  if (place > 0) writer.number(place);
}

function readTag(reader: ByteReader, key: string): string | undefined {
  const said = reader.number();
  const length = Math.floor(said / KINDS);
  if (said % KINDS === IN_FULL) return reader.text(length, 'utf8');
  const start = said % KINDS === AT_START ? 0 : reader.number();
  return start + length <= key.length ? key.slice(start, start + length) : undefined;
}

function writeText(writer: ByteWriter, text: string, unit = 1): void {
  writer.number(unit * Buffer.byteLength(text));
  writer.text(text, 'utf8');
}

function readText(reader: ByteReader): string | undefined {
  return reader.text(reader.number(), 'utf8');
}

/** As many as are said to be there; a number that is too great ends where there are no more. */
function listOf(
  count: number,
  reader: ByteReader,
  key: string,
  read: (reader: ByteReader, key: string) => string | undefined,
): string[] | undefined {
  if (Number.isNaN(count)) return undefined;
  const list: string[] = [];
  while (list.length < count) {
    const next = read(reader, key);
    if (next === undefined) return undefined;
    list.push(next);
  }
  return list;
}

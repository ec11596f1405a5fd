import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { decodeEnvelope, encodeEnvelope, type EntryHead } from '../../src/codec/envelope.js';

interface Kept {
  readonly name: string;
  readonly head: EntryHead;
  readonly payload: string;
  /** Base64. */
  readonly bytes: string;
  /** Other versions of zlib may compress otherwise; what they make must be readable all the same. */
  readonly isCompressed?: true;
}

/*
 * What released versions have stored, a file for each format: never changed, only added to. Whoever upgrades has such
 * entries in Redis, beside instances that still write them.
 */
const FOLDER = new URL('.', import.meta.url);
const FORMATS = readdirSync(FOLDER).filter((name) => /^envelopes-\d+\.json$/.test(name));

function keptIn(file: string): Kept[] {
  return JSON.parse(readFileSync(new URL(file, FOLDER), 'utf8')) as Kept[];
}

describe.each(FORMATS)('an entry of %s', (file) => {
  it.each(keptIn(file))('is read as it was meant: $name', ({ head, payload, bytes }) => {
    expect(decodeEnvelope(head.key, Buffer.from(bytes, 'base64'))).toMatchObject({ ...head, payload });
  });
});

it('is kept of the format that is written now, byte for byte', () => {
  const written = keptIn(FORMATS.toSorted().at(-1) as string);
  for (const { head, payload, bytes, isCompressed } of written)
    if (!isCompressed) expect(encodeEnvelope(head, payload).toString('base64')).toBe(bytes);
});

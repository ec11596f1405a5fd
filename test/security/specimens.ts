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
      tag: `user:${randomWord(chance)}`,
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
 * Where the checksum stands and what it covers, told again so that a change of either is noticed: `[1,"` and eight
 * digits, then a quote and a comma, then all that is covered.
 */
const CHECKSUM_AT = 4;
const COVERED_FROM = 14;

/** The bytes with a checksum that is right: damage by somebody who knows the format. */
export function sealed(bytes: Buffer): Buffer {
  const copy = Buffer.from(bytes);
  if (copy.length >= COVERED_FROM)
    copy.write(crc32(copy.subarray(COVERED_FROM)).toString(16).padStart(8, '0'), CHECKSUM_AT, 'latin1');
  return copy;
}

/** An entry of any head and body, whatever they are, with a checksum that is right. */
export function forged(fields: string, body: string | Buffer): Buffer {
  return sealed(Buffer.concat([Buffer.from(`[1,"00000000",${fields}]\n`), Buffer.from(body)]));
}

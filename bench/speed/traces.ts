import { existsSync, readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';
import { SeededRandom } from '../../src/testing/seeded-random.js';

/** Beside the repository, as the traces are not ours to copy. */
const FOLDER = fileURLToPath(new URL('../../../shared/data/', import.meta.url));

/** A trace of keys as big-endian int32, or `undefined` where the folder has none of this name. */
export function readTrace(name: string, folder = FOLDER): Int32Array | undefined {
  const file = `${folder.replace(/\/$/, '')}/${name}.trace.gz`;
  if (!existsSync(file)) return undefined;
  const bytes = gunzipSync(readFileSync(file));
  return Int32Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readInt32BE(4 * i));
}

/** What happens to the popularity of keys. */
export type Variant = 'still' | 'scans' | 'drift';

export const ZIPF_KEYS = 100_000;
const EXPONENT = 0.99;
const SCAN_EVERY = 10_000;
const SCAN_LENGTH = 2_000;
const DRIFT_EVERY = 200;

/**
 * Requests whose popularity follows Zipf with exponent 0.99 over 100,000 keys, the same each time. `scans`: after every
 * 10,000 of them 2,000 keys that are asked for once, from {@link ZIPF_KEYS} on. `drift`: after every 200 requests one
 * of the 1,000 most popular keys and any other change places.
 */
export function zipf(variant: Variant, length: number): Int32Array {
  const random = new SeededRandom(17);
  const [sums, keys] = [cumulated(), Int32Array.from({ length: ZIPF_KEYS }, (_, i) => i)];
  const requests: number[] = [];
  let scanned = 0;
  for (let i = 0; i < length; i += 1) {
    if (variant === 'scans' && i % SCAN_EVERY === 0)
      for (let at = 0; at < SCAN_LENGTH; at += 1) requests.push(ZIPF_KEYS + scanned++);
    if (variant === 'drift' && i % DRIFT_EVERY === 0) swap(keys, random.below(1_000), random.below(ZIPF_KEYS));
    requests.push(keys[rankOf(sums, random.fraction())] as number);
  }
  return Int32Array.from(requests);
}

function cumulated(): Float64Array {
  const sums = new Float64Array(ZIPF_KEYS);
  let sum = 0;
  for (let rank = 0; rank < ZIPF_KEYS; rank += 1) sums[rank] = sum += (rank + 1) ** -EXPONENT;
  return sums.map((each) => each / sum);
}

/** The first rank whose share of all requests, with that of those before, is above `share`. */
function rankOf(sums: Float64Array, share: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) > share) high = middle;
    else low = middle + 1;
  }
  return low;
}

function swap(keys: Int32Array, a: number, b: number): void {
  [keys[a], keys[b]] = [keys[b] as number, keys[a] as number];
}

/* tsx bench/eviction.ts [folder of the traces]: hit ratios of L1's eviction beside exact LRU, in percent. */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Resident } from '../src/stores/contracts.js';
import { MemoryTier } from '../src/stores/memory/memory-tier.js';
import { SeededRandom } from '../src/testing/seeded-random.js';

const FOLDER = process.argv[2] ?? join('..', 'shared', 'data');
const SHARES = [0.01, 0.05, 0.1, 0.25];
const KEYS = 100_000;
const REQUESTS = 1_000_000;

/** Exact LRU in the order of a Map; its hits are all that is asked of it. */
class Lru {
  readonly #keys = new Map<string, true>();
  #walk = this.#keys.keys();

  constructor(private readonly capacity: number) {}

  ask(key: string): boolean {
    const isHit = this.#keys.delete(key);
    this.#keys.set(key, true);
    if (this.#keys.size > this.capacity) this.#keys.delete(this.#oldest());
    return isHit;
  }

  // From where it was: what a Map has deleted in front is slow to walk past each time.
  #oldest(): string {
    const next = this.#walk.next();
    if (!next.done) return next.value;
    this.#walk = this.#keys.keys();
    return this.#oldest();
  }
}

interface Item extends Resident<Item> {
  readonly key: string;
}

class Ours {
  readonly #tier: MemoryTier<Item>;

  constructor(capacity: number) {
    this.#tier = new MemoryTier({ maxEntries: capacity, maxBytes: Infinity });
  }

  ask(key: string): boolean {
    if (this.#tier.get(key)) return true;
    this.#tier.set({ key, bytes: 1, visits: 0, isMain: false, older: undefined, newer: undefined });
    return false;
  }
}

interface Requests {
  readonly name: string;
  readonly ids: readonly string[];
  readonly unique: number;
}

/** Zipf's law with an exponent of 0.99: the k-th of all keys is asked for in proportion to 1 / k ** 0.99. */
function zipf(name: string, { scans = false, drift = 0 } = {}): Requests {
  const random = new SeededRandom(1);
  const sums = new Float64Array(KEYS);
  let total = 0;
  for (let rank = 0; rank < KEYS; rank++) sums[rank] = total += 1 / (rank + 1) ** 0.99;
  const ids: string[] = [];
  for (let i = 0; ids.length < REQUESTS; i++) {
    // Each key of a scan is asked for once and never again.
    if (scans && i % 100_000 === 50_000) for (let at = 0; at < 5_000; at++) ids.push(`scan:${i + at}`);
    const rank = rankOf(sums, random.fraction() * total);
    ids.push(`item:${(rank + drift * Math.floor(i / 1_000)) % KEYS}`);
  }
  return { name, ids, unique: KEYS };
}

function rankOf(sums: Float64Array, target: number): number {
  let [low, high] = [0, sums.length - 1];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((sums[middle] as number) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}

function trace(name: string): Requests {
  const bytes = gunzipSync(readFileSync(join(FOLDER, `${name}.trace.gz`)));
  const ids = Array.from({ length: bytes.length / 4 }, (_, i) => `item:${bytes.readInt32BE(4 * i)}`);
  return { name, ids, unique: new Set(ids).size };
}

function ratioOf(cache: Lru | Ours, { ids }: Requests): number {
  let hits = 0;
  for (const id of ids) if (cache.ask(id)) hits++;
  return (100 * hits) / ids.length;
}

function compare(requests: Requests): void {
  const cells = SHARES.map((share) => {
    const capacity = Math.floor(requests.unique * share);
    const [lru, ours] = [ratioOf(new Lru(capacity), requests), ratioOf(new Ours(capacity), requests)];
    return `${lru.toFixed(1)} → ${ours.toFixed(1)} (${ours < lru ? '' : '+'}${(ours - lru).toFixed(1)})`;
  });
  console.log(`| ${[requests.name.padEnd(22), ...cells.map((cell) => cell.padEnd(20))].join(' | ')} |`);
}

const heads = ['exact LRU → L1, %', ...SHARES.map((share) => `${100 * share} % of the keys`)];
console.log(`| ${heads.map((head, i) => head.padEnd(i === 0 ? 22 : 20)).join(' | ')} |`);
console.log(`| ${heads.map((_, i) => '-'.repeat(i === 0 ? 22 : 20)).join(' | ')} |`);
compare(zipf('Zipf 0.99'));
compare(zipf('Zipf 0.99, scans', { scans: true }));
compare(zipf('Zipf 0.99, drift', { drift: 3 }));
for (const name of ['web12', 'orm-busy-1m']) {
  if (existsSync(join(FOLDER, `${name}.trace.gz`))) compare(trace(name));
  else console.log(`${name}: no ${name}.trace.gz in ${FOLDER}; say the folder as the argument`);
}

/* `ours` or `lru-cache`: prints by how many bytes an entry of 200 B makes the heap grow. */
import { usedHeap } from '../../test/support/used-heap.js';
import { newLruCache } from './lru.js';
import { startOurs } from './product.js';
import { analyticsOf } from './values.js';

const ENTRIES = 100_000;

const text = JSON.stringify(analyticsOf('200 B'));
/** Of a thousand agents, each with a value of its own. */
const keyOf = (i: number): string => `agent:${i % 1_000}:report:${i}`;
const lru = newLruCache<object>(ENTRIES);
const { cache, close } = await startOurs({ memory: { maxEntries: ENTRIES, maxBytes: 1_000_000_000 } });
const put =
  process.argv[2] === 'ours'
    ? (key: string, value: object) => cache.getOrLoad(key, () => value)
    : (key: string, value: object) => lru.set(key, value);

await put('warm:up', JSON.parse(text) as object);
const before = usedHeap();
for (let i = 0; i < ENTRIES; i += 1) await put(keyOf(i), JSON.parse(text) as object);
const after = usedHeap();
if (process.argv[2] === 'ours' && (await cache.get(keyOf(ENTRIES / 2))) === null) throw new Error('it is not kept');
console.log((after - before) / ENTRIES);
await close();

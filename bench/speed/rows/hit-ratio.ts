import { textOf } from '../../table.js';
import type { Bench, Verdict } from '../contest.js';
import { startOurs } from '../product.js';
import { readTrace, zipf, ZIPF_KEYS } from '../traces.js';

/** Requests of Zipf; the first fifth fills the cache and is not counted. */
const ZIPF_REQUESTS = 500_000;
const QUICK_REQUESTS = 50_000;
const TRACES = ['web12', 'orm-busy-1m'];
const SHARES = [0.01, 0.05, 0.1, 0.25];

/** What is asked for, and which of it counts. */
interface Load {
  readonly title: string;
  readonly keys: Int32Array;
  readonly countsFrom: number;
  /** Keys from this one on are asked for once, and do not count. */
  readonly scansFrom: number;
}

/** Hit ratios in percent at one capacity. */
interface Line {
  readonly title: string;
  readonly share: number;
  readonly lru: number;
  readonly ours: number;
}

/** How many requests L1 answers, in percent, beside an exact LRU of as many entries. */
export const hitRatio: Bench = {
  name: 'hit-ratio',
  async run({ data, isQuick }) {
    const still = await zipfLines('still', isQuick);
    const changing = [...(await zipfLines('scans', isQuick)), ...(await zipfLines('drift', isQuick))];
    const synthetic = [...still, ...changing];
    const traces = await Promise.all(TRACES.map((name) => traceLines(name, data, isQuick)));
    const at = (share: number): Line[] => synthetic.filter((line) => line.share === share);
    return {
      text: [tableOf([...synthetic, ...traces.flat()])],
      verdicts: [
        verdictOf('hit ratio, Zipf at 1 %, points over LRU, worst of three', leastOf(at(0.01)), 8),
        verdictOf('hit ratio, Zipf at 10 %, points over LRU, worst of three', leastOf(at(0.1)), 3.5),
        ...traces.map((lines, i) =>
          verdictOf(`hit ratio, ${TRACES[i] ?? ''}, points over LRU at worst`, leastOf(lines), 0),
        ),
        verdictOf('hit ratio, traces, points over LRU at best', mostOf(traces.flat()), 2),
      ],
    };
  },
};

async function zipfLines(variant: Parameters<typeof zipf>[0], isQuick: boolean): Promise<Line[]> {
  const keys = zipf(variant, isQuick ? QUICK_REQUESTS : ZIPF_REQUESTS);
  return linesOf(
    { title: `Zipf 0.99, ${variant}`, keys, countsFrom: keys.length / 5, scansFrom: ZIPF_KEYS },
    ZIPF_KEYS,
  );
}

async function traceLines(name: string, data: string | undefined, isQuick: boolean): Promise<Line[]> {
  const keys = readTrace(name, data)?.subarray(0, isQuick ? QUICK_REQUESTS : undefined);
  return keys ? linesOf({ title: name, keys, countsFrom: 0, scansFrom: Infinity }, new Set(keys).size) : [];
}

async function linesOf(load: Load, unique: number): Promise<Line[]> {
  const lines: Line[] = [];
  for (const share of SHARES) lines.push(await lineOf(load, unique, share));
  return lines;
}

async function lineOf(load: Load, unique: number, share: number): Promise<Line> {
  const capacity = Math.floor(unique * share);
  return { title: load.title, share, lru: byLru(load, capacity), ours: await byOurs(load, capacity) };
}

function byLru(load: Load, capacity: number): number {
  // A Map keeps the order of insertion: what is used is inserted again.
  const kept = new Set<number>();
  // It goes on from where it was: walking past what was deleted in front takes long.
  const eldest = kept.values();
  const count = counterOf(load);
  for (const [i, key] of load.keys.entries()) {
    count(i, key, kept.delete(key));
    kept.add(key);
    if (kept.size > capacity) kept.delete(eldest.next().value as number);
  }
  return count.percent();
}

/** Through the whole of the cache, in memory alone. */
async function byOurs(load: Load, capacity: number): Promise<number> {
  const { cache, close } = await startOurs({ memory: { maxEntries: capacity, maxBytes: 1_000_000_000 } });
  const count = counterOf(load);
  let loads = 0;
  const missed = (): number => ++loads;
  for (const [i, key] of load.keys.entries()) {
    const before = loads;
    await cache.getOrLoad(`product:${key}`, missed);
    count(i, key, loads === before);
  }
  await close();
  return count.percent();
}

function counterOf({ countsFrom, scansFrom }: Load) {
  let [counted, hits] = [0, 0];
  const count = (i: number, key: number, isHit: boolean): void => {
    if (i < countsFrom || key >= scansFrom) return;
    counted += 1;
    if (isHit) hits += 1;
  };
  return Object.assign(count, { percent: () => (100 * hits) / counted });
}

function leastOf(lines: readonly Line[]): number | undefined {
  return lines.length === 0 ? undefined : Math.min(...lines.map(({ ours, lru }) => ours - lru));
}

function mostOf(lines: readonly Line[]): number | undefined {
  return lines.length === 0 ? undefined : Math.max(...lines.map(({ ours, lru }) => ours - lru));
}

function verdictOf(what: string, figure: number | undefined, target: number): Verdict {
  const spread = figure === undefined ? 'no traces: say where with --data FOLDER' : '';
  return { what, relation: '>=', target, figure, spread };
}

function tableOf(lines: readonly Line[]): string {
  const rows = lines.map(({ title, share, lru, ours }) => [
    ...[title, `${100 * share} %`, lru.toFixed(2), ours.toFixed(2)],
    (ours - lru).toFixed(2),
  ]);
  return textOf([['', 'capacity, of the keys', 'exact LRU, %', 'ours, %', 'points over'], ...rows]);
}

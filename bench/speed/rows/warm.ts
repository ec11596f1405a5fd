import { setTimeout } from 'node:timers/promises';
import { Redis } from 'ioredis';
import { textOf } from '../../table.js';
import type { Bench, Outcome, Pace, Setting, Verdict } from '../contest.js';
import { standingOf, verdict } from '../contest.js';
import { compete } from '../race.js';
import { onServer } from '../server.js';
import { readTrace } from '../traces.js';
import { Product, startWarming, type Warming } from '../warming.js';

/** Reads a second: what is loaded meanwhile is the less, the slower readers come. */
const RATE = 250;
/** Reads over which a hit ratio is taken. */
const WINDOW = 1_000;
const FORMER = 5_000;
const CALLERS = 64;
const LONGEST = 12_000;
const SHARE = 0.9;
const SIZES: readonly Way[] = [{ hotKeys: 0 }, { hotKeys: 100 }, { hotKeys: 500 }];
/** Beside preloading: a plan of those keys that were read most before, more than a list of a few kB holds. */
const PLANNED: Way = { hotKeys: 0, planned: 4_000 };
const COUNTED = 'counting the hottest keys';

/** What is loaded before anybody asks: so many hot keys, so many keys of a plan. */
interface Way {
  readonly hotKeys: number;
  readonly planned?: number;
}

/** What is lost, and which reads are hits. */
interface Loss {
  readonly title: string;
  readonly tiers: readonly string[];
  /** Whether a plan would help: it is carried out on start. */
  readonly isPlanned?: boolean;
  readonly happen: (warming: Warming, start: () => Promise<Warming>, redis: Redis) => Promise<Warming>;
}

const CACHED = ['l1', 'l2'];
const LOSSES: readonly Loss[] = [
  {
    title: 'invalidate all',
    tiers: CACHED,
    happen: async (warming) => {
      await warming.invalidateAll();
      return warming;
    },
  },
  {
    title: 'restart, entries expired',
    tiers: CACHED,
    isPlanned: true,
    happen: async (warming, start, redis) => {
      await warming.close();
      const entries = (await redis.keys('*:e:*')).filter((name) => !name.includes('#'));
      for (let from = 0; from < entries.length; from += 1_000) await redis.del(...entries.slice(from, from + 1_000));
      return start();
    },
  },
  {
    title: 'restart, hits in memory',
    tiers: ['l1'],
    happen: async (warming, start) => {
      await warming.close();
      return start();
    },
  },
];

/** How soon the hit ratio of web12 is back after a loss, with and without preloading; and what counting costs a hit. */
export const warm: Bench = {
  name: 'warm',
  async run(setting) {
    const outcome = await cost(setting);
    const recoveries = await recoveriesOf(setting);
    return { outcomes: [outcome], text: [tableOf(recoveries)], verdicts: [costOf(outcome), ...verdictsOf(recoveries)] };
  },
};

/** The same hits in memory, with and without counting. */
async function cost(pace: Pace): Promise<Outcome> {
  const keys = Array.from({ length: 1_000 }, (_, id) => Product({ id }));
  const contender = async (title: string, hotKeys: number) => {
    const { cache, close } = await startWarming({ warming: { hotKeys } });
    const load = (): number => 1;
    const work = async (): Promise<void> => {
      for (const key of keys) await cache.getOrLoad(key, load);
    };
    return { title, work, close };
  };
  const [base, counting] = [await contender('counting nothing', 0), await contender(COUNTED, 100)];
  return compete({ title: 'L1 hit', callers: 1, operations: keys.length, base, others: [counting] }, pace);
}

function costOf(outcome: Outcome): Verdict {
  return verdict(`L1 hit: ${COUNTED} ÷ not`, standingOf(outcome, COUNTED).ratio, '>=', 0.98);
}

/** How the hits came back after one loss. */
interface Recovery {
  readonly loss: string;
  readonly hotKeys: number;
  readonly planned: number;
  /** How long the loading took; `undefined` where there was nothing to load, or it had not ended. */
  readonly took: number | undefined;
  readonly former: number;
  /** Share of hits among the first 1,000 reads, and 5,000. */
  readonly first: number;
  readonly firsts: number;
  /** After how many reads it was back; `undefined` for not in time. */
  readonly reads: number | undefined;
}

async function recoveriesOf({ data, isQuick }: Setting): Promise<Recovery[]> {
  const trace = readTrace('web12', data);
  const recoveries: Recovery[] = [];
  if (!trace) return [];
  const ways = isQuick ? [SIZES[0] as Way, PLANNED] : SIZES;
  for (const loss of isQuick ? LOSSES.slice(1, 2) : LOSSES)
    for (const way of loss.isPlanned && !isQuick ? [...ways, PLANNED] : ways)
      recoveries.push(await recoveryOf(trace, loss, way));
  return recoveries;
}

async function recoveryOf(trace: Int32Array, loss: Loss, { hotKeys, planned = 0 }: Way): Promise<Recovery> {
  return onServer(async ({ url }) => {
    const redis = new Redis(url, { disableClientInfo: true });
    const half = trace.length >> 1;
    const options = { redis: { url }, warming: { hotKeys, windowMs: 1_000, concurrency: 16 } };
    const start = (): Promise<Warming> => startWarming(options, mostRead(trace.subarray(0, half), planned));
    let warming = await startWarming(options);
    const before = await fast(warming, trace.subarray(0, half));
    // What was counted is written once a second here, and every half a minute as a rule.
    await setTimeout(1_500);
    const former = share(before.slice(-FORMER), loss.tiers);
    warming = await loss.happen(warming, start, redis);
    const after = await paced(warming, trace.subarray(half, half + LONGEST));
    const took = warming.took();
    await warming.close();
    redis.disconnect();
    const [first, firsts] = [share(after.slice(0, WINDOW), loss.tiers), share(after.slice(0, FORMER), loss.tiers)];
    return {
      loss: loss.title,
      hotKeys,
      planned,
      took,
      former,
      first,
      firsts,
      reads: backAt(after, loss.tiers, SHARE * former),
    };
  });
}

function mostRead(keys: Int32Array, most: number): number[] {
  const counts = new Map<number, number>();
  for (const key of keys) counts.set(key, (counts.get(key) ?? 0) + 1);
  const sorted = [...counts].sort(([, a], [, b]) => b - a);
  return sorted.slice(0, most).map(([key]) => key);
}

/** The first half, as fast as it goes. */
async function fast({ read }: Warming, keys: Int32Array): Promise<string[]> {
  const sources: string[] = [];
  let next = 0;
  const caller = async (): Promise<void> => {
    while (next < keys.length) {
      const at = next++;
      sources[at] = await read(keys[at] as number);
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, caller));
  return sources;
}

/** As readers come, whether those before have been served or not. */
async function paced({ read }: Warming, keys: Int32Array): Promise<string[]> {
  const reads: Promise<string>[] = [];
  const begun = performance.now();
  while (reads.length < keys.length) {
    const due = Math.min(keys.length, Math.ceil(((performance.now() - begun) * RATE) / 1_000));
    while (reads.length < due) reads.push(read(keys[reads.length] as number));
    await setTimeout(5);
  }
  return Promise.all(reads);
}

function share(sources: readonly string[], tiers: readonly string[]): number {
  return sources.filter((source) => tiers.includes(source)).length / sources.length;
}

/** After how many reads the last thousand had as many hits. */
function backAt(sources: readonly string[], tiers: readonly string[], wanted: number): number | undefined {
  let hits = 0;
  for (const [i, source] of sources.entries()) {
    if (tiers.includes(source)) hits += 1;
    if (i >= WINDOW && tiers.includes(sources[i - WINDOW] as string)) hits -= 1;
    if (i >= WINDOW - 1 && hits / WINDOW >= wanted) return i + 1;
  }
  return undefined;
}

function verdictsOf(recoveries: readonly Recovery[]): Verdict[] {
  const most = recoveries.filter(({ hotKeys, planned }) => hotKeys === 500 || planned > 0);
  const ratios = most.map((recovery) => {
    const { loss, reads } = recovery;
    const without = recoveries.find((each) => each.loss === loss && isNone(each))?.reads;
    return {
      what: `${loss}: reads to 90 % of the hits, ${wayOf(recovery)} ÷ none`,
      figure: reads && without && reads / without,
    };
  });
  const none = {
    what: 'reads to 90 % of the hits, with ÷ without',
    figure: undefined,
    spread: 'no traces: say where with --data FOLDER',
  };
  return (ratios.length > 0 ? ratios : [none]).map((each) => ({ relation: '<=', target: 1, ...each }));
}

function isNone({ hotKeys, planned }: Pick<Recovery, 'hotKeys' | 'planned'>): boolean {
  return hotKeys + planned === 0;
}

function wayOf({ hotKeys, planned }: Pick<Recovery, 'hotKeys' | 'planned'>): string {
  if (planned > 0) return `a plan of ${planned} keys`;
  return hotKeys === 0 ? 'none' : `${hotKeys} hot keys`;
}

function tableOf(recoveries: readonly Recovery[]): string {
  const percent = (part: number): string => (100 * part).toFixed(1);
  const rows = recoveries.map(({ loss, took, former, first, firsts, reads, ...recovery }) => [
    ...[
      loss,
      wayOf(recovery),
      took === undefined ? '' : (took / 1_000).toFixed(1),
      percent(former),
      percent(first),
      percent(firsts),
    ],
    ...(reads === undefined ? ['not in time', ''] : [String(reads), (reads / RATE).toFixed(1)]),
  ]);
  const head = [
    `web12, ${RATE} reads a second`,
    'loaded before',
    'in seconds',
    'former, %',
    'first 1,000, %',
    'first 5,000, %',
  ];
  return textOf([[...head, 'reads to 90 % of it', 'seconds'], ...rows]);
}

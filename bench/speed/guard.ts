/*
 * The ratios that test/bench guards: what an operation of ours costs in time on a core beside the plainest way to do the
 * same, measured in a few seconds. `--write` keeps them in bench/expected-ratios.json.
 */
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expecting, startOursOn } from './contenders.js';
import type { Contender, Contest } from './contest.js';
import { compete } from './race.js';
import { rawClient, reading } from './raw.js';
import { onServer } from './server.js';
import { analyticsOf } from './values.js';

/** Ours ÷ the base, by what is done; 0.5 costs twice as much. */
export type Ratios = Readonly<Record<string, number>>;

const PACE = { passes: 5, slice: 40 };
const PLACE = fileURLToPath(new URL('../expected-ratios.json', import.meta.url));
const VALUE = analyticsOf('200 B');
const TEXT = JSON.stringify(VALUE);
const KEYS = Array.from({ length: 1_000 }, (_, i) => `agent:${i}:stats:7d`);
const keyOf = (turn: number): string => KEYS[turn % KEYS.length] as string;

function missed(): never {
  throw new Error('a load where a hit was set up');
}

async function hitInMemory(url: string): Promise<Contest> {
  const map = new Map(KEYS.map((key) => [key, VALUE]));
  const { cache, close } = await startOursOn(url);
  for (const key of KEYS) await cache.getOrLoad(key, () => VALUE);
  const base = async (): Promise<void> => {
    for (const key of KEYS) if ((await Promise.resolve(map.get(key))) === undefined) missed();
  };
  const ours = async (): Promise<void> => {
    for (const key of KEYS) await cache.getOrLoad(key, missed);
  };
  const others = [{ title: 'getOrLoad', work: ours, close }];
  return {
    title: 'hit in memory ÷ Map',
    callers: 1,
    operations: KEYS.length,
    base: { title: 'Map', work: base },
    others,
  };
}

async function hitInRedis(url: string): Promise<Contest> {
  const { cache, close } = await startOursOn(url, { memory: { maxEntries: 0 } });
  await cache.setMany(KEYS.map((key) => [key, VALUE] as const));
  const client = rawClient(url);
  for (const key of KEYS) await client.set(key, TEXT);
  const base = reading('ioredis', client, keyOf);
  return {
    title: 'hit in Redis ÷ ioredis',
    callers: 64,
    base,
    others: [expecting('get', (i) => cache.get(keyOf(i)), close)],
  };
}

async function setting(url: string): Promise<Contest> {
  const { cache, close } = await startOursOn(url, { memory: { maxEntries: 0 } });
  const client = rawClient(url);
  const base = { title: 'ioredis', work: (i: number) => client.set(keyOf(i), TEXT), close: client.close };
  const ours = expecting('set', async (i) => (await cache.set(keyOf(i), VALUE)) || undefined, close);
  return { title: 'set ÷ ioredis', callers: 64, base, others: [ours] };
}

async function missing(url: string): Promise<Contest> {
  const { cache, close } = await startOursOn(url, { memory: { maxEntries: 0 } });
  const client = rawClient(url);
  const nameOf = (i: number): string => `agent:${i % 500}:report:${i}`;
  const byHand = async (i: number): Promise<void> => {
    if ((await client.get(nameOf(i))) === null) await client.set(nameOf(i), TEXT);
  };
  const base: Contender = { title: 'ioredis', work: byHand, close: client.close };
  const ours = expecting('getOrLoad', (i) => cache.getOrLoad(nameOf(i), () => VALUE), close);
  return { title: 'miss ÷ GET and SET on ioredis', callers: 64, base, others: [ours] };
}

/** Time on a core, as it depends less on what else the machine does than the rate. */
async function ratioOf(contest: Contest): Promise<number> {
  const { standings } = await compete(contest, PACE);
  return 1 / (standings[1]?.cpuRatio.median ?? NaN);
}

const ratios: Record<string, number> = {};
for (const contestOn of [hitInMemory, hitInRedis, setting, missing])
  await onServer(async ({ url }) => {
    const contest = await contestOn(url);
    ratios[contest.title] = Number((await ratioOf(contest)).toPrecision(3));
  });
const text = JSON.stringify(ratios, undefined, 2);
console.log(text);
if (process.argv.includes('--write')) writeFileSync(PLACE, `${text}\n`);
process.exit(0);

import { OURS, startOursOn, startPeers } from '../contenders.js';
import { type Bench, type Contender, type Outcome, type Pace, standingOf, verdict, type Verdict } from '../contest.js';
import { newLruCache } from '../lru.js';
import { compete } from '../race.js';
import { onServer } from '../server.js';
import { analyticsOf, type Size, SIZES } from '../values.js';

const ALL_KEYS = Array.from({ length: 1_000 }, (_, i) => `agent:${i}:stats:7d`);
const AWAITED = 'lru-cache, awaited get';
const BY_LOAD = `${OURS}, getOrLoad`;
const BY_PEEK = `${OURS}, peek`;

/** A hit in memory by one caller, by size. */
export const l1Hit: Bench = {
  name: 'l1-hit',
  async run(pace) {
    const outcomes: Outcome[] = [];
    for (const size of Object.keys(SIZES) as Size[]) outcomes.push(await compare(size, pace));
    return { outcomes, verdicts: outcomes.flatMap(verdictsOf) };
  },
};

/** Where a hit takes a millisecond, as it does where 50 KB are parsed, a turn has fewer. */
function keysOf(size: Size): readonly string[] {
  return size === '50 KB' ? ALL_KEYS.slice(0, 100) : ALL_KEYS;
}

function compare(size: Size, pace: Pace): Promise<Outcome> {
  const contest = { title: `L1 hit, ${size}`, callers: 1, operations: keysOf(size).length };
  return onServer(async ({ url }) => compete({ ...contest, ...(await contendersOf(url, size)) }, pace));
}

/** Each has a loop of its own, so that the engine compiles each for itself. */
async function contendersOf(url: string, size: Size): Promise<{ base: Contender; others: Contender[] }> {
  const [value, keys] = [analyticsOf(size), keysOf(size)];
  const lru = newLruCache<object>(10_000);
  for (const key of keys) lru.set(key, value);
  const base = {
    title: AWAITED,
    work: async () => {
      for (const key of keys) if ((await Promise.resolve(lru.get(key))) === undefined) throw new Error('a miss');
    },
  };
  const sync = {
    title: 'lru-cache, get',
    work: () => {
      for (const key of keys) if (lru.get(key) === undefined) throw new Error('a miss');
      return Promise.resolve();
    },
  };
  return {
    base,
    others: [sync, ...(await ourContenders(url, value, keys)), ...(await peerContenders(url, value, keys))],
  };
}

async function ourContenders(url: string, value: object, keys: readonly string[]): Promise<Contender[]> {
  const { cache, close } = await startOursOn(url);
  await cache.setMany(keys.map((key) => [key, value] as const));
  const load = (): never => {
    throw new Error('a load where a hit was set up');
  };
  const byLoad = {
    title: BY_LOAD,
    work: async () => {
      for (const key of keys) await cache.getOrLoad(key, load);
    },
    close,
  };
  const byPeek = {
    title: BY_PEEK,
    work: () => {
      for (const key of keys) if (cache.peek(key) === undefined) throw new Error('a miss');
      return Promise.resolve();
    },
  };
  return [byLoad, byPeek];
}

async function peerContenders(url: string, value: object, keys: readonly string[]): Promise<Contender[]> {
  const peers = await startPeers({ url, tiers: 'memory', load: () => Promise.resolve(value) });
  for (const [, peer] of peers) for (const key of keys) await peer.getOrLoad(key);
  return peers.map(([title, { getOrLoad, close }]) => {
    const work = async (): Promise<void> => {
      for (const key of keys) await getOrLoad(key);
    };
    return { title, work, close };
  });
}

function verdictsOf(outcome: Outcome): Verdict[] {
  const { title, standings } = outcome;
  const [ours, peek] = [standingOf(outcome, BY_LOAD), standingOf(outcome, BY_PEEK)];
  const over = (name: string): Verdict => {
    const peer = standings.find((each) => each.title.startsWith(name));
    return {
      what: `${title}: ÷ ${peer?.title ?? name}`,
      relation: '>=',
      target: 25,
      figure: peer && ours.rate.median / peer.rate.median,
    };
  };
  return [
    verdict(`${title}: ÷ ${AWAITED}`, ours.ratio, '>=', 0.6),
    ...['bentocache', 'cacheable'].map(over),
    {
      what: `${title}: peek ÷ awaited getOrLoad`,
      relation: '>=',
      target: 2,
      figure: peek.rate.median / ours.rate.median,
    },
  ];
}

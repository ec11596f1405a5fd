import type { RedisServer } from '../../../test/support/redis-server.js';
import { expecting, OURS, startOursOn, startPeers } from '../contenders.js';
import { type Bench, type Contender, type Outcome, type Pace, standingOf, verdict, type Verdict } from '../contest.js';
import { compete } from '../race.js';
import { bareClient, rawClient, reading } from '../raw.js';
import { onServer } from '../server.js';
import { analyticsOf, type Size, SIZES } from '../values.js';

const RAW = 'ioredis, get';
const PARSED = 'ioredis, get and JSON.parse';
const BY_GET = `${OURS}, get`;
const CALLERS = [1, 64, 256];

/** A hit in Redis, by size and callers. */
export const l2Hit: Bench = {
  name: 'l2-hit',
  async run(pace) {
    const outcomes: Outcome[] = [];
    for (const size of Object.keys(SIZES) as Size[])
      for (const callers of CALLERS) outcomes.push(await onServer((server) => compare(server, size, callers, pace)));
    return { outcomes, verdicts: outcomes.flatMap(verdictsOf) };
  },
};

/** One size with one number of callers, everybody with Redis alone. */
async function compare(server: RedisServer, size: Size, callers: number, pace: Pace): Promise<Outcome> {
  const keyOf = keysOf(size);
  const base = await rawContender(server, size, callers === 64 && size === '200 B' ? RAW : PARSED);
  const others = [
    await rawContender(server, size, base.title === RAW ? PARSED : RAW),
    reading(
      'ioredis, autoPipelining, get and JSON.parse',
      rawClient(server.url, { enableAutoPipelining: true }),
      keyOf,
      true,
    ),
    reading('a bare socket', await bareClient(server.port), keyOf),
    ...(await ourContenders(server, size)),
    ...(await peerContenders(server, size)),
  ];
  return compete({ title: titleOf(size, callers), base, others, callers }, pace);
}

function keysOf(size: Size): (turn: number) => string {
  const count = size === '50 KB' ? 100 : 1_000;
  return (turn) => `agent:${turn % count}:stats:7d`;
}

function allKeys(size: Size): string[] {
  const keyOf = keysOf(size);
  return [...new Set(Array.from({ length: 1_000 }, (_, turn) => keyOf(turn)))];
}

async function rawContender(server: RedisServer, size: Size, title: string): Promise<Contender> {
  const client = rawClient(server.url);
  const text = JSON.stringify(analyticsOf(size));
  for (const key of allKeys(size)) await client.set(key, text);
  return reading(title, client, keysOf(size), title === PARSED);
}

/** With L1 off, so that every hit is one in Redis. */
async function ourContenders(server: RedisServer, size: Size): Promise<Contender[]> {
  const { cache, close } = await startOursOn(server.url, { memory: { maxEntries: 0 } });
  const [keyOf, value] = [keysOf(size), analyticsOf(size)];
  await cache.setMany(allKeys(size).map((key) => [key, value] as const));
  const load = (): never => {
    throw new Error('a load where a hit was set up');
  };
  return [
    expecting(BY_GET, (turn) => cache.get(keyOf(turn)), close),
    expecting(`${OURS}, getOrLoad`, (turn) => cache.getOrLoad(keyOf(turn), load)),
    expecting(`${OURS}, get, strict`, (turn) => cache.get(keyOf(turn), { consistency: 'strict' })),
  ];
}

async function peerContenders(server: RedisServer, size: Size): Promise<Contender[]> {
  const [keyOf, value] = [keysOf(size), analyticsOf(size)];
  const peers = await startPeers({ url: server.url, tiers: 'redis', load: () => Promise.resolve(value) });
  for (const [, peer] of peers) for (const key of allKeys(size)) await peer.getOrLoad(key);
  return peers.map(([title, peer]) => expecting(title, (turn) => peer.get(keyOf(turn)), peer.close));
}

function titleOf(size: Size, callers: number): string {
  return `L2 hit, ${size}, ${callers} ${callers === 1 ? 'caller' : 'callers'}`;
}

function verdictsOf(outcome: Outcome): Verdict[] {
  const { ratio, cpuRatio } = standingOf(outcome, BY_GET);
  const is = (size: Size, callers: number): boolean => outcome.title === titleOf(size, callers);
  if (is('200 B', 64))
    return [
      verdict(`${outcome.title}: ÷ ioredis get`, ratio, '>=', 2.5),
      verdict(`${outcome.title}: CPU ÷ ioredis get`, cpuRatio, '<=', 0.5),
    ];
  if (is('2 KB', 64)) return [verdict(`${outcome.title}: ÷ ioredis get and JSON.parse`, ratio, '>=', 1.2)];
  if (outcome.title.includes('50 KB'))
    return [verdict(`${outcome.title}: ÷ ioredis get and JSON.parse`, ratio, '>=', 1)];
  if (is('200 B', 1)) return [verdict(`${outcome.title}: CPU ÷ ioredis get and JSON.parse`, cpuRatio, '<=', 1.2)];
  return [];
}

import type { RedisServer } from '../../../test/support/redis-server.js';
import { expecting, OURS, startOursOn, startPeers } from '../contenders.js';
import { type Bench, type Contender, standingOf, verdict } from '../contest.js';
import { compete } from '../race.js';
import { bareClient, type ByHand, rawClient } from '../raw.js';
import { onServer } from '../server.js';
import { analyticsOf } from '../values.js';

const VALUE = analyticsOf('200 B');
const TEXT = JSON.stringify(VALUE);
const BY_LOAD = `${OURS}, getOrLoad`;

/** A miss that is loaded and stored, 200 B, by 64 callers; the loader takes no time. */
export const miss: Bench = {
  name: 'miss',
  run: (pace) =>
    onServer(async (server) => {
      const title = 'getOrLoad on a miss, 200 B, 64 callers';
      const outcome = await compete({ title, callers: 64, ...(await contendersOf(server)) }, pace);
      const { ratio } = standingOf(outcome, BY_LOAD);
      return { outcomes: [outcome], verdicts: [verdict(`${title}: ÷ GET, load, SET by hand`, ratio, '>=', 1)] };
    }),
};

async function contendersOf(server: RedisServer): Promise<{ base: Contender; others: Contender[] }> {
  const { cache, close } = await startOursOn(server.url, { memory: { maxEntries: 0 } });
  const load = (): Promise<object> => Promise.resolve(VALUE);
  const peers = await startPeers({ url: server.url, tiers: 'redis', load });
  const others = [
    byHand('ioredis by hand, with JSON', rawClient(server.url), () => JSON.stringify(VALUE)),
    byHand('a bare socket by hand', await bareClient(server.port), () => TEXT),
    expecting(BY_LOAD, (turn) => cache.getOrLoad(keyOf(turn), load), close),
    ...peers.map(([title, peer]) => expecting(title, (turn) => peer.getOrLoad(keyOf(turn)), peer.close)),
  ];
  return { base: byHand('ioredis by hand', rawClient(server.url), () => TEXT), others };
}

/** What people write: no lease, no stamps, every caller for itself. */
function byHand(title: string, client: ByHand, load: () => string): Contender {
  const work = async (turn: number): Promise<unknown> => {
    const key = keyOf(turn);
    const found = await client.get(`${title}:${key}`);
    if (found !== null) throw new Error(`${title}: a hit where a miss was set up`);
    const value = await Promise.resolve(load());
    await client.set(`${title}:${key}`, value);
    return value;
  };
  return { title, work, close: client.close };
}

/** Never the same key twice, of agents that there are. */
function keyOf(turn: number): string {
  return `agent:${turn % 500}:report:${turn}`;
}

import type { RedisServer } from '../../../test/support/redis-server.js';
import { expecting, OURS, startOursOn, startPeers } from '../contenders.js';
import { type Bench, type Contender, standingOf, verdict } from '../contest.js';
import { compete } from '../race.js';
import { bareClient, type ByHand, rawClient } from '../raw.js';
import { onServer } from '../server.js';
import { analyticsOf } from '../values.js';

const VALUE = analyticsOf('200 B');
const TEXT = JSON.stringify(VALUE);
const BY_SET = `${OURS}, set`;

/** A set of 200 B by 64 callers. */
export const set: Bench = {
  name: 'set',
  run: (pace) =>
    onServer(async (server) => {
      const title = 'set, 200 B, 64 callers';
      const outcome = await compete({ title, callers: 64, ...(await contendersOf(server)) }, pace);
      const { ratio } = standingOf(outcome, BY_SET);
      return { outcomes: [outcome], verdicts: [verdict(`${title}: ÷ ioredis set`, ratio, '>=', 1.2)] };
    }),
};

async function contendersOf(server: RedisServer): Promise<{ base: Contender; others: Contender[] }> {
  const { cache, close } = await startOursOn(server.url, { memory: { maxEntries: 0 } });
  const load = (): Promise<object> => Promise.resolve(VALUE);
  const peers = await startPeers({ url: server.url, tiers: 'redis', load }, (peer) => peer.set !== undefined);
  const hand = (title: string, client: ByHand, textOf: () => string): Contender => ({
    title,
    work: (turn) => client.set(keyOf(turn), textOf()),
    close: client.close,
  });
  const others = [
    hand('ioredis, JSON.stringify and set', rawClient(server.url), () => JSON.stringify(VALUE)),
    hand('ioredis, autoPipelining, set', rawClient(server.url, { enableAutoPipelining: true }), () => TEXT),
    hand('a bare socket', await bareClient(server.port), () => TEXT),
    expecting(BY_SET, async (turn) => (await cache.set(keyOf(turn), VALUE)) || undefined, close),
    ...peers.map(([title, peer]) => ({
      title,
      work: async (turn: number) => peer.set?.(keyOf(turn), VALUE),
      close: peer.close,
    })),
  ];
  return { base: hand('ioredis, set', rawClient(server.url), () => TEXT), others };
}

function keyOf(turn: number): string {
  return `agent:${turn % 1_000}:stats:7d`;
}

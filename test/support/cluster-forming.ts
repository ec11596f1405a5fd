import { ask } from './ask.js';
import { SLOTS, viewOf } from './cluster-view.js';
import type { RedisServer } from './redis-server.js';
import { untilWell } from './until-well.js';

/** Makes a cluster of empty servers, without the pauses of `redis-cli --cluster create`. The first are the primaries. */
export async function formCluster(nodes: readonly RedisServer[], primaries: number, limitMs: number): Promise<void> {
  await Promise.all(nodes.map((node, index) => giveEpochAndSlots(node, index, primaries)));
  // Everybody meets everybody: to hear of the others by gossip takes longer.
  await Promise.all(
    nodes.flatMap((node, index) =>
      nodes.slice(index + 1).map((other) => ask(node, 'CLUSTER', 'MEET', '127.0.0.1', other.port)),
    ),
  );
  await untilWell(limitMs, () => strangers(nodes));
  const ids = await Promise.all(nodes.map((node) => ask(node, 'CLUSTER', 'MYID')));
  await Promise.all(
    nodes.slice(primaries).map((node, index) => ask(node, 'CLUSTER', 'REPLICATE', String(ids[index % primaries]))),
  );
}

async function giveEpochAndSlots(node: RedisServer, index: number, primaries: number): Promise<void> {
  // With distinct epochs from the start nobody has to settle a collision.
  await ask(node, 'CLUSTER', 'SET-CONFIG-EPOCH', index + 1);
  if (index >= primaries) return;
  const [first, end] = [index, index + 1].map((share) => Math.round((share * SLOTS) / primaries)) as [number, number];
  await ask(node, 'CLUSTER', 'ADDSLOTSRANGE', first, end - 1);
}

async function strangers(nodes: readonly RedisServer[]): Promise<string | undefined> {
  const views = await Promise.all(nodes.map(viewOf));
  const met = views.filter(
    (view) => view.length === nodes.length && view.every(({ flags }) => !flags.includes('handshake')),
  );
  return met.length === nodes.length ? undefined : `${met.length} of ${nodes.length} nodes know all others`;
}

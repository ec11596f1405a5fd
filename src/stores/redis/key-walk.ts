import type { Redis } from 'ioredis';
import type { RedisConnection } from './redis-connection.js';

/** What to walk over. */
export interface KeyWalk {
  readonly match: string;
  /** The COUNT of each SCAN. */
  readonly count: number;
}

/**
 * The names that match, a page at a time, some more than once. While slots move between servers a key can be where the
 * walk has been already: it is walked twice then, which misses none, as a key does not move twice in that time.
 */
export async function* walkKeys(connection: RedisConnection, walk: KeyWalk): AsyncIterable<readonly string[]> {
  const before = await layoutOf(connection);
  yield* walkOnce(connection, walk);
  const after = await layoutOf(connection);
  if (before !== after || isMoving(after)) yield* walkOnce(connection, walk);
}

async function* walkOnce(connection: RedisConnection, { match, count }: KeyWalk): AsyncIterable<readonly string[]> {
  for (const node of connection.shards.all.map((shard) => connection.shards.primary('scan', shard))) {
    let cursor = '0';
    do {
      const from = cursor;
      const [next, names] = await connection.onNode('scan', node, (redis) =>
        redis.scan(from, 'MATCH', match, 'COUNT', count),
      );
      cursor = next;
      if (names.length > 0) yield names;
    } while (cursor !== '0');
  }
}

/** Which primary says it serves which slots, and which of them are on the move; '' for a server that is not clustered. */
async function layoutOf(connection: RedisConnection): Promise<string> {
  if (!connection.shards.isClustered) return '';
  await connection.refreshShards('scan');
  const lines = await connection.onPrimaries('scan', ownLine);
  return lines.sort().join('\n');
}

async function ownLine(node: Redis): Promise<string> {
  const text = String(await node.cluster('NODES'));
  const [id = '', , flags = '', , , , , , ...slots] =
    text
      .split('\n')
      .find((line) => line.includes('myself'))
      ?.split(' ') ?? [];
  // It has just become a replica: the walk would see what its primary had.
  if (!flags.includes('master')) throw new Error('CLUSTERDOWN no primary any more');
  return `${id} ${slots.join(' ')}`;
}

/** Slots on the move are told as `[93->-id]` and `[93-<-id]`. */
function isMoving(layout: string): boolean {
  return layout.includes('[');
}

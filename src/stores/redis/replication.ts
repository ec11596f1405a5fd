import type { Milliseconds } from '../../primitives/units.js';
import type { RedisConnection } from './redis-connection.js';

/** The answer must come before our own deadline, or "not replicated" would look like "no answer". */
const MARGIN: Milliseconds = 20;

/**
 * Whether `replicas` of each of these shards have what was written over this connection before. WAIT holds up its
 * connection, so this must be one of its own. (Redis, WAIT.)
 */
export async function isReplicatedTo(
  replicas: number,
  connection: RedisConnection,
  shards: readonly string[],
): Promise<boolean> {
  if (replicas === 0) return true;
  const limit = connection.longestAnswer - MARGIN;
  const counts = await connection.onPrimaries('replicated', (node) => node.wait(replicas, limit), shards);
  return counts.every((count) => count >= replicas);
}

import { RemoteStoreError } from '../contracts.js';
import type { RedisConnection } from './redis-connection.js';

const RUN_ID = /^run_id:([0-9a-f]{40})/m;
/** A user who may not ask: nothing is known, and nothing doubted. */
const UNTOLD = '';

/**
 * Whether two connections to one address lead to one server. After a failover behind a shared name or a proxy one of them
 * may still be with the old primary. Each process of a server has an id of its own, asked for once for each connection
 * made. In a Cluster addresses are those of nodes, and a node that has lost a slot sends its clients on.
 */
export class SameServer {
  readonly #ids = new Map<RedisConnection, Promise<string>>();

  constructor(
    private readonly sure: RedisConnection,
    private readonly doubtful: RedisConnection,
  ) {
    for (const connection of [sure, doubtful])
      connection.client.on('close', () => {
        this.#ids.delete(connection);
      });
  }

  /** Leaves the server of the doubtful connection and throws unless it is that of the other one. A round trip at most, beside others. */
  async check(operation: string): Promise<void> {
    if (this.sure.shards.isClustered) return;
    const ids = await Promise.all([this.#idOf(this.sure, operation), this.#idOf(this.doubtful, operation)]);
    if (ids[0] === ids[1] || ids.includes(UNTOLD)) return;
    this.doubtful.leave();
    throw new RemoteStoreError('unavailable', operation, 'the ledger was asked of another server than all else');
  }

  #idOf(connection: RedisConnection, operation: string): Promise<string> {
    const known = this.#ids.get(connection);
    if (known) return known;
    const asked = connection
      .run(operation, '', (redis) => redis.info('server'))
      .then((text) => RUN_ID.exec(text)?.[1] ?? UNTOLD)
      .catch((error: unknown) => {
        if (error instanceof RemoteStoreError && error.failure === 'permission') return UNTOLD;
        if (this.#ids.get(connection) === asked) this.#ids.delete(connection);
        throw error;
      });
    this.#ids.set(connection, asked);
    return asked;
  }
}

import { TcpProxy } from '../../src/testing/tcp-proxy.js';
import { askInfo } from './ask.js';
import { RedisServer, type RedisServerOptions } from './redis-server.js';
import { PEER_ARGS, repeat, startAll, stopAll, up } from './server-group.js';
import { untilWell } from './until-well.js';

/** Besides these, what each of its servers is started with. */
export interface RedisReplicasOptions extends RedisServerOptions {
  /** @default 1 */
  replicas?: number;
}

const LIMIT_MS = 20_000;

/** A primary and its replicas, each of which hears of it through a proxy of its own. */
export class RedisReplicas {
  readonly #replicas: RedisServer[] = [];
  readonly #proxies: TcpProxy[] = [];

  private constructor(readonly primary: RedisServer) {}

  /** Starts them and resolves when the replicas have the data of the primary. */
  static async start(options: RedisReplicasOptions = {}): Promise<RedisReplicas> {
    const { replicas = 1, args = [], ...rest } = options;
    const each = { ...rest, args: [...PEER_ARGS, ...args] };
    const all = new RedisReplicas(await RedisServer.start(each));
    try {
      all.#proxies.push(...(await Promise.all(repeat(all.primary.port, replicas).map((port) => TcpProxy.to(port)))));
      all.#replicas.push(...(await startAll(all.#proxies.map(({ port }) => followerOf(port, each)))));
      await all.untilSynced();
      return all;
    } catch (error) {
      await all.stop();
      throw error;
    }
  }

  get replicas(): readonly RedisServer[] {
    return this.#replicas;
  }

  /** Where the replicas listen. */
  get replicaUrls(): string[] {
    return this.replicas.map(({ address }) => address);
  }

  /** Resolves when each replica that is up has all that the primary has at that moment. */
  untilSynced(limitMs = LIMIT_MS): Promise<void> {
    return untilWell(limitMs, async () => {
      const offset = Number((await askInfo(this.primary, 'INFO', 'replication')).get('master_repl_offset'));
      const offsets = await Promise.all(up(this.replicas).map(syncedTo));
      const behind = offsets.findIndex((each) => each < offset);
      return behind === -1 ? undefined : `replica ${behind} has ${String(offsets[behind])} of ${offset} bytes`;
    });
  }

  /** From now on that replica hears nothing of the primary, and does not notice: it answers with what it has. */
  cutReplication(index: number): void {
    this.#proxy(index).swallow(true);
  }

  /** Ends that: what it missed arrives. */
  mend(index: number): void {
    this.#proxy(index).swallow(false);
  }

  async stop(): Promise<void> {
    await stopAll([this.primary, ...this.replicas]);
    await Promise.all(this.#proxies.map((proxy) => proxy.close()));
  }

  #proxy(index: number): TcpProxy {
    const proxy = this.#proxies[index];
    if (!proxy) throw new Error(`There is no replica ${index}`);
    return proxy;
  }
}

/** What makes a server a replica of the one at a port. */
function followerOf(port: number, options: RedisServerOptions): RedisServerOptions {
  return { ...options, args: [...(options.args ?? []), '--replicaof', '127.0.0.1', String(port)] };
}

async function syncedTo(replica: RedisServer): Promise<number> {
  const info = await askInfo(replica, 'INFO', 'replication');
  return info.get('master_link_status') === 'up' ? Number(info.get('slave_repl_offset')) : -1;
}

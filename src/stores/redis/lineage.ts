import { Cluster, type Redis } from 'ioredis';
import { addressOf } from './shards.js';

const REPLID = /^master_replid:([0-9a-f]{40})/m;
/** More than any Cluster has primaries; those of long ago are forgotten. */
const REMEMBERED = 5_000;

/**
 * Whose data the primaries serve. Each history of writes has an id of its own, which a replica takes over and gives up
 * when it is promoted: one that is new means that what was acknowledged last may be lost. (Redis, replication ids.)
 */
export class Lineage {
  readonly #known = new Set<string>();
  readonly #listeners = new Set<() => void>();
  /** The primaries there were at first, until each has been asked: what they say then is no news. */
  #first: Set<string> | undefined;

  constructor(client: Redis | Cluster) {
    if (client instanceof Cluster) this.#follow(client);
    else client.on('ready', () => void this.#look(client));
  }

  /** Calls `listener` when a primary is seen that serves a history of its own. */
  onNew(listener: () => void): void {
    this.#listeners.add(listener);
  }

  /** Node by node: one of them may become another while the Cluster as a whole stays ready. */
  #follow(cluster: Cluster): void {
    cluster.on('+node', (node: Redis) => {
      node.on('ready', () => {
        // The one that the client greets at first may be a replica.
        if (this.#first && cluster.nodes('master').includes(node)) void this.#look(node);
      });
    });
    const askAll = (): void => {
      if (cluster.status !== 'ready') return;
      const primaries = cluster.nodes('master');
      if (!this.#first) {
        this.#first = new Set(primaries.map(addressOf));
        for (const node of primaries) if (node.status === 'ready') void this.#look(node);
      }
      // Also those that nothing is asked of, to see that they are others.
      for (const node of primaries) if (node.status === 'wait') node.connect().catch(() => undefined);
    };
    cluster.on('ready', askAll);
    cluster.on('refresh', askAll);
  }

  async #look(node: Redis): Promise<void> {
    const id = await node.info('replication').then(
      (text) => REPLID.exec(text)?.[1],
      () => undefined,
    );
    if (id === undefined) return;
    const isNews = this.#known.size > 0 && !this.#known.has(id) && !this.#first?.has(addressOf(node));
    this.#first?.delete(addressOf(node));
    this.#known.add(id);
    if (this.#known.size > REMEMBERED) this.#known.delete(this.#known.values().next().value as string);
    if (isNews) for (const listener of this.#listeners) listener();
  }
}

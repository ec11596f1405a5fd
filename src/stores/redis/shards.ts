import calculateSlot from 'cluster-key-slot';
import { Cluster, type Redis } from 'ioredis';
import { Memo } from '../../primitives/memo.js';
import { RemoteStoreError } from '../contracts.js';

/** The one shard of a server that is not clustered. */
const WHOLE = '';
const KEPT_SLOTS = 2_000;
const ONLY_WHOLE: readonly string[] = Object.freeze([WHOLE]);

/**
 * Which server serves which name. A shard is one primary of a Cluster with its slots, called by its address; a server
 * that is not clustered is one shard.
 */
export class Shards {
  readonly #client: Redis | Cluster;
  readonly #cluster: Cluster | undefined;
  #all: readonly string[] | undefined;
  /** To count one out takes a microsecond, and each hit asks twice. */
  readonly #slots = new Memo(KEPT_SLOTS, calculateSlot);

  constructor(client: Redis | Cluster) {
    this.#client = client;
    this.#cluster = client instanceof Cluster ? client : undefined;
    this.#cluster?.on('refresh', () => (this.#all = undefined));
  }

  get isClustered(): boolean {
    return this.#cluster !== undefined;
  }

  /**
   * Every shard, as far as is known. Of 16,384 slots and asked for at each read: so it is kept until the client has asked
   * which server serves which, which it does whenever a server sends it to another.
   */
  get all(): readonly string[] {
    if (!this.#cluster) return ONLY_WHOLE;
    this.#all ??= [...new Set(this.#cluster.slots.map((addresses) => addresses[0] ?? WHOLE))];
    return this.#all;
  }

  of(name: string): string {
    return this.ofSlot(this.slotOf(name));
  }

  /** The slot of a name; all are of one where there is no Cluster. */
  slotOf(name: string): number {
    return this.#cluster ? this.#slots.of(name) : 0;
  }

  ofSlot(slot: number): string {
    return this.#cluster?.slots[slot]?.[0] ?? WHOLE;
  }

  /** The connection to a shard if it can be used now. */
  ready(shard: string): Redis | undefined {
    const node = this.#node(shard);
    return node?.status === 'ready' ? node : undefined;
  }

  /** The shard that a node is, or was. */
  called(node: Redis): string {
    return this.#cluster ? addressOf(node) : WHOLE;
  }

  /** The connection to a shard. @throws RemoteStoreError when there is none */
  primary(operation: string, shard: string): Redis {
    const node = this.#node(shard);
    if (node) return node;
    throw new RemoteStoreError('unavailable', operation, 'the primary of some slots cannot be reached', shard);
  }

  /** Primaries of a Cluster that nothing was asked of yet. */
  unconnected(): readonly Redis[] {
    return this.#cluster?.nodes('master').filter(({ status }) => status === 'wait') ?? [];
  }

  /** The names by what one command may take together: those of one slot. */
  bySlot(names: readonly string[]): string[][] {
    const groups = new Map<number, string[]>();
    for (const name of names) {
      const slot = this.slotOf(name);
      const group = groups.get(slot);
      if (group) group.push(name);
      else groups.set(slot, [name]);
    }
    return [...groups.values()];
  }

  /** Asks the Cluster which server serves which slot. */
  refresh(): Promise<void> {
    const cluster = this.#cluster;
    if (!cluster) return Promise.resolve();
    return new Promise((resolve, reject) => cluster.refreshSlotsCache((error) => (error ? reject(error) : resolve())));
  }

  #node(shard: string): Redis | undefined {
    if (!this.#cluster) return this.#client as Redis;
    return this.#cluster.nodes('master').find((node) => addressOf(node) === shard);
  }
}

/** The address of a node as slots name it. */
export function addressOf({ options }: Redis): string {
  return `${options.host ?? ''}:${options.port ?? ''}`;
}

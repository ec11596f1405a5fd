import { ask, askInfo } from './ask.js';
import { formCluster } from './cluster-forming.js';
import { isPrimary, isReplica, newestView, type NodeLine, owns, SLOTS, viewOf } from './cluster-view.js';
import type { RedisServer, RedisServerOptions } from './redis-server.js';
import { PEER_ARGS, repeat, startAll, stopAll, up } from './server-group.js';
import { type ClusterEnd, SlotMove } from './slot-move.js';
import { untilWell } from './until-well.js';

/** Besides these, what each of its servers is started with. */
export interface RedisClusterOptions extends RedisServerOptions {
  /** @default 3 */
  primaries?: number;
  /** @default 1 */
  replicasEach?: number;
  /** How long a node may be silent until the others call it failed. @default 2000 */
  nodeTimeoutMs?: number;
}

/** A node of the cluster with what is true of it now. */
export interface ClusterNode extends ClusterEnd {
  /** Ranges with both ends; a replica has none. */
  readonly slots: readonly (readonly [number, number])[];
}

const LIMIT_MS = 20_000;

const ARGS = [
  ...PEER_ARGS,
  ...['--cluster-enabled', 'yes', '--cluster-announce-ip', '127.0.0.1'],
  // Replicas stay with their primary: a test would not know who follows whom.
  ...['--cluster-allow-replica-migration', 'no'],
];

/** A real cluster of our own, on free ports of 127.0.0.1. */
export class RedisCluster {
  private constructor(readonly nodes: readonly RedisServer[]) {}

  /** Starts a cluster and resolves when all of it is healthy. */
  static async start(options: RedisClusterOptions = {}): Promise<RedisCluster> {
    const { primaries = 3, replicasEach = 1, nodeTimeoutMs = 2_000, args = [], ...rest } = options;
    const each = {
      announce: '--cluster-announce-port',
      ...rest,
      args: [...ARGS, '--cluster-node-timeout', String(nodeTimeoutMs), ...args],
    };
    const cluster = new RedisCluster(await startAll(repeat(each, primaries * (1 + replicasEach))));
    try {
      await formCluster(cluster.nodes, primaries, LIMIT_MS);
      await cluster.untilHealthy();
      return cluster;
    } catch (error) {
      await cluster.stop();
      throw error;
    }
  }

  /** Where all nodes listen. */
  get urls(): string[] {
    return this.nodes.map(({ address }) => address);
  }

  /** Those that are primaries now and not known to have failed. */
  async primaries(): Promise<ClusterNode[]> {
    return this.#select(isPrimary);
  }

  async replicas(): Promise<ClusterNode[]> {
    return this.#select(isReplica);
  }

  /** The replicas of a primary. */
  async replicasOf({ id }: ClusterEnd): Promise<ClusterNode[]> {
    return this.#select((line) => isReplica(line) && line.primary === id);
  }

  async slotOf(key: string): Promise<number> {
    const [node] = up(this.nodes);
    if (!node) throw new Error('No node of the cluster is up');
    return Number(await ask(node, 'CLUSTER', 'KEYSLOT', key));
  }

  /** The server that owns the slot of a key now. */
  async primaryOf(key: string): Promise<ClusterNode> {
    const slot = await this.slotOf(key);
    const [owner] = await this.#select((line) => owns(line, slot));
    if (!owner) throw new Error(`Nobody owns slot ${slot}`);
    return owner;
  }

  /** Moves a slot with its keys from one primary to another while both go on serving. */
  async moveSlot(slot: number, fromId: string, toId: string): Promise<void> {
    const move = await this.beginMove(slot, fromId, toId);
    await this.finishMove(move);
  }

  /** The first half of it. */
  async beginMove(slot: number, fromId: string, toId: string): Promise<SlotMove> {
    return SlotMove.begin(slot, await this.#node(fromId), await this.#node(toId));
  }

  /** The second half; resolves when all nodes know the new owner. */
  async finishMove(move: SlotMove): Promise<void> {
    await move.finish();
    await this.untilHealthy();
  }

  /** Makes a replica the primary in its primary's place, as planned, and resolves when all nodes know. */
  async failover({ id, server }: ClusterEnd): Promise<void> {
    await ask(server, 'CLUSTER', 'FAILOVER');
    await untilWell(LIMIT_MS, async () => {
      const isOver = (await this.primaries()).some((primary) => primary.id === id);
      return isOver ? undefined : 'the replica has not taken over';
    });
    await this.untilHealthy();
  }

  /**
   * Resolves when all who are up agree that each slot has an owner that is up, and each replica has the data of its
   * primary. Whom a test has killed or frozen is not waited for.
   */
  untilHealthy(limitMs = LIMIT_MS): Promise<void> {
    return untilWell(limitMs, () => this.#trouble());
  }

  stop(): Promise<void> {
    return stopAll(this.nodes);
  }

  async #trouble(): Promise<string | undefined> {
    const nodes = up(this.nodes);
    const troubles = await Promise.all(nodes.map((node) => this.#troubleOf(node, nodes)));
    const views = new Set(await Promise.all(nodes.map(async (node) => ownership(await viewOf(node)))));
    return troubles.find((trouble) => trouble !== undefined) ?? (views.size > 1 ? 'nodes do not agree' : undefined);
  }

  async #troubleOf(node: RedisServer, nodes: readonly RedisServer[]): Promise<string | undefined> {
    const state = (await askInfo(node, 'CLUSTER', 'INFO')).get('cluster_state');
    if (state !== 'ok') return `port ${node.port} says ${String(state)}`;
    const ports = new Set(nodes.map(({ clientPort }) => clientPort));
    const view = (await viewOf(node)).filter(({ port }) => ports.has(port));
    const owned = view.flatMap(({ slots }) => slots).reduce((sum, [first, last]) => sum + last - first + 1, 0);
    if (owned < SLOTS) return `port ${node.port} misses slots`;
    const stranger = view.find(({ flags, isLinked }) => !isLinked || flags.some((flag) => /fail|handshake/.test(flag)));
    if (stranger) return `port ${node.port} has lost port ${stranger.port}`;
    const link = (await askInfo(node, 'INFO', 'replication')).get('master_link_status') ?? 'up';
    return link === 'up' ? undefined : `port ${node.port} waits for its primary`;
  }

  async #select(wanted: (line: NodeLine) => boolean): Promise<ClusterNode[]> {
    return (await newestView(this.nodes)).filter(wanted).map(({ id, port, slots }) => {
      const server = this.nodes.find(({ clientPort }) => clientPort === port);
      if (!server) throw new Error(`The cluster knows port ${port}, which is not one of its own`);
      return { id, server, slots };
    });
  }

  async #node(wanted: string): Promise<ClusterNode> {
    const [node] = await this.#select(({ id }) => id === wanted);
    if (!node) throw new Error(`There is no node ${wanted}`);
    return node;
  }
}

/** Who owns what, and who follows whom. */
function ownership(view: readonly NodeLine[]): string {
  return JSON.stringify(
    view
      .map(({ id, primary, slots }) => [id, primary, slots])
      .sort(([one], [other]) => String(one).localeCompare(String(other))),
  );
}

import { TcpProxy } from '../../src/testing/tcp-proxy.js';
import type { RedisOptions } from '../../src/index.js';
import { killBehind } from '../support/cut-off.js';
import { type ClusterNode, RedisCluster } from '../support/redis-cluster.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import { RedisServer } from '../support/redis-server.js';
import type { Chance } from './chance.js';
import { pause } from './context.js';
import { AGENTS, KEYS, USERS } from './source.js';

/** Where the caches of a run keep their values. */
export interface Place {
  /** How each process reaches Redis. */
  redisOf(process: number): RedisOptions;
  /** The one server, of a place that has one. */
  readonly server: RedisServer | undefined;
  /** One for each process, where its connection can be disturbed. */
  readonly proxies: readonly TcpProxy[];
  /** Has a replica take over as planned. */
  failover(chance: Chance): Promise<unknown>;
  /** Ends the primary, or one of them, as a crash does, and lets it come back as a replica. */
  killPrimary(chance: Chance): Promise<unknown>;
  /** Stops the primary, or one of them, until its replica has taken over, and lets it go on. */
  freezePrimary(chance: Chance): Promise<unknown>;
  /** Moves a slot that has keys to another primary. */
  moveSlot(chance: Chance): Promise<unknown>;
  stop(): Promise<void>;
}

const TOPOLOGIES = ['standalone', 'sentinel', 'cluster'] as const;
export type Topology = (typeof TOPOLOGIES)[number];
export { TOPOLOGIES };

/** What the place is to be like. */
export interface PlaceOptions {
  readonly topology: Topology;
  readonly processes: number;
  readonly proxied: boolean;
  readonly waitReplicas: number;
  readonly readFromReplicas: boolean;
}

const impossible = (): Promise<never> => Promise.reject(new Error('there is nothing to do it to'));
const NO_FAILOVER = { failover: impossible, killPrimary: impossible, freezePrimary: impossible, moveSlot: impossible };

/** Starts the servers of a place. */
export function openPlace(options: PlaceOptions): Promise<Place> {
  return OPENERS[options.topology](options);
}

const OPENERS: Readonly<Record<Topology, (options: PlaceOptions) => Promise<Place>>> = {
  standalone: async ({ processes, proxied }) => {
    const server = await RedisServer.start();
    const proxies = proxied ? await Promise.all(Array.from({ length: processes }, () => TcpProxy.to(server.port))) : [];
    return {
      ...NO_FAILOVER,
      ...{ server, proxies },
      redisOf: (process) => ({ url: `redis://127.0.0.1:${proxies[process]?.port ?? server.port}` }),
      stop: async () => {
        await Promise.all(proxies.map((proxy) => proxy.close()));
        await server.stop();
      },
    };
  },

  sentinel: async ({ waitReplicas, readFromReplicas }) => {
    const all = await RedisSentinel.start();
    const shared = { mode: 'sentinel', sentinels: all.sentinelUrls, name: all.name } as const;
    return {
      ...NO_FAILOVER,
      ...{ server: undefined, proxies: [], stop: () => all.stop() },
      redisOf: () => ({ ...shared, waitReplicas, readFromReplicas }),
      failover: () => all.failover(),
      killPrimary: async (chance) => {
        const primary = await all.primary();
        const replicas = all.servers.filter((server) => server !== primary);
        await killBehind(primary, replicas, () => pause(chance.pick([0, 200, 700, 1_200])));
        await all.untilHealthy();
        await primary.restart();
        await all.untilHealthy();
      },
      freezePrimary: async () => {
        const primary = await all.primary();
        primary.freeze();
        await all.untilHealthy();
        primary.resume();
        await all.untilHealthy();
      },
    };
  },

  cluster: async ({ waitReplicas, readFromReplicas }) => {
    const all = await RedisCluster.start();
    const onePrimary = async (chance: Chance): Promise<ClusterNode> => chance.pick(await all.primaries());
    return {
      ...{ server: undefined, proxies: [], stop: () => all.stop() },
      redisOf: () => ({ mode: 'cluster', nodes: all.urls.slice(0, 3), waitReplicas, readFromReplicas }),
      failover: async (chance) => all.failover(chance.pick(await all.replicas())),
      killPrimary: async (chance) => {
        const primary = await onePrimary(chance);
        const { server } = primary;
        const replicas = await all.replicasOf(primary);
        const followers = replicas.map((replica) => replica.server);
        await killBehind(server, followers, () => pause(chance.pick([0, 200, 700, 1_200])));
        await all.untilHealthy();
        await server.restart();
        await all.untilHealthy();
      },
      freezePrimary: async (chance) => {
        const { server } = await onePrimary(chance);
        server.freeze();
        await all.untilHealthy();
        await pause(chance.pick([0, 1_000, 3_000]));
        server.resume();
        await all.untilHealthy();
      },
      moveSlot: async (chance) => {
        const from = await onePrimary(chance);
        const to = chance.pick((await all.primaries()).filter(({ id }) => id !== from.id));
        const slot = await slotInUse(all, from, chance);
        if (slot === undefined) return;
        const move = await all.beginMove(slot, from.id, to.id);
        await pause(chance.between(0, 300));
        await move.moveKeys(1);
        await pause(chance.between(0, 300));
        await all.finishMove(move);
      },
    };
  },
};

/** A slot with keys of ours that a primary owns. */
async function slotInUse(all: RedisCluster, { slots }: ClusterNode, chance: Chance): Promise<number | undefined> {
  const names = [
    ...KEYS.map((key) => `shadower:e:{${key}}`),
    ...Array.from({ length: USERS }, (_, i) => `shadower:g:{user:${i}}`),
    ...Array.from({ length: AGENTS }, (_, i) => `shadower:g:{agent:${i}}`),
    ...['shadower:g:{*}', 'shadower:ledger'],
  ];
  const used = await Promise.all(names.map((name) => all.slotOf(name)));
  const own = used.filter((slot) => slots.some(([first, last]) => slot >= first && slot <= last));
  return own.length === 0 ? undefined : chance.pick(own);
}

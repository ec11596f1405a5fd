import type { CacheModuleOptions } from '../../src/cache/cache-options.js';
import { askInfo } from '../../test/support/ask.js';
import { startCache } from '../../test/support/caches.js';
import { RedisCluster } from '../../test/support/redis-cluster.js';
import { RedisReplicas } from '../../test/support/redis-replicas.js';
import type { RedisServer } from '../../test/support/redis-server.js';

/** The connections of one instance. */
export interface Connections {
  readonly mode: string;
  readonly all: number;
  /** To that server that has the most of them. */
  readonly most: number;
}

type Redis = NonNullable<CacheModuleOptions['redis']>;

/** In this time every client has asked for the slots once, and connected to what it found. */
const SETTLE = 7_000;

/** Counts the connections of one instance in each mode, on the servers themselves. */
export async function measureConnections(): Promise<Connections[]> {
  const group = await RedisReplicas.start({ replicas: 1 });
  const cluster = await RedisCluster.start();
  try {
    const { url } = group.primary;
    const replicas = group.replicas.map((replica) => replica.address);
    const { nodes, urls } = cluster;
    const servers = [group.primary, ...group.replicas];
    const alone = (mode: string, redis: object): Promise<Connections> => count(mode, { url, ...redis }, servers);
    const shared = (mode: string, redis: object): Promise<Connections> =>
      count(mode, { mode: 'cluster', nodes: urls, ...redis }, nodes);
    return [
      await alone('one server', {}),
      await alone('one server, `waitReplicas`', { waitReplicas: 1 }),
      await alone('one server, one of `replicas`', { replicas }),
      await shared('Cluster, three primaries and three replicas', {}),
      await shared('the same, `waitReplicas`', { waitReplicas: 1 }),
      await shared('the same, `readFromReplicas`', { readFromReplicas: true }),
    ];
  } finally {
    await cluster.stop();
    await group.stop();
  }
}

async function count(mode: string, redis: Redis, servers: readonly RedisServer[]): Promise<Connections> {
  const before = await clientsOf(servers);
  const instance = await startCache({ redis });
  const use = async (): Promise<void> => {
    await instance.cache.setMany(Array.from({ length: 100 }, (_, i) => [`item:${i}`, i] as const));
    await instance.cache.getMany(Array.from({ length: 100 }, (_, i) => `item:${i}`));
  };
  await use();
  await new Promise((resolve) => setTimeout(resolve, SETTLE));
  await use();
  const after = await clientsOf(servers);
  await instance.close();
  const grown = after.map((clients, i) => clients - (before[i] ?? 0));
  return { mode, all: grown.reduce((sum, clients) => sum + clients, 0), most: Math.max(...grown) };
}

async function clientsOf(servers: readonly RedisServer[]): Promise<number[]> {
  const facts = await Promise.all(servers.map((server) => askInfo(server, 'INFO', 'clients')));
  return facts.map((fact) => Number(fact.get('connected_clients')));
}

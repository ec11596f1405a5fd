import type { CacheModuleOptions } from '../../src/cache/cache-options.js';
import type { Milliseconds } from '../../src/primitives/units.js';
import { askInfo } from '../../test/support/ask.js';
import { startCache } from '../../test/support/caches.js';
import { RedisCluster } from '../../test/support/redis-cluster.js';
import { RedisReplicas } from '../../test/support/redis-replicas.js';
import type { RedisServer } from '../../test/support/redis-server.js';

/** The connections of one instance. */
export interface Connections {
  readonly mode: string;
  readonly primaries: number;
  readonly replicas: number;
  /** To that server that has the most of them. */
  readonly most: number;
}

type RedisOptions = NonNullable<CacheModuleOptions['redis']>;
type Servers = Readonly<Record<'primaries' | 'replicas', readonly RedisServer[]>>;

/** In this time clients of a Cluster have asked for its slots again. */
const SETTLE: Milliseconds = 7_000;

/** Counts the connections of one instance in each mode, on the servers themselves. */
export async function measureConnections(): Promise<Connections[]> {
  const group = await RedisReplicas.start({ replicas: 1 });
  const cluster = await RedisCluster.start();
  try {
    const { url } = group.primary;
    const alone = { primaries: [group.primary], replicas: group.replicas };
    const clustered = {
      primaries: (await cluster.primaries()).map(({ server }) => server),
      replicas: (await cluster.replicas()).map(({ server }) => server),
    };
    // A client stays connected to replicas that it was given by name.
    const nodes = { mode: 'cluster', nodes: clustered.primaries.map(({ address }) => address) } as const;
    return [
      await count('one server', { url }, alone),
      await count('one server, `waitReplicas`', { url, waitReplicas: 1 }, alone),
      await count('one server, one of `replicas`', { url, replicas: group.replicaUrls }, alone),
      await count('Cluster, three primaries and three replicas', nodes, clustered),
      await count('the same, `waitReplicas`', { ...nodes, waitReplicas: 1 }, clustered),
      await count('the same, `readFromReplicas`', { ...nodes, readFromReplicas: true }, clustered),
    ];
  } finally {
    await cluster.stop();
    await group.stop();
  }
}

async function count(mode: string, redis: RedisOptions, servers: Servers): Promise<Connections> {
  const before = await clientsOf(servers);
  // No L1: reads go to the servers.
  const instance = await startCache({ redis, memory: { maxEntries: 0 } });
  const use = async (): Promise<void> => {
    await instance.cache.setMany(Array.from({ length: 100 }, (_, i) => [`item:${i}`, i] as const));
    await instance.cache.getMany(Array.from({ length: 100 }, (_, i) => `item:${i}`));
  };
  await use();
  if (redis.mode === 'cluster') await new Promise((resolve) => setTimeout(resolve, SETTLE));
  await use();
  const after = await clientsOf(servers);
  await instance.close();
  const [primaries, replicas] = (['primaries', 'replicas'] as const).map((role) =>
    after[role].map((clients, i) => clients - (before[role][i] ?? 0)),
  ) as [number[], number[]];
  return { mode, primaries: sum(primaries), replicas: sum(replicas), most: Math.max(...primaries, ...replicas) };
}

async function clientsOf({ primaries, replicas }: Servers): Promise<Record<keyof Servers, number[]>> {
  const clients = async (server: RedisServer): Promise<number> =>
    Number((await askInfo(server, 'INFO', 'clients')).get('connected_clients'));
  return {
    primaries: await Promise.all(primaries.map(clients)),
    replicas: await Promise.all(replicas.map(clients)),
  };
}

function sum(counts: readonly number[]): number {
  return counts.reduce((total, each) => total + each, 0);
}

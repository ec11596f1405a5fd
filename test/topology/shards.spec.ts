import { Cluster } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { Shards } from '../../src/stores/redis/shards.js';
import { until } from '../support/caches.js';
import { type ClusterNode, RedisCluster } from '../support/redis-cluster.js';

let all: RedisCluster;
let client: Cluster;

beforeAll(async () => {
  all = await RedisCluster.start();
  const nodes = all.urls.map((url) => ({ host: '127.0.0.1', port: Number(url.split(':').at(-1)) }));
  client = new Cluster(nodes, { redisOptions: { disableClientInfo: true }, slotsRefreshInterval: 0 });
  await until(() => client.status === 'ready');
});
afterAll(async () => {
  client.disconnect();
  await all.stop();
});

async function primaries(): Promise<string[]> {
  return (await all.primaries()).map(({ server }) => `127.0.0.1:${server.port}`).toSorted();
}

it('goes over the slots once, not at each read, and again when another server has taken some over', async () => {
  const shards = new Shards(client);
  const before = shards.all;
  expect(before.toSorted()).toEqual(await primaries());
  expect(shards.all).toBe(before);

  const [replica] = (await all.replicas()) as [ClusterNode];
  await all.failover(replica);
  await shards.refresh();
  expect(shards.all.toSorted()).toEqual(await primaries());
  expect(shards.all).toContain(`127.0.0.1:${replica.server.port}`);
});

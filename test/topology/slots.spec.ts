import { Cluster } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClusterWatch } from '../../src/stores/redis/cluster-watch.js';
import { Shards } from '../../src/stores/redis/shards.js';
import { ManualClock } from '../../src/testing/manual-clock.js';
import { startCache, until } from '../support/caches.js';
import { type ClusterNode, RedisCluster } from '../support/redis-cluster.js';

let all: RedisCluster;
let client: Cluster;

beforeAll(async () => {
  all = await RedisCluster.start();
});
beforeEach(async () => {
  const nodes = all.urls.map((url) => ({ host: '127.0.0.1', port: Number(url.split(':').at(-1)) }));
  client = new Cluster(nodes, { redisOptions: { disableClientInfo: true }, slotsRefreshInterval: 0 });
  await until(() => client.status === 'ready');
});
afterEach(() => client.disconnect());
afterAll(() => all.stop());

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

describe('asking which server serves which slot', () => {
  const clock = new ManualClock();
  /** Every answer that is still awaited has come. */
  const answered = (): Promise<void> => new Promise((resolve) => client.refreshSlotsCache(() => resolve()));

  it('goes on every five seconds, and ends for good when the connection ends while it asks', async () => {
    const asking = vi.spyOn(client, 'refreshSlotsCache');
    const asked = (): number => asking.mock.calls.length;
    const watch = new ClusterWatch(client, clock, () => undefined);
    watch.start();
    await clock.advance(5_000);
    expect(asked()).toBe(1);
    await answered();
    await clock.advance(5_000);
    expect(asked()).toBe(3);

    watch.stop();
    await answered();
    await clock.advance(60_000);
    expect(asked()).toBe(4);
  });

  it('is never left to the client, whose rounds outlive it', async () => {
    const instance = await startCache({ redis: { mode: 'cluster', nodes: all.urls } });
    const { client: theirs } = instance.runtime.connection as NonNullable<typeof instance.runtime.connection>;
    expect((theirs as unknown as Cluster).options.slotsRefreshInterval).toBe(0);
    await instance.close();
  });
});

import { Cluster } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ask } from './ask.js';
import { RedisCluster } from './redis-cluster.js';
import { itCanHaveDoors, itLeavesNothingAfterACrash } from './server-group.contract.js';
import { remaining, tracesOf } from './traces.js';

/** Keys of one slot. */
const KEYS = Array.from({ length: 250 }, (_, index) => `{moved}:${index}`);

/** Two failovers on a loaded machine. */
const SLOW_MS = 60_000;

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start();
});
afterAll(() => cluster.stop());

async function portsOf(role: 'primaries' | 'replicas'): Promise<number[]> {
  return (await cluster[role]()).map(({ server }) => server.port);
}

describe('RedisCluster', () => {
  it('starts three primaries with a replica each, which own all slots', async () => {
    const [primaries, replicas] = await Promise.all([cluster.primaries(), cluster.replicas()]);

    expect(new Set([...primaries, ...replicas].map(({ server }) => server))).toEqual(new Set(cluster.nodes));
    expect(primaries.map(({ slots }) => slots).sort()).toEqual([[[0, 5460]], [[10923, 16383]], [[5461, 10922]]]);
    for (const primary of primaries) expect(await cluster.replicasOf(primary)).toHaveLength(1);
  });

  it('lets a client in by any of its URLs', async () => {
    const client = new Cluster(cluster.urls.slice(-1));
    await client.set('user:1', 'one');

    expect(await client.get('user:1')).toBe('one');
    const { server } = await cluster.primaryOf('user:1');
    expect(await ask(server, 'GET', 'user:1')).toBe('one');
    client.disconnect();
  });

  it('moves a slot with its keys, and lets a test look at it half moved', async () => {
    const slot = await cluster.slotOf('{moved}');
    const from = await cluster.primaryOf('{moved}');
    const to = (await cluster.primaries()).find(({ id }) => id !== from.id) ?? from;
    for (const key of KEYS) await ask(from.server, 'SET', key, key);

    const move = await cluster.beginMove(slot, from.id, to.id);
    const [gone = ''] = await move.moveKeys(1);
    const stays = KEYS.find((key) => key !== gone) ?? '';
    await expect(ask(from.server, 'GET', gone)).rejects.toThrow(`ASK ${slot} 127.0.0.1:${to.server.port}`);
    await expect(ask(from.server, 'MGET', gone, stays)).rejects.toThrow('TRYAGAIN');
    expect(await ask(from.server, 'GET', stays)).toBe(stays);
    expect(await cluster.primaryOf('{moved}')).toMatchObject({ id: from.id });

    await cluster.finishMove(move);
    expect(await cluster.primaryOf('{moved}')).toMatchObject({ id: to.id });
    expect(await ask(to.server, 'MGET', ...KEYS)).toEqual(KEYS);
    await expect(ask(from.server, 'GET', gone)).rejects.toThrow(`MOVED ${slot} 127.0.0.1:${to.server.port}`);

    await cluster.moveSlot(slot, to.id, from.id);
    expect(await ask(from.server, 'MGET', ...KEYS)).toEqual(KEYS);
  });

  it('lets a replica take over as planned', async () => {
    const primary = await cluster.primaryOf('user:1');
    const [replica] = await cluster.replicasOf(primary);

    await cluster.failover(replica ?? primary);

    expect(await cluster.primaryOf('user:1')).toMatchObject({ id: replica?.id });
    expect(await portsOf('replicas')).toContain(primary.server.port);
  });

  it.each(['kill', 'freeze'] as const)(
    'goes on after the %s of a primary, which comes back as a replica',
    async (end) => {
      const { server } = await cluster.primaryOf('user:1');

      await server[end]();
      await cluster.untilHealthy();
      expect((await cluster.primaryOf('user:1')).server).not.toBe(server);
      expect(await portsOf('primaries')).not.toContain(server.port);

      if (end === 'kill') await server.restart();
      else server.resume();
      await cluster.untilHealthy();
      expect(await portsOf('replicas')).toContain(server.port);
    },
    SLOW_MS,
  );

  it('says what is wrong with it', async () => {
    const { server } = await cluster.primaryOf('user:1');
    server.freeze();
    await expect(cluster.untilHealthy(100)).rejects.toThrow('misses slots');
    server.resume();
    await cluster.untilHealthy();
  });
});

describe('its doors', () => {
  itCanHaveDoors(
    (door) => RedisCluster.start({ primaries: 2, ...door }),
    async (guarded) => {
      const [from, to] = await guarded.primaries();
      const slot = from?.slots[0]?.[0] ?? 0;
      await guarded.moveSlot(slot, from?.id ?? '', to?.id ?? '');
      const [replica] = await guarded.replicas();
      expect(replica).toBeDefined();
      if (replica) await guarded.failover(replica);
    },
  );
});

describe('at its end', () => {
  it('leaves no process and no directory', async () => {
    const small = await RedisCluster.start({ primaries: 1 });
    const traces = tracesOf(small.nodes);
    small.nodes[0]?.freeze();
    expect(remaining(traces)).toHaveLength(4);

    await small.stop();

    expect(remaining(traces)).toEqual([]);
  });

  itLeavesNothingAfterACrash(
    2,
    'redis-cluster.ts',
    'const { nodes } = await module.RedisCluster.start({ primaries: 1 }); return nodes;',
  );
});

import { afterEach, describe, expect, it, vi } from 'vitest';
import { ask } from './ask.js';
import { RedisReplicas, type RedisReplicasOptions } from './redis-replicas.js';
import { itLeavesNothingAfterACrash } from './server-group.contract.js';
import { remaining, tracesOf } from './traces.js';

const started: RedisReplicas[] = [];

async function start(options?: RedisReplicasOptions): Promise<RedisReplicas> {
  const all = await RedisReplicas.start(options);
  started.push(all);
  return all;
}

afterEach(async () => {
  await Promise.all(started.splice(0).map((each) => each.stop()));
});

describe('RedisReplicas', () => {
  it('starts a primary and replicas that have its data', async () => {
    const all = await start({ replicas: 2, password: 'p@ss/word' });
    const { primary, replicas } = all;

    expect(await ask(primary, 'SET', 'user:1', 'one')).toBe('OK');
    await all.untilSynced();
    for (const replica of replicas) expect(await ask(replica, 'GET', 'user:1')).toBe('one');
    await expect(ask(replicas[0] ?? primary, 'SET', 'user:1', 'other')).rejects.toThrow('READONLY');
  });

  it('holds one replica back until it is mended', async () => {
    const all = await start({ replicas: 2 });
    const [behind, other] = all.replicas as [typeof all.primary, typeof all.primary];
    await ask(all.primary, 'SET', 'user:1', 'old');
    await all.untilSynced();

    all.cutReplication(0);
    await ask(all.primary, 'SET', 'user:1', 'new');
    await vi.waitFor(async () => expect(await ask(other, 'GET', 'user:1')).toBe('new'), 5_000);
    expect(await ask(behind, 'GET', 'user:1')).toBe('old');
    expect(await ask(behind, 'INFO', 'replication')).toContain('master_link_status:up');
    await expect(all.untilSynced(100)).rejects.toThrow('replica 0 has');

    all.mend(0);
    await all.untilSynced();
    expect(await ask(behind, 'GET', 'user:1')).toBe('new');
  });

  it('brings a killed replica back to the data of its primary', async () => {
    const all = await start();
    const [replica] = all.replicas as [typeof all.primary];
    await replica.kill();
    await ask(all.primary, 'SET', 'user:1', 'one');

    await replica.restart();
    await all.untilSynced();

    expect(await ask(replica, 'GET', 'user:1')).toBe('one');
  });

  it('leaves no process and no directory, even with a replica cut off or frozen', async () => {
    const all = await start({ replicas: 2 });
    const traces = tracesOf([all.primary, ...all.replicas]);
    all.cutReplication(0);
    all.replicas[1]?.freeze();

    await all.stop();

    expect(remaining(traces)).toEqual([]);
  });

  itLeavesNothingAfterACrash(
    2,
    'redis-replicas.ts',
    'const all = await module.RedisReplicas.start(); return [all.primary, ...all.replicas];',
  );
});

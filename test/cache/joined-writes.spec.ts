import type { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { SystemClock } from '../../src/primitives/clock.js';
import { Keyspace } from '../../src/stores/redis/keyspace.js';
import { RedisStore } from '../../src/stores/redis/redis-store.js';
import { startCache, type TestCache } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

const NOTHING = Buffer.alloc(0);

let server: RedisServer;
let instance: TestCache;
let redis: Redis;
let store: RedisStore;

beforeEach(async () => {
  server = await RedisServer.start();
  instance = await startCache({ redis: { url: server.url, commandTimeoutMs: 1_000 } });
  const { connection } = instance.runtime;
  if (!connection) throw new Error('a cache on Redis has a connection');
  redis = connection.client;
  store = new RedisStore(
    { commands: connection, invalidations: connection, replicas: undefined },
    { keyspace: new Keyspace('joined'), clock: new SystemClock(), scanCount: 10, waitReplicas: 0 },
  );
});

afterEach(async () => {
  await instance.close();
  await server.stop();
});

function acquire(key: string, token: string) {
  return store.acquire({ key, token, duration: 10_000, seen: NOTHING, keepSeen: false });
}

function filling(key: string, token: string, bytes = Buffer.from(key)) {
  return { key, token, bytes, keepFor: 10_000 };
}

async function calls(command: string): Promise<number> {
  const said = await redis.info('commandstats');
  return Number(new RegExp(`cmdstat_${command}:calls=(\\d+)`).exec(said)?.[1] ?? 0);
}

describe('the writes of one tick', () => {
  it('share one command, whoever asks, and each has its own answer', async () => {
    await store.seize(['taken'], 'theirs', 10_000);
    await redis.config('RESETSTAT');
    const asked = [acquire('a', '1'), acquire('taken', '2'), acquire('b', '3')];
    expect((await Promise.all(asked)).map(({ kind }) => kind)).toEqual(['granted', 'busy', 'granted']);
    const stored = await Promise.all([store.fill([filling('a', '1')]), store.fill([filling('b', 'lost')])]);
    expect(stored).toEqual([[true], [false]]);
    expect(await calls('evalsha')).toBe(2);
  });

  it('are executed in the order in which they were asked for', async () => {
    const answers = await Promise.all([acquire('a', '1'), store.release('a', '1'), acquire('a', '2')]);
    expect(answers[2]).toMatchObject({ kind: 'granted' });
    const [first, second] = await Promise.all([
      store.mint([{ tag: 't', token: 'first' }]),
      store.mint([
        { tag: 't', token: 'second' },
        { tag: 'u', token: 'third' },
      ]),
    ]);
    expect([first, second]).toEqual([['first'], ['first', 'third']]);
  });

  it('come before what is asked for after them: a value that is set and at once deleted does not stay', async () => {
    const seized = store.seize(['a'], '1', 10_000);
    const removed = store.remove(['a']);
    await Promise.all([seized, removed]);
    expect(await store.fill([filling('a', '1')])).toEqual([false]);
  });

  it('come before what holds a lease for longer', async () => {
    const [, extended] = await Promise.all([store.seize(['a'], '1', 1_000), store.extend('a', '1', 10_000)]);
    expect(extended).toBe(true);
  });

  it('come before the announcements that tell whether a late tag was read in time', async () => {
    const since = await store.announcements('begun');
    await redis.config('RESETSTAT');
    const monitor = await redis.monitor();
    const seen: string[] = [];
    monitor.on('monitor', (_time: string, [command = '']: string[]) => seen.push(command.toLowerCase()));
    expect(await store.mintLate([{ tag: 't', token: '1' }], since)).toEqual(['1']);
    // Told on a connection of its own, so perhaps after the answers.
    await expect.poll(() => seen).toContain('xrevrange');
    monitor.disconnect();
    expect(seen.filter((command) => ['evalsha', 'eval', 'xrevrange'].includes(command))).toEqual([
      expect.stringMatching('eval'),
      'xrevrange',
    ]);
  });

  it('come before an invalidation of a tag, so that a generation minted before it is not in force after it', async () => {
    const minting = store.mint([{ tag: 't', token: 'old' }]);
    await Promise.all([minting, store.change([{ tag: 't', token: 'new' }])]);
    expect(await store.mint([{ tag: 't', token: 'later' }])).toEqual(['new']);
  });

  it('come before a walk over leases', async () => {
    const seized = store.seize(['a'], '1', 10_000);
    const found: string[] = [];
    for await (const keys of store.scan('lease', '*')) found.push(...keys);
    await seized;
    expect(found).toEqual(['a']);
  });

  it('fail alone: one on a key of a wrong type stops no other', async () => {
    await redis.xadd('joined:l:{wrong}', '*', 'x', '1');
    await Promise.all([acquire('a', '1'), acquire('b', '2')]);
    const [a, wrong, b] = await Promise.allSettled([
      store.fill([filling('a', '1')]),
      store.fill([filling('wrong', '1')]),
      store.fill([filling('b', '2')]),
    ]);
    expect(wrong).toMatchObject({ status: 'rejected', reason: { failure: 'protocol', operation: 'fill' } });
    expect([a, b]).toEqual([
      { status: 'fulfilled', value: [true] },
      { status: 'fulfilled', value: [true] },
    ]);
  });

  it('are not refused for one that touches what the user may not touch', async () => {
    await redis.acl('SETUSER', 'default', 'resetkeys', '~joined:?:{a}', '~joined:?:{b}');
    const [a, other, b] = await Promise.allSettled([acquire('a', '1'), acquire('other', '2'), acquire('b', '3')]);
    expect(other).toMatchObject({ reason: { failure: 'permission', operation: 'acquire' } });
    expect([a.status, b.status]).toEqual(['fulfilled', 'fulfilled']);
  });

  it('fail each with its own name when the server does not answer', async () => {
    await acquire('a', '1');
    process.kill(server.pid, 'SIGSTOP');
    try {
      const asked = [
        store.seize(['a'], '1', 10_000),
        store.mint([{ tag: 't', token: '1' }]),
        store.fill([filling('a', '1')]),
      ];
      expect(await Promise.allSettled(asked)).toMatchObject(
        ['seize', 'mint', 'fill'].map((operation) => ({ reason: { failure: 'timeout', operation, shard: '' } })),
      );
    } finally {
      process.kill(server.pid, 'SIGCONT');
    }
  });

  it('make a client leave a server that has become a replica, as one that fails alone does', async () => {
    await Promise.all([acquire('a', '1'), acquire('b', '2')]);
    const closed = new Promise((resolve) => redis.once('close', resolve));
    await redis.replicaof('127.0.0.1', String(server.port + 1));
    const refused = await Promise.allSettled([acquire('c', '3'), acquire('d', '4')]);
    expect(refused).toMatchObject([{ reason: { failure: 'read-only' } }, { reason: { failure: 'read-only' } }]);
    await closed;
  });

  it('are as many commands as keep the server free: it never works at one for long', async () => {
    const keys = Array.from({ length: 1_000 }, (_, i) => `k${i}`);
    await Promise.all(keys.map((key) => acquire(key, '1')));
    await redis.config('RESETSTAT');
    const bytes = Buffer.alloc(10_000, 'x');
    const stored = await Promise.all(keys.map((key) => store.fill([filling(key, '1', bytes)])));
    expect(stored.flat()).toEqual(keys.map(() => true));
    // Of 256 KiB each.
    expect(await calls('evalsha')).toBe(Math.ceil(1_000 / Math.floor((256 * 1024) / bytes.length)));
    await redis.config('RESETSTAT');
    await Promise.all(keys.map((key) => store.seize([key], '2', 10_000)));
    expect(await calls('evalsha')).toBe(Math.ceil(1_000 / 128));
  });

  it('leave with a release at once, as nobody waits for that', async () => {
    await acquire('a', '1');
    void store.release('a', '1');
    expect(await redis.exists('joined:l:{a}')).toBe(0);
  });
});

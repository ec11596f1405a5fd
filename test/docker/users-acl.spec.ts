import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { defineKey } from '../../src/index.js';
import { startCache, type TestCache } from '../support/caches.js';
import { SHIPPED, ShippedRedis, type User, USERS } from './support/shipped-redis.js';

const Profile = defineKey('user:{userId}:profile');

let redis: ShippedRedis;
let operator: Redis;
beforeAll(async () => {
  redis = await ShippedRedis.start();
  operator = redis.clientOf('operator');
});
afterAll(() => redis.stop());

/** What Redis refused so far: `user command-or-key`. */
async function refusals(): Promise<string[]> {
  const log = (await operator.acl('LOG')) as unknown[][];
  return log.map(
    (fields) => `${String(fields[fields.indexOf('username') + 1])} ${String(fields[fields.indexOf('object') + 1])}`,
  );
}

/** The commands that the file gives a user. */
function granted(user: User): string[] {
  const line = readFileSync(join(SHIPPED, 'users.acl'), 'utf8')
    .split('\n')
    .find((text) => text.startsWith(`user ${user} `));
  return (line ?? '').split(' ').flatMap((word) => (word.startsWith('+') ? [word.slice(1)] : []));
}

describe('the user app', () => {
  const caches: TestCache[] = [];
  const start = async (): Promise<TestCache> => {
    const cache = await startCache({
      redis: { url: redis.urlOf('app') },
      templates: [Profile],
      indexedPatterns: ['report:*'],
      grace: 60,
      sweep: { restMs: 50 },
    });
    caches.push(cache);
    return cache;
  };
  afterAll(() => Promise.all(caches.map((cache) => cache.close())));

  it('may do all that the cache does', async () => {
    await operator.acl('LOG', 'RESET');
    await operator.config('RESETSTAT');
    const [here, there] = [await start(), await start()];

    expect(await here.cache.getOrLoad(Profile({ userId: 1 }), () => 'one')).toBe('one');
    expect(await there.cache.lookup(Profile({ userId: 1 }), () => 'other')).toMatchObject({
      value: 'one',
      source: 'l2',
    });
    expect(
      await here.cache.getOrLoadMany(
        [2, 3].map((userId) => Profile({ userId })),
        (keys) => keys.map(() => 'many'),
      ),
    ).toBeDefined();
    expect(await here.cache.set('user:4:profile', 'four', { ttl: 60 })).toBe(true);
    expect(await there.cache.get('user:4:profile', { consistency: 'strict' })).toBe('four');
    expect(await there.cache.getMany(['user:4:profile'])).toBeDefined();
    expect(await there.cache.exists('user:4:profile')).toBe(true);
    expect(await here.cache.delete('user:4:profile')).toBe(true);

    const { invalidation } = here;
    for (const invalidate of [
      () => invalidation.user(1),
      () => invalidation.sweep(),
      () => invalidation.tags(['user:2']),
      () => invalidation.pattern('user:*'),
      () => invalidation.pattern('report:*'),
      () => invalidation.pattern('user:*', { dryRun: true }),
      () => invalidation.all(),
    ])
      await invalidate();
    expect(await here.cache.clearPattern('user:*')).toBeTypeOf('number');
    expect(await invalidation.history()).not.toEqual([]);
    expect(await here.cache.explain(Profile({ userId: 1 }))).toBeDefined();
    expect(await here.runtime.store.count()).toBeGreaterThan(0);
    await here.runtime.store.ping();

    expect(here.events.filter(({ type }) => type === 'remote.failed')).toEqual([]);
    expect(await refusals()).toEqual([]);
  });

  it('has no right that the cache does not use', async () => {
    const used = [...(await operator.info('commandstats')).matchAll(/^cmdstat_([^:]+):/gm)].map(([, name]) => name);
    // For a password without a database, and for a URL with one.
    const atConnect = ['auth', 'select'];
    // A loader that takes long renews its lease.
    const rare = ['pexpire'];
    // What a Cluster and replicas need besides: test/topology sends these.
    const elsewhere = [
      'client|setname',
      'wait',
      'cluster|info',
      'cluster|slots',
      'cluster|nodes',
      'asking',
      'readonly',
    ];
    const known = [...used, ...atConnect, ...rare, ...elsewhere];
    expect(granted('app').filter((command) => !known.includes(command))).toEqual([]);
  });

  it.each([
    ['a key of others', (client: Redis) => client.get('billing:1')],
    ['a write to a key of others', (client: Redis) => client.set('billing:1', 'x')],
    ['KEYS', (client: Redis) => client.keys('*')],
    ['FLUSHALL', (client: Redis) => client.flushall()],
    ['FLUSHDB', (client: Redis) => client.flushdb()],
    ['CONFIG', (client: Redis) => client.config('GET', '*')],
    ['SCRIPT FLUSH', (client: Redis) => client.script('FLUSH')],
    ['CLIENT KILL', (client: Redis) => client.client('KILL', 'ID', '1')],
    ['ACL', (client: Redis) => client.acl('LIST')],
    ['MONITOR', (client: Redis) => client.call('MONITOR')],
    ['SHUTDOWN', (client: Redis) => client.call('SHUTDOWN', 'NOSAVE')],
    ['a channel', (client: Redis) => client.publish('news', 'x')],
    [
      'a script on a key of others',
      (client: Redis) => client.eval("return redis.call('GET', KEYS[1])", 1, 'billing:1'),
    ],
    ['a script that empties Redis', (client: Redis) => client.eval("return redis.call('FLUSHALL')", 0)],
  ])('may not use %s', async (_name, command) => {
    await expect(command(redis.clientOf('app'))).rejects.toThrow(/NOPERM|ACL failure|user executing the script can't/);
  });

  it('has the prefix of the deployment', async () => {
    const other = await ShippedRedis.start({ CACHE_PREFIX: 'billing' });
    try {
      expect(await other.clientOf('app').set('billing:1', 'x')).toBe('OK');
      await expect(other.clientOf('app').set('shadower:1', 'x')).rejects.toThrow('NOPERM');
    } finally {
      await other.stop();
    }
  });
});

describe('the other users', () => {
  it('default is off', async () => {
    const stranger = redis.clientOf('app', {
      username: 'default',
      password: redis.passwordOf('app'),
      retryStrategy: () => null,
    });
    await expect(stranger.ping()).rejects.toThrow();
    const nobody = new Redis({
      port: redis.server.port,
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    await expect(nobody.ping()).rejects.toThrow('NOAUTH');
    nobody.disconnect();
  });

  it('health may ping and nothing else', async () => {
    expect(await redis.clientOf('health').ping()).toBe('PONG');
    await expect(redis.clientOf('health').dbsize()).rejects.toThrow('NOPERM');
    await expect(redis.clientOf('health').get('shadower:1')).rejects.toThrow('NOPERM');
  });

  it('exporter reads numbers and no keys', async () => {
    const exporter = redis.clientOf('exporter');
    expect(await exporter.info('memory')).toContain('maxmemory:536870912');
    await expect(exporter.get('shadower:1')).rejects.toThrow('NOPERM');
    await expect(exporter.config('SET', 'maxmemory', '1')).rejects.toThrow('NOPERM');
  });

  it('operator may do what the runbook asks for', async () => {
    expect(await operator.config('SET', 'maxmemory', '512mb')).toBe('OK');
    expect(await operator.dbsize()).toBeTypeOf('number');
  });
});

describe('start.sh', () => {
  it('writes hashes only, for the owner only', () => {
    const file = join(redis.server.directory, 'users.acl');
    const users = readFileSync(file, 'utf8');
    for (const user of USERS) expect(users).not.toContain(redis.passwordOf(user));
    expect(users).not.toMatch(/[{}]|^#/m);
    expect(statSync(file).mode & 0o077).toBe(0);
  });

  it('takes the one password of development where there are no secrets', async () => {
    const one = await ShippedRedis.start({ REDIS_SECRETS: '/no/such/folder', REDIS_PASSWORD: 'of/the+variable' });
    try {
      const url = `redis://app@127.0.0.1:${one.server.port}/0`;
      const cache = await startCache({ redis: { url, password: 'of/the+variable' } });
      await cache.close();
    } finally {
      await one.stop();
    }
  });

  it('does not start without a password', async () => {
    const start = ShippedRedis.start({ REDIS_SECRETS: '/no/such/folder', REDIS_PASSWORD: '' });
    await expect(start).rejects.toThrow('There is no password for the Redis user app');
  });
});

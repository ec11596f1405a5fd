import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CacheModuleOptions } from '../../src/index.js';
import { describeCacheContract } from '../../src/testing/entry.js';
import { passwordOf, serverUsers } from '../support/acl.js';
import { inSandbox, run } from '../guards/sandbox.js';
import { RedisReplicas } from '../support/redis-replicas.js';
import { RedisServer } from '../support/redis-server.js';

/** Runs the promises whose names match, with a runner of our own, and tells which were not kept, and why. */
async function broken(options: CacheModuleOptions, names = /./): Promise<Record<string, string>> {
  const tests: [string, () => Promise<void>][] = [];
  const runner = {
    describe: (_name: string, body: () => void) => {
      body();
    },
    it: (name: string, test: () => Promise<void>) => tests.push([name, test]),
  };
  describeCacheContract(runner, () => options);
  const faults: Record<string, string> = {};
  for (const [name, test] of tests.filter(([each]) => names.test(each)))
    await test().catch((error: unknown) => (faults[name] = String(error)));
  return faults;
}

describe('the contract of the cache', { timeout: 60_000 }, () => {
  let server: RedisServer;
  let admin: Redis;
  beforeAll(async () => {
    server = await RedisServer.start({ users: serverUsers('mine') });
    admin = new Redis({ ...server.admin, host: '127.0.0.1', disableClientInfo: true });
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  const options = (redis: object = {}): CacheModuleOptions => ({
    prefix: 'mine',
    redis: { url: server.url, retry: 'fast', ...redis },
  });

  it('is kept by a good Redis, whatever else the options say, and leaves nothing there that stays', async () => {
    await admin.set('mine:foreign', 'untouched');
    const strict = { consistency: 'strict', grace: 60, memory: { maxEntries: 10 }, blastLimit: 0.1 } as const;
    expect(await broken({ ...options({ failFast: true }), ...strict })).toEqual({});

    const names = await admin.keys('*');
    const staying = await Promise.all(names.map(async (name) => ((await admin.ttl(name)) === -1 ? [name] : [])));
    expect(staying.flat()).toEqual(['mine:foreign']);
  });

  it('says where there is no Redis to be tried, and where it cannot be used', async () => {
    expect(await broken({}, /at a time/)).toEqual({
      'are set and read many at a time, wherever their keys lie': expect.stringContaining(
        'redis must be where the Redis is that the contract is tried on; received undefined',
      ) as string,
    });
    expect(await broken(options({ url: server.address, password: 'wrong' }), /TTL/)).toEqual({
      'live as long as their TTL, and no longer': expect.stringMatching(
        /Redis could not be used within 5000 ms \(.*authentication.*\)/,
      ) as string,
    });
  });

  it('is broken by a user that may not write the ledger, and says what is lacking', async () => {
    const password = passwordOf('hindered');
    await admin.acl('SETUSER', 'hindered', 'on', `>${password}`, '~mine:*', '&*', '+@all', '-xadd');
    const hindered = options({ url: server.address, username: 'hindered', password });
    expect(await broken(hindered, /by a tag/)).toEqual({
      'by a tag reach every key that carries it': expect.stringContaining('permission') as string,
    });
  });

  it('is broken by a replica that was taken for the primary', async () => {
    const group = await RedisReplicas.start({ replicas: 1 });
    try {
      const replica = { redis: { url: group.replicaUrls[0] as string, retry: 'fast' } } as const;
      expect(Object.keys(await broken(replica, /gone once deleted/))).toHaveLength(1);
    } finally {
      await group.stop();
    }
  });

  it('runs on node:test as it does here', async () => {
    const file = `import { describe, it } from 'node:test';
      import 'reflect-metadata';
      import { describeCacheContract } from './src/testing/entry.js';
      describeCacheContract({ describe, it }, () => ({ prefix: 'mine', redis: { url: process.env.REDIS_URL } }));
    `;
    const args = ['--import', 'tsx', '--test', '--test-reporter', 'tap', 'contract.test.ts'];
    const { code, output } = await inSandbox(['src', 'tsconfig.json'], { 'contract.test.ts': file }, (box) =>
      run(box.directory, process.execPath, args, { REDIS_URL: server.url }),
    );
    expect(code, output).toBe(0);
    expect(output).toMatch(/^# pass 14$/m);
    expect(output).toMatch(/^# fail 0$/m);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { ShippedRedis, type User } from '../docker/support/shipped-redis.js';
import { serverUsers, shippedUsers } from './acl.js';
import { ask } from './ask.js';
import { RedisServer } from './redis-server.js';

describe('the users of the tests', () => {
  it('are those that start.sh makes of the shipped file', async () => {
    const shipped = await ShippedRedis.start({ CACHE_PREFIX: 'reports' });
    const users = readFileSync(join(shipped.server.directory, 'users.acl'), 'utf8');
    await shipped.stop();

    expect(shippedUsers('reports', (user) => shipped.passwordOf(user as User))).toBe(users);
  });

  it('let the application in by the URL of the server, with the rights of app', async () => {
    const server = await RedisServer.start({ users: serverUsers('reports') });
    const client = new Redis(server.url, { protocol: 2, disableClientInfo: true });
    try {
      expect(await client.set('reports:1', 'one')).toBe('OK');
      await expect(client.set('others:1', 'one')).rejects.toThrow('NOPERM');
      expect(await ask(server, 'ACL', 'WHOAMI')).toBe('operator');
    } finally {
      client.disconnect();
      await server.stop();
    }
  });
});

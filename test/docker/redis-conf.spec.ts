import { readFileSync } from 'node:fs';
import { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RedisServer } from '../support/redis-server.js';
import { inSandbox, TREE } from '../guards/sandbox.js';

const CONF = `${TREE}/docker/redis/redis.conf`;
const PASSWORD = 'shadower_redis_dev_password_change_in_production';

describe('redis-server docker/redis/redis.conf', () => {
  let server: RedisServer;
  let client: Redis;
  beforeAll(async () => {
    server = await RedisServer.start({ config: CONF });
    client = new Redis({ port: server.port, password: PASSWORD, disableClientInfo: true });
  });
  afterAll(async () => {
    client.disconnect();
    await server.stop();
  });

  it('starts and answers to the password only', async () => {
    expect(await client.ping()).toBe('PONG');
    const stranger = new Redis({
      port: server.port,
      protocol: 2,
      lazyConnect: true,
      enableReadyCheck: false,
      disableClientInfo: true,
    });
    await expect(stranger.ping()).rejects.toThrow('NOAUTH');
    stranger.disconnect();
  });

  it.each([
    ['maxmemory', '536870912'],
    ['maxmemory-policy', 'allkeys-lru'],
    ['lazyfree-lazy-eviction', 'yes'],
    ['lazyfree-lazy-expire', 'yes'],
    ['lazyfree-lazy-server-del', 'yes'],
    ['protected-mode', 'yes'],
    ['slowlog-log-slower-than', '10000'],
    ['slowlog-max-len', '128'],
    ['save', ''],
    ['appendonly', 'no'],
    ['timeout', '0'],
  ])('sets %s to "%s"', async (name, value) => {
    expect(await client.config('GET', name)).toEqual([name, value]);
  });

  it('leaves no line of the file unread: a comment behind a value stops the start', async () => {
    const broken = readFileSync(CONF, 'utf8').replace('allkeys-lru', 'allkeys-lru  # evict the least recently used');
    await inSandbox([], { 'redis.conf': broken }, async (box) => {
      const start = RedisServer.start({ config: `${box.directory}/redis.conf` });
      await expect(start).rejects.toThrow('FATAL CONFIG FILE ERROR');
    });
  });
});

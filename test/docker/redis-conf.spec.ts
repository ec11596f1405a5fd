import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Redis } from 'ioredis';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { inSandbox } from '../guards/sandbox.js';
import { RedisServer } from '../support/redis-server.js';
import { SHIPPED, ShippedRedis } from './support/shipped-redis.js';

const CONF = join(SHIPPED, 'redis.conf');
const TEXT = readFileSync(CONF, 'utf8');

describe('redis-server docker/redis/redis.conf', () => {
  let redis: ShippedRedis;
  let operator: Redis;
  beforeAll(async () => {
    redis = await ShippedRedis.start();
    operator = redis.clientOf('operator');
  });
  afterAll(() => redis.stop());

  it.each([
    ['maxmemory', '536870912'],
    ['maxmemory-policy', 'allkeys-lru'],
    ['maxmemory-samples', '10'],
    ['maxmemory-clients', '10%'],
    ['lazyfree-lazy-eviction', 'yes'],
    ['lazyfree-lazy-expire', 'yes'],
    ['lazyfree-lazy-server-del', 'yes'],
    ['lazyfree-lazy-user-del', 'yes'],
    ['lazyfree-lazy-user-flush', 'yes'],
    ['protected-mode', 'yes'],
    ['requirepass', ''],
    ['slowlog-log-slower-than', '10000'],
    ['slowlog-max-len', '128'],
    ['latency-monitor-threshold', '100'],
    ['notify-keyspace-events', ''],
    ['save', ''],
    ['appendonly', 'no'],
    ['timeout', '0'],
  ])('sets %s to "%s"', async (name, value) => {
    expect(await operator.config('GET', name)).toEqual([name, value]);
  });

  it('bounds the output buffers of every kind of client', async () => {
    const [, limits] = (await operator.config('GET', 'client-output-buffer-limit')) as [string, string];
    for (const kind of ['normal', '(?:slave|replica)', 'pubsub'])
      expect(limits).toMatch(new RegExp(`${kind} [1-9]\\d* `));
  });

  it('refuses DEBUG, modules and changes of protected settings even to an operator', async () => {
    await expect(operator.call('DEBUG', 'SLEEP', '0')).rejects.toThrow('not allowed');
    await expect(operator.call('MODULE', 'LOAD', '/no/such/module')).rejects.toThrow('not allowed');
    await expect(operator.config('SET', 'dir', '/')).rejects.toThrow('protected config');
  });

  it('has a comment only on a line of its own', async () => {
    const planted = TEXT.replace('maxmemory-policy allkeys-lru', '$&  # evict the least recently used');
    await inSandbox([], { 'redis.conf': planted }, async ({ directory }) => {
      const start = RedisServer.start({ config: join(directory, 'redis.conf') });
      await expect(start).rejects.toThrow('FATAL CONFIG FILE ERROR');
    });
  });

  it('starts with the options it offers in comments', async () => {
    const options = /^# (?=save |notify-keyspace-events |rename-command )/gm;
    expect(TEXT.match(options)).toHaveLength(5);
    await inSandbox([], { 'redis.conf': TEXT.replace(options, '') }, async ({ directory }) => {
      const server = await ShippedRedis.start({}, { config: join(directory, 'redis.conf') });
      const client = server.clientOf('operator');
      expect(await client.config('GET', 'notify-keyspace-events')).toEqual(['notify-keyspace-events', 'xeE']);
      expect(await client.config('GET', 'save')).toEqual(['save', '3600 1 300 100']);
      await expect(client.flushall()).rejects.toThrow('unknown command');
      await server.stop();
    });
  });
});

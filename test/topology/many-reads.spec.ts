import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { readMany } from '../../src/stores/redis/many-reads.js';
import { RedisServer } from '../support/redis-server.js';

/* Whatever becomes of many reads, each command of the connection gets its own reply, and no other's. */

let server: RedisServer;
let redis: Redis;

beforeEach(async () => {
  server = await RedisServer.start();
  redis = new Redis(server.url, { disableClientInfo: true, commandTimeout: 300, maxRetriesPerRequest: 0 });
  // Told to whoever waits.
  redis.on('error', () => undefined);
  await redis.mset('a', 'A', 'b', 'B', 'c', 'C', 'é', 'É');
  await redis.lpush('list', 'x');
});

afterEach(async () => {
  redis.disconnect();
  await server.stop();
});

const bytes = (text: string): Buffer => Buffer.from(text);

describe('many reads', () => {
  it('are answered in order, of one name and of several, beside other commands', async () => {
    const answers = await Promise.all([
      redis.get('a'),
      readMany(redis, [['a'], ['b', 'none', 'c'], ['none'], ['é']]),
      redis.get('b'),
      readMany(redis, [['c']]),
      readMany(redis, [['b'], ['a']]),
      redis.get('c'),
    ]);
    expect(answers).toEqual([
      'A',
      [bytes('A'), [bytes('B'), null, bytes('C')], null, bytes('É')],
      'B',
      [bytes('C')],
      [bytes('B'), bytes('A')],
      'C',
    ]);
  });

  it('tell the errors of some beside the values of others', async () => {
    const [replies, next] = await Promise.all([
      readMany(redis, [['a'], ['list'], ['list', 'b'], ['c']]),
      redis.get('a'),
    ]);
    expect(replies).toEqual([bytes('A'), expect.any(Error), [null, bytes('B')], bytes('C')]);
    expect(String(replies[1])).toContain('WRONGTYPE');
    expect(next).toBe('A');
  });

  it('take replies that come in many parts', async () => {
    const names = Array.from({ length: 40 }, (_, i) => `large:${i}`);
    const values = names.map((name) => name.repeat(20_000));
    await redis.mset(...names.flatMap((name, i) => [name, values[i] as string]));
    const [replies, next] = await Promise.all([
      readMany(
        redis,
        names.map((name) => [name]),
      ),
      redis.get('a'),
    ]);
    expect(replies.map(String)).toEqual(values);
    expect(next).toBe('A');
  });

  it('count on when they have timed out, so that what follows gets its own', async () => {
    const operator = new Redis(server.url, { disableClientInfo: true });
    await operator.client('PAUSE', 600);
    const late = readMany(redis, [['a'], ['b'], ['c']]);
    await expect(late).rejects.toThrow('timed out');
    const next = redis.get('b').catch(String);
    const after = async (): Promise<unknown> => {
      await new Promise((resolve) => setTimeout(resolve, 250));
      return Promise.all([readMany(redis, [['c'], ['a']]), redis.get('b')]);
    };
    expect(await after()).toEqual([[bytes('C'), bytes('A')], 'B']);
    expect(['B', 'Error: Command timed out']).toContain(await next);
    operator.disconnect();
  });

  it('fail as one when the connection ends, and the next connection is as new', async () => {
    const operator = new Redis(server.url, { disableClientInfo: true });
    await operator.client('PAUSE', 200);
    const failed = readMany(redis, [['a'], ['b']]);
    redis.disconnect(true);
    await expect(failed).rejects.toThrow();
    await expect.poll(() => redis.status).toBe('ready');
    expect(await Promise.all([readMany(redis, [['b'], ['a']]), redis.get('c')])).toEqual([
      [bytes('B'), bytes('A')],
      'C',
    ]);
    operator.disconnect();
  });
});

import { Redis, type RedisOptions } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TcpProxy } from '../../src/testing/tcp-proxy.js';
import { until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

let redis: RedisServer;
let proxy: TcpProxy;
let client: Redis;

const OPTIONS = { disableClientInfo: true, retryStrategy: () => null, commandTimeout: 5_000 } satisfies RedisOptions;

async function connected(): Promise<Redis> {
  const made = new Redis(proxy.port, '127.0.0.1', OPTIONS);
  made.on('error', () => undefined);
  await made.ping();
  return made;
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return performance.now() - began;
}

beforeEach(async () => {
  redis = await RedisServer.start();
  proxy = await TcpProxy.to(redis.port);
  client = await connected();
});

afterEach(async () => {
  client.disconnect();
  await proxy.close();
  await redis.stop();
});

describe('TcpProxy', () => {
  it('passes large values on unchanged, both ways', async () => {
    const value = 'x'.repeat(3_000_000);
    await client.set('k', value);
    expect(await client.get('k')).toBe(value);
  });

  it('swallows what is sent and lets it arrive afterwards', async () => {
    proxy.swallow(true);
    const answer = client.get('k');
    const early = await Promise.race([answer, new Promise((resolve) => setTimeout(resolve, 100, 'nothing'))]);
    expect(early).toBe('nothing');
    expect(client.status).toBe('ready');
    proxy.swallow(false);
    expect(await answer).toBeNull();
  });

  it('swallows what new connections send, too', async () => {
    proxy.swallow(true);
    const late = new Redis(proxy.port, '127.0.0.1', OPTIONS);
    await until(() => late.status === 'connect');
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(late.status).toBe('connect');
    proxy.swallow(false);
    await until(() => late.status === 'ready');
    late.disconnect();
  });

  it('slows every reply, also of connections that come later', async () => {
    proxy.slow(150);
    expect(await timed(() => client.ping())).toBeGreaterThanOrEqual(149);
    const late = await connected();
    expect(await timed(() => late.ping())).toBeGreaterThanOrEqual(149);
    proxy.slow(0);
    expect(await timed(() => client.ping())).toBeLessThan(140);
    late.disconnect();
  });

  it('keeps the order of replies when the delay shrinks', async () => {
    const order: number[] = [];
    proxy.slow(150);
    const first = client.ping().then(() => order.push(1));
    await new Promise((resolve) => setTimeout(resolve, 30));
    proxy.slow(0);
    await Promise.all([first, client.ping().then(() => order.push(2))]);
    expect(order).toEqual([1, 2]);
  });

  it('delays each direction of a connection of now as it is told', async () => {
    proxy.delay(() => 60);
    expect(await timed(() => client.ping())).toBeGreaterThanOrEqual(118);
  });

  it('cuts every connection at once', async () => {
    const other = await connected();
    proxy.cut();
    await until(() => client.status === 'end' && other.status === 'end');
    expect(proxy.connections).toBe(0);
    await expect(client.ping()).rejects.toThrow();
  });

  it('cuts in the middle of a reply, and lets the next connection pass', async () => {
    await client.set('k', 'x'.repeat(1_000));
    proxy.cutAfter(500);
    await expect(client.get('k')).rejects.toThrow();
    const next = await connected();
    expect(await next.get('k')).toHaveLength(1_000);
    next.disconnect();
  });

  it('refuses new connections and keeps the old ones', async () => {
    proxy.refuse(true);
    await expect(connected()).rejects.toThrow();
    expect(await client.ping()).toBe('PONG');
    proxy.refuse(false);
    (await connected()).disconnect();
  });

  it('flips bits in replies, the same ones for the same seed', async () => {
    const sent = 'x'.repeat(10_000);
    await client.set('k', sent);
    const received = async (): Promise<string> => {
      proxy.corrupt(0.001, 3);
      try {
        return (await client.getBuffer('k'))?.toString('latin1') ?? '';
      } finally {
        proxy.corrupt(0);
      }
    };
    const first = await received();
    expect(first).toHaveLength(10_000);
    expect(first).not.toBe(sent);
    expect(await received()).toBe(first);
    expect(await client.get('k')).toBe(sent);
  });

  it('ends the client’s connection when the server’s ends', async () => {
    await redis.kill();
    await until(() => client.status === 'end');
  });

  it('frees its port and ends its connections when closed', async () => {
    const { port } = proxy;
    await proxy.close();
    await until(() => client.status === 'end');
    const late = new Redis(port, '127.0.0.1', OPTIONS);
    late.on('error', () => undefined);
    await expect(late.ping()).rejects.toThrow();
    proxy = await TcpProxy.to(redis.port);
  });
});

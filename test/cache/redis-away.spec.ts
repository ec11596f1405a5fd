import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Logger } from '@nestjs/common';
import { Redis } from 'ioredis';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CacheEvents } from '../../src/cache/cache-events.js';
import { CacheHealthIndicator } from '../../src/cache/cache-health.js';
import { CacheLog } from '../../src/cache/cache-log.js';
import { resolveOptions } from '../../src/cache/cache-options.js';
import { createRuntime } from '../../src/cache/cache-runtime.js';
import { awaitConnection } from '../../src/cache/fail-fast.js';
import type { ResolvedRedisOptions } from '../../src/cache/redis-options.js';
import { type CacheModuleOptions, type RedisOptions, RedisUnavailableError } from '../../src/index.js';
import { placeOf } from '../../src/stores/redis-target.js';
import { makeCache, startCache, type TestCache, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';

const DEADLINE = 400;
/** For timers and a loaded machine. */
const SLACK = 300;
/** Nobody listens there: the port is reserved and needs privileges. */
const NOWHERE = 'redis://127.0.0.1:1';
const QUICK = { attempts: 3, baseMs: 50 };

describe('the cache with Redis away', () => {
  let server: RedisServer;
  const instances: TestCache[] = [];
  beforeEach(async () => {
    server = await RedisServer.start();
  });
  afterEach(async () => {
    await Promise.all(instances.splice(0).map((instance) => instance.close()));
    await server.stop();
  });

  const started = async (options: CacheModuleOptions = {}): Promise<TestCache> =>
    kept(await startCache({ redis: { url: server.url, retry: QUICK, commandTimeoutMs: DEADLINE }, ...options }));
  const begun = (redis: RedisOptions): TestCache => {
    const instance = kept(makeCache({ redis }));
    instance.runtime.start();
    return instance;
  };
  const kept = (instance: TestCache): TestCache => {
    instances.push(instance);
    return instance;
  };

  describe('when it is not there at the start', () => {
    it('loads, answers null, stores nothing, and throws nothing', async () => {
      const { cache, invalidation } = begun({ url: NOWHERE, retry: QUICK });

      expect(await cache.lookup('k', () => 'loaded')).toMatchObject({
        value: 'loaded',
        reason: 'degraded',
        stored: false,
      });
      expect(await cache.get('k')).toBeNull();
      expect(await cache.getMany(['k', 'l'])).toEqual([null, null]);
      expect(await cache.exists('k')).toBe(false);
      expect(await cache.set('k', 1)).toBe(false);
      expect(await cache.setMany([['k', 1]])).toEqual([false]);
      expect(await cache.delete('k')).toBe(false);
      expect(await cache.clearPattern('user:*')).toBe(0);
      expect(await invalidation.user(1)).toMatchObject({ acknowledged: false });
    });

    it('counts errors, and neither hits nor misses', async () => {
      const { cache, events } = begun({ url: NOWHERE, retry: QUICK });

      await cache.get('k');
      await cache.getOrLoad('k', () => 1);

      const outcomes = events.flatMap((event) => (event.type === 'operation.ended' ? [event.outcome] : []));
      expect(outcomes).toEqual(['degraded', 'degraded']);
      expect(events).toContainEqual({ type: 'remote.failed', operation: 'fetch', failure: 'unavailable' });
    });

    it('passes the error of a loader on as it is, having run it once', async () => {
      const { cache } = begun({ url: NOWHERE, retry: QUICK });
      const load = vi.fn(() => Promise.reject(new Error('source is down')));

      await expect(cache.getOrLoad('k', load)).rejects.toThrow(/^source is down$/);

      expect(load).toHaveBeenCalledTimes(1);
    });

    it('still has one load at a time', async () => {
      const { cache } = begun({ url: NOWHERE, retry: QUICK });
      const load = vi.fn(() => new Promise((resolve) => setImmediate(resolve, 'value')));

      await Promise.all(Array.from({ length: 100 }, () => cache.getOrLoad('k', load)));

      expect(load).toHaveBeenCalledTimes(1);
    });

    it('is used as soon as it comes', async () => {
      await server.kill();
      const { cache, events } = begun({ url: server.url, retry: QUICK });
      await until(() => events.some(({ type }) => type === 'connection.retrying'));
      expect(await cache.set('k', 1)).toBe(false);

      await server.restart();

      await until(async () => await cache.set('k', 2));
      expect(await cache.get('k', { consistency: 'strict' })).toBe(2);
      expect(events).toContainEqual({ type: 'connection.ready', afterRetries: expect.any(Number) as number });
    });
  });

  describe('when it is killed', () => {
    it('is degraded at once and used again within one retry after it is back', async () => {
      const { cache, runtime } = await started();
      const health = new CacheHealthIndicator([['default', { runtime }]]);
      await cache.set('k', 'before');
      await server.kill();

      await until(async () => (await cache.lookup('other', () => 1)).reason === 'degraded');
      await until(() => health.check('cache').cache.status === 'degraded');
      expect(health.check('cache').cache.message).toMatch(/^Redis cannot be used \(unavailable\)/);

      await server.restart();
      // The longest pause of this schedule is 200 ms.
      await until(async () => (await cache.lookup('again', () => 1)).stored, 200 + DEADLINE + SLACK);
      await until(() => health.check('cache').cache.coherent);
      expect(health.check('cache').cache).toMatchObject({ status: 'up', queuedInvalidations: 0 });
    });

    it('does not trust its memory for longer than the window', async () => {
      const { cache } = await started({ coherenceWindowMs: 300 });
      await cache.getOrLoad('k', () => 'old', { ttl: 600 });
      await server.kill();

      await until(async () => (await cache.getOrLoad('k', () => 'from the source')) === 'from the source', 300 + SLACK);
    });
  });

  describe('when it is frozen', () => {
    afterEach(() => server.resume());

    it.each([
      ['get', (c: TestCache) => c.cache.get('k')],
      ['getOrLoad', (c: TestCache) => c.cache.getOrLoad('k', () => 1)],
      ['set', (c: TestCache) => c.cache.set('k', 1)],
      ['delete', (c: TestCache) => c.cache.delete('k')],
    ])('%s costs at most one command deadline', async (_, call) => {
      const instance = await started({ memory: { maxEntries: 0 } });
      await instance.cache.set('k', 'before');
      server.freeze();
      const began = performance.now();

      await call(instance);

      expect(performance.now() - began).toBeLessThan(DEADLINE + SLACK);
    });

    it('is a time-out in the events, and is used again once it goes on', async () => {
      const { cache, events } = await started({ memory: { maxEntries: 0 } });
      server.freeze();

      expect(await cache.get('k')).toBeNull();
      expect(events).toContainEqual({ type: 'remote.failed', operation: 'fetch', failure: 'timeout' });
      server.resume();

      await until(async () => (await cache.lookup('k', () => 1)).stored);
    });

    it('keeps nothing that it was told before it froze and executed after', async () => {
      const { cache, invalidation } = await started({ memory: { maxEntries: 0 } });
      await cache.set('user:1:profile', 'old');
      server.freeze();
      expect(await cache.set('user:1:profile', 'new')).toBe(false);
      expect(await invalidation.user(1)).toMatchObject({ acknowledged: false });
      server.resume();

      await until(async () => (await cache.lookup('other', () => 1)).stored);
      expect(await cache.get('user:1:profile', { consistency: 'strict' })).toBeNull();
    });
  });

  describe('what was changed while it was away', () => {
    const CHANGES: [string, (instance: TestCache) => Promise<unknown>][] = [
      ['set', ({ cache }) => cache.set('user:1:profile', 'new')],
      ['delete', ({ cache }) => cache.delete('user:1:profile')],
      ['a tag', ({ invalidation }) => invalidation.user(1)],
      ['a pattern', ({ invalidation }) => invalidation.pattern('user:1:*')],
      ['everything', ({ invalidation }) => invalidation.all()],
    ];
    /** A server that is frozen to this instance's commands and keeps its data: the connection is cut and refused, not the process. */
    const cutOff = async (instance: TestCache): Promise<() => void> => {
      const client = instance.runtime.connection?.client as Redis;
      const port = client.options.port as number;
      client.options.port = 1;
      client.disconnect(true);
      await until(() => client.status !== 'ready');
      return () => {
        client.options.port = port;
      };
    };

    it.each(CHANGES)('is not undone by its return: %s', async (_, change) => {
      const instance = await started();
      const { cache, runtime } = instance;
      await cache.getOrLoad('user:1:profile', () => 'old', { ttl: 600 });
      const reconnect = await cutOff(instance);

      await change(instance);
      expect(await cache.get('user:1:profile')).toBeNull();
      reconnect();

      const answers: unknown[] = [];
      await until(async () => {
        answers.push(await cache.get('user:1:profile', { consistency: 'strict' }));
        return runtime.connection?.isReady === true && runtime.invalidator.queued === 0;
      });
      answers.push(await cache.get('user:1:profile', { consistency: 'strict' }));
      expect(new Set(answers)).toEqual(new Set([null]));
    });

    it('is told to other instances when it is back', async () => {
      const [a, b] = [await started(), await started()];
      await a.cache.getOrLoad('user:1:profile', () => 'old', { ttl: 600 });
      expect(await b.cache.getOrLoad('user:1:profile', () => 'old')).toBe('old');
      const reconnect = await cutOff(a);

      expect(await a.invalidation.user(1)).toMatchObject({ acknowledged: false, queued: 1 });
      reconnect();

      await until(async () => (await b.cache.get('user:1:profile')) === null);
      await until(() => a.runtime.invalidator.queued === 0);
    });

    it('is sent before anything is read from it again', async () => {
      const instance = await started({ memory: { maxEntries: 0 } });
      await instance.cache.set('user:1:profile', 'old');
      const reconnect = await cutOff(instance);
      await instance.invalidation.user(1);
      const watcher = new Redis(server.url, { disableClientInfo: true });
      const monitor = await watcher.monitor();
      const commands: string[] = [];
      monitor.on('monitor', (_time: string, [command, name]: string[]) =>
        commands.push(`${command ?? ''} ${name ?? ''}`),
      );
      const reading = until(async () => (await instance.cache.lookup('user:1:profile', () => 'new')).source === 'l2');

      reconnect();
      await reading;
      await until(() => commands.some((command) => command.toLowerCase().startsWith('mget')));
      monitor.disconnect();
      watcher.disconnect();

      const ours = commands
        .filter((command) => /\{user:1\}|mget/i.test(command))
        .map((command) => command.toLowerCase());
      expect(ours[0]).toMatch(/^set .*g:\{user:1\}$/);
    });

    it('is sent, and Redis used again, however many sets come meanwhile', async () => {
      const { cache, runtime } = await started();
      runtime.invalidator.queueUp({ keys: ['other'], cause: 'test' });
      const stored: Promise<boolean>[] = [];
      // Far more than one for each round trip that it takes to send a queue.
      const setting = setInterval(() => {
        for (let i = 0; i < 5; i++) stored.push(cache.set(`k:${stored.length}`, 1));
      }, 1);
      try {
        await until(() => stored.length > 0);
        await until(() => runtime.invalidator.queued === 0, 5_000);
        const after = stored.length;
        await until(() => stored.length > after + 500);
      } finally {
        clearInterval(setting);
      }
      expect((await Promise.all(stored.slice(-500))).every(Boolean)).toBe(true);
    });

    it('is sent before sets that come meanwhile, and these are made in the order of their calls', async () => {
      const { cache, runtime } = await started();
      const { invalidator } = runtime;
      invalidator.queueUp({ keys: ['other'], cause: 'test' });
      const flush = invalidator.flushQueue();
      expect(invalidator.isFlushing).toBe(true);
      // Called when the queue has just been sent: before the first set, which waits for that too, goes on.
      const second = invalidator.flushed.then(() => cache.set('k', 2));
      const first = cache.set('k', 1);
      await Promise.all([flush, first]);
      expect(await second).toBe(true);
      expect(await cache.get('k', { consistency: 'strict' })).toBe(2);
    });

    it('becomes one invalidation of everything when it is too much to remember', async () => {
      const { invalidation, runtime } = begun({ url: NOWHERE, retry: QUICK });

      await invalidation.tags(Array.from({ length: 10_001 }, (_, i) => `user:${i}`));

      expect(runtime.invalidator.queued).toBe(1);
    });
  });

  describe('when the password is wrong', () => {
    const SECRET = 'not-the-p@ssw0rd';

    it('says so once, clearly, and shows the password nowhere', async () => {
      await server.stop();
      server = await RedisServer.start({ password: 'right' });
      const url = server.url.replace(':right@', `:${encodeURIComponent(SECRET)}@`);
      const lines: string[] = [];
      const write = (line: string): void => void lines.push(line);
      const events = new CacheEvents();
      const seen: unknown[] = [];
      events.subscribe((event) => seen.push(event));
      const options = resolveOptions({ redis: { url, retry: { attempts: 2, baseMs: 20 } } });
      const { retry, target } = options.redis as ResolvedRedisOptions;
      events.subscribe(new CacheLog({ log: write, warn: write, error: write }, retry, placeOf(target())).listen);
      const runtime = createRuntime(options, events);
      runtime.start();

      await until(() => seen.filter((event) => (event as { type: string }).type === 'connection.retrying').length > 5);
      const failure: unknown = await runtime.store.ping().catch((error: unknown) => error);
      await runtime.stop();

      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(/authentication.*REDIS_PASSWORD/);
      expect(failure).toMatchObject({ failure: 'authentication' });
      const everything = JSON.stringify([
        lines,
        seen,
        failure,
        String(failure),
        (failure as Error).stack,
        (failure as Error).cause,
      ]);
      expect(everything).not.toContain(SECRET);
      expect(everything).not.toContain(encodeURIComponent(SECRET));
    });
  });

  describe('the retries of the guide', () => {
    it('come after 2, 4, 8, 16, 32 s and then every 32 s for ever', () => {
      const { events, runtime } = kept(makeCache({ redis: { url: NOWHERE } }));
      const strategy = runtime.connection?.client.options.retryStrategy as (attempt: number) => number;

      const delays = Array.from({ length: 9 }, (_, i) => strategy(i + 1));

      expect(delays).toEqual([2_000, 4_000, 8_000, 16_000, 32_000, 32_000, 32_000, 32_000, 32_000]);
      expect(events.map((event) => event.type === 'connection.retrying' && event.delay)).toEqual(delays);
    });

    it('come after 50 ms to 1 s, with jitter, in the fast profile', () => {
      const { runtime } = kept(makeCache({ redis: { url: NOWHERE, retry: 'fast' } }));
      const strategy = runtime.connection?.client.options.retryStrategy as (attempt: number) => number;

      for (const [attempt, delay] of [
        [1, 50],
        [2, 100],
        [5, 800],
        [6, 1_000],
        [50, 1_000],
      ] as const) {
        const delays = Array.from({ length: 50 }, () => strategy(attempt));
        expect(Math.min(...delays)).toBeGreaterThanOrEqual(delay * 0.75 - 1);
        expect(Math.max(...delays)).toBeLessThanOrEqual(delay * 1.25 + 1);
        expect(new Set(delays).size).toBeGreaterThan(5);
      }
    });
  });

  describe('with failFast', () => {
    const wait = async (redis: RedisOptions): Promise<unknown> => {
      const events = new CacheEvents();
      const options = resolveOptions({ redis: { ...redis, failFast: true } });
      const runtime = createRuntime(options, events);
      const retries: number[] = [];
      events.subscribe((event) => event.type === 'connection.retrying' && retries.push(event.attempt));
      runtime.start();
      try {
        await awaitConnection(runtime, options.redis as never, events);
        return retries;
      } finally {
        await runtime.stop();
      }
    };

    it('fails after the last retry with an error that says what, where and after how many attempts, without the password', async () => {
      const url = 'redis://ada:hunt2@127.0.0.1:1/2';

      const failure: unknown = await wait({ url, retry: { attempts: 2, baseMs: 10 } }).catch((error: unknown) => error);

      expect(failure).toBeInstanceOf(RedisUnavailableError);
      expect((failure as Error).message).toBe(
        'Redis at redis://ada:***@127.0.0.1:1/2 cannot be used (unavailable) after 3 attempts, and CACHE_FAIL_FAST is set',
      );
    });

    it('waits for a server that comes within the retries', async () => {
      await server.kill();
      setImmediate(() => void server.restart());

      expect(await wait({ url: server.url, retry: { attempts: 8, baseMs: 20 } })).not.toEqual([]);
    });
  });

  describe('a process with nothing but the module', () => {
    it.each([
      ['in memory', () => undefined],
      ['on Redis', () => server.url],
      ['on a Redis that is away', () => NOWHERE],
    ])('exits by itself after close: %s', async (_, url) => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', PROGRAM], {
        env: { ...process.env, ...(url() && { TEST_REDIS_URL: url() }) },
        stdio: ['ignore', 'pipe', 'inherit'],
      });
      const limit = setTimeout(() => child.kill('SIGKILL'), 15_000);
      let output = '';
      child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));

      const [code] = (await once(child, 'exit')) as [number | null];
      clearTimeout(limit);

      expect(output).toContain('closed\n');
      expect(code).toBe(0);
    });
  });

  it('writes no log line of the client library', async () => {
    const spies = (['log', 'warn', 'error'] as const).map((level) =>
      vi.spyOn(console, level).mockImplementation(() => undefined),
    );
    const nest = vi.spyOn(Logger.prototype, 'error');
    const { cache, events } = begun({ url: NOWHERE, retry: { attempts: 1, baseMs: 10 } });

    await until(() => events.filter(({ type }) => type === 'connection.retrying').length > 3);
    await cache.get('k');

    for (const spy of [...spies, nest]) expect(spy).not.toHaveBeenCalled();
  });
});

const PROGRAM = `
  import 'reflect-metadata';
  import { NestFactory } from '@nestjs/core';
  import { Module } from '@nestjs/common';
  import { runnerImport } from 'vite';
  const { module } = await runnerImport('./src/index.ts', { logLevel: 'silent' });
  const { CacheModule, CacheService } = module;
  const url = process.env.TEST_REDIS_URL;
  class Root {}
  Module({ imports: [CacheModule.forRoot(url ? { redis: { url } } : {})] })(Root);
  const app = await NestFactory.createApplicationContext(Root, { logger: false });
  await app.get(CacheService).getOrLoad('k', () => 1);
  await app.close();
  console.log('closed');
`;

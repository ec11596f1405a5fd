// cspell:words evictable pttl
import 'reflect-metadata';
import {
  Controller,
  Get,
  Inject,
  Injectable,
  Module,
  type ModuleMetadata,
  Req,
  UnauthorizedException,
  UseGuards,
} from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import request from 'supertest';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  CacheModule,
  CacheService,
  defineKey,
  InvalidKeyError,
  InvalidOptionError,
  PrometheusModule,
} from '../../src/index.js';
import { gate, makeCache, startCache, type TestCache, until } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';

/** Nobody listens there: the port is reserved and needs privileges. */
const NOWHERE = 'redis://127.0.0.1:1';

/** One test for each thing that the first implementation of this system got wrong, named after it. */
describe('what the first implementation got wrong', () => {
  const suite = redisOfSuite();
  const instances: TestCache[] = [];
  const apps: NestExpressApplication[] = [];
  let prefix = 0;
  afterEach(async () => {
    await Promise.all([...instances.splice(0), ...apps.splice(0)].map((each) => each.close()));
  });

  const started = async (options: Parameters<typeof startCache>[0] = {}): Promise<TestCache> => {
    const instance = await startCache({
      redis: { url: suite.url, retry: 'fast' },
      prefix: `r${++prefix}`,
      ...options,
    });
    instances.push(instance);
    return instance;
  };
  const away = (): TestCache => {
    const instance = makeCache({ redis: { url: NOWHERE, retry: { attempts: 5, baseMs: 5 } } });
    instances.push(instance);
    instance.runtime.start();
    return instance;
  };
  const application = async (imports: ModuleMetadata['imports']): Promise<NestExpressApplication> => {
    const module = await Test.createTestingModule({ imports: imports ?? [] }).compile();
    const app = module.createNestApplication<NestExpressApplication>();
    app.useLogger(false);
    apps.push(app);
    return app.init();
  };

  it('retry never retried because ping swallowed the error', async () => {
    const { runtime, events } = away();

    await until(() => events.filter(({ type }) => type === 'connection.retrying').length >= 3);

    expect(runtime.connection?.isReady).toBe(false);
    await expect(runtime.store.ping()).rejects.toMatchObject({ failure: 'unavailable', operation: 'ping' });
    expect(events).not.toContainEqual(expect.objectContaining({ type: 'connection.ready' }));
  });

  it('five attempts had only four waits', async () => {
    const { events } = away();

    await until(() => events.filter(({ type }) => type === 'connection.retrying').length >= 7);

    const delays = events.flatMap((event) => (event.type === 'connection.retrying' ? [event.delay] : []));
    expect(delays.slice(0, 7)).toEqual([5, 10, 20, 40, 80, 80, 80]);
  });

  it('documented calls crashed', async () => {
    const { cache, invalidation } = await started();

    expect(await cache.set('user:123:profile', { name: 'Ada' }, { ttl: 3600 })).toBe(true);
    expect(await cache.get('user:123:profile')).toEqual({ name: 'Ada' });
    expect(await cache.exists('user:123:profile')).toBe(true);
    expect(await cache.clearPattern('user:123:*')).toBe(1);
    expect(await cache.delete('user:123:profile')).toBe(false);
    for (const done of [invalidation.metric('cpu'), invalidation.user('user_123'), invalidation.agent('agent_456')])
      expect(await done).toMatchObject({ acknowledged: true });
  });

  it('two key grammars made invalidation miss its own keys', async () => {
    const { cache, invalidation } = await started();
    const Analytics = defineKey('agent:analytics:{agentId}:{timeframe}', {
      tags: ({ agentId }) => [`agent:${agentId}`],
    });
    const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
    const keys = [
      Analytics({ agentId: 'a1', timeframe: '7d' }),
      Stats({ agentId: 'a1', timeframe: '7d' }),
      'agent:a1',
      'metric:cpu:agent:a1:30d',
    ];
    await cache.setMany(keys.map((key) => [key, 1]));
    expect(await cache.getMany(keys)).toEqual([1, 1, 1, 1]);

    await invalidation.agent('a1');

    expect(await cache.getMany(keys)).toEqual([null, null, null, null]);
  });

  it('invalidateUser("*") deleted every user: glob injection', async () => {
    const { cache, invalidation } = await started();
    await cache.setMany([
      ['user:1:profile', 1],
      ['user:2:profile', 2],
    ]);

    for (const id of ['*', '?', '[12]', '1*', '1:*', '\\*'])
      await expect(invalidation.user(id)).rejects.toThrow(InvalidKeyError);

    expect(await cache.getMany(['user:1:profile', 'user:2:profile'], { consistency: 'strict' })).toEqual([1, 2]);
  });

  it('agent:*:{id}:* crossed segments and hit other things of the same id', async () => {
    const { cache, invalidation } = await started();
    const others = [
      'agent:top:7:24h',
      'agent:8:runs:7:24h',
      'user:7:profile',
      'workspace:7:overview',
      'agent:77:stats:7d',
    ];
    await cache.setMany([...others, 'agent:7:stats:7d'].map((key) => [key, 1]));

    await invalidation.agent('7');

    expect(await cache.getMany(others, { consistency: 'strict' })).toEqual(others.map(() => 1));
    expect(await cache.get('agent:7:stats:7d')).toBeNull();
  });

  it('the latency histogram was never observed', async () => {
    const app = await application([CacheModule.forRoot({}), PrometheusModule.forRoot()]);
    await app.get(CacheService).get('k');

    const { text } = await request(app.getHttpServer()).get('/metrics');

    expect(text).toContain('cache_operation_duration_seconds_count{operation="get"} 1\n');
  });

  it('Redis down counted as a miss', async () => {
    const app = await application([CacheModule.forRoot({ redis: { url: NOWHERE } }), PrometheusModule.forRoot()]);
    await app.get(CacheService).get('k');
    await app.get(CacheService).getOrLoad('k', () => 1);

    const { text } = await request(app.getHttpServer()).get('/metrics');

    expect(text).not.toMatch(/^cache_misses_total\{.*\} [^0]/m);
    expect(text).toMatch(/^cache_errors_total\{operation="fetch",error_type="unavailable"\} 2$/m);
  });

  it('ids were in metric labels', async () => {
    const Profile = defineKey('user:{userId}:profile');
    const app = await application([CacheModule.forRoot({ templates: [Profile] }), PrometheusModule.forRoot()]);
    for (const id of ['123', '124']) await app.get(CacheService).get(`user:${id}:profile`);

    const { text } = await request(app.getHttpServer()).get('/metrics');

    expect(text).toContain('cache_misses_total{operation="get",key_pattern="user:{userId}:profile"} 2\n');
    expect(text).not.toMatch(/user:12[34]/);
  });

  it('ten callers made ten loads', async () => {
    const { cache } = await started();
    const loaded = gate<number>();
    const load = vi.fn(() => loaded.opened);

    const callers = Promise.all(Array.from({ length: 10 }, () => cache.getOrLoad('k', load)));
    await until(() => load.mock.calls.length > 0);
    loaded.open(1);

    expect(await callers).toEqual(Array(10).fill(1));
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('a failing loader ran twice and was counted as a cache error', async () => {
    const { cache, events } = await started();
    const load = vi.fn(() => Promise.reject(new Error('source is down')));

    await expect(cache.getOrLoad('k', load)).rejects.toThrow(/^source is down$/);

    expect(load).toHaveBeenCalledTimes(1);
    expect(events.filter(({ type }) => ['remote.failed', 'usage.refused', 'task.failed'].includes(type))).toEqual([]);
  });

  it('a cached null was never a hit', async () => {
    const { cache } = await started({ memory: { maxEntries: 0 } });
    const load = vi.fn(() => null);
    await cache.getOrLoad('k', load);

    expect(await cache.lookup('k', load)).toMatchObject({ value: null, source: 'l2' });
    expect(load).toHaveBeenCalledTimes(1);
  });

  it('ttl=0 meant for ever', async () => {
    const { cache } = await started();

    for (const ttl of [0, -1, Infinity]) await expect(cache.set('k', 1, { ttl })).rejects.toThrow(InvalidOptionError);
    expect(await cache.exists('k')).toBe(false);
    await cache.set('k', 1);

    expect(await suite.redis.pttl(`r${prefix}:e:{k}`)).toBeGreaterThan(0);
  });

  it('a trailing newline was accepted in a key', async () => {
    const { cache } = await started();

    await expect(cache.set('abc\n', 1)).rejects.toThrow(InvalidKeyError);
    expect(() => defineKey('user:{id}')({ id: '1\n' })).toThrow(InvalidKeyError);
  });

  it('cached bytes were read with pickle: whoever wrote to Redis ran code', async () => {
    const { cache } = await started({ memory: { maxEntries: 0 } });
    const name = `r${prefix}:e:{k}`;
    const pickle = Buffer.from("cos\nsystem\n(S'touch /tmp/owned'\ntR.", 'latin1');
    for (const bytes of [pickle, Buffer.from('{"__proto__":{"isAdmin":true}}')]) {
      await suite.redis.set(name, bytes);
      expect(await cache.get('k')).toBeNull();
    }

    await cache.set('k', JSON.parse('{"__proto__":{"isAdmin":true},"n":1}'));
    const value = await cache.get<{ isAdmin?: boolean }>('k');

    expect(value).toEqual({ n: 1 });
    expect(value?.isAdmin).toBeUndefined();
    expect(Object.getPrototypeOf(value)).toBe(Object.prototype);
  });

  it('zeroed defaults of a failed query were cached as an answer', async () => {
    const query = vi.fn(() => Promise.resolve({ runs: 42 }));
    query.mockRejectedValueOnce(new Error('the database is down'));
    @Controller()
    class StatsController {
      constructor(@Inject(CacheService) private readonly cache: CacheService) {}

      @Get('stats')
      stats(): Promise<object> {
        return this.cache.getOrLoad('agent:1:stats:7d', query);
      }
    }
    @Module({ controllers: [StatsController] })
    class StatsModule {}
    const app = await application([CacheModule.forRoot({}), StatsModule]);

    await request(app.getHttpServer()).get('/stats').expect(500);
    await request(app.getHttpServer()).get('/stats').expect(200, { runs: 42 });
    await request(app.getHttpServer()).get('/stats').expect(200, { runs: 42 });

    expect(query).toHaveBeenCalledTimes(2);
  });

  it('a response cache in front of authentication gave one user’s answer to another', async () => {
    const app = await application([CacheModule.forRoot({}), ProfileModule]);
    const as = (user?: string): request.Test =>
      request(app.getHttpServer())
        .get('/me')
        .set(user ? { 'x-user': user } : {});

    await as().expect(401);
    await as('ada').expect(200, { name: 'ada' });
    await as('ada').expect(200, { name: 'ada' });

    await as().expect(401);
    await as('bob').expect(200, { name: 'bob' });
  });

  it('the metrics endpoint was cached', async () => {
    const app = await application([CacheModule.forRoot({}), PrometheusModule.forRoot()]);
    const scrape = async (): Promise<request.Response> => request(app.getHttpServer()).get('/metrics').expect(200);
    const first = await scrape();
    await app.get(CacheService).get('k');
    const second = await scrape();

    expect(first.headers['cache-control']).toBe('no-store');
    expect(first.text).toContain('cache_misses_total{operation="get",key_pattern="other"} 0\n');
    expect(second.text).toContain('cache_misses_total{operation="get",key_pattern="other"} 1\n');
  });

  it('security state was in the evictable database', async () => {
    const cacheDb = suite.url.replace(/\/0$/, '/1');
    const { cache, invalidation } = await started({
      redis: { url: cacheDb, retry: 'fast' },
      memory: { maxEntries: 0 },
    });
    await suite.redis.mset('blacklist:jwt:1', 'revoked', 'ratelimit:ada', '3');
    await cache.set('user:1:profile', 'Ada', { tags: ['session'] });
    await invalidation.all();
    await cache.clearPattern('user:*');
    await cache.getOrLoad('user:1:profile', () => 'Ada');

    const inCache = new Redis(cacheDb, { disableClientInfo: true });
    const names = await inCache.keys('*');
    // All that the cache keeps may be evicted at any time: it costs loads, and no answer is wrong.
    await inCache.flushdb();
    inCache.disconnect();

    expect(names.filter((name) => !new RegExp(`^r${prefix}:(ledger$|announced:\\{|[elg]:\\{)`).test(name))).toEqual([]);
    expect(await suite.redis.mget('blacklist:jwt:1', 'ratelimit:ada')).toEqual(['revoked', '3']);
    expect(await cache.getOrLoad('user:1:profile', () => 'Ada, loaded again', { consistency: 'strict' })).toBe(
      'Ada, loaded again',
    );
  });

  it('an invalidation during a load left the stale value for a full TTL', async () => {
    const { cache, invalidation } = await started();
    const [loading, loaded] = [gate(), gate<number>()];
    const caller = cache.getOrLoad('user:1:profile', () => (loading.open(), loaded.opened));
    await loading.opened;

    await invalidation.user(1);
    loaded.open(1);
    await caller;

    expect(await cache.getOrLoad('user:1:profile', () => 2)).toBe(2);
  });
});

@Injectable()
class UserGuard {
  canActivate(context: { switchToHttp(): { getRequest(): { headers: Record<string, string | undefined> } } }): boolean {
    if (!context.switchToHttp().getRequest().headers['x-user']) throw new UnauthorizedException();
    return true;
  }
}

@Controller()
class ProfileController {
  constructor(@Inject(CacheService) private readonly cache: CacheService) {}

  @Get('me')
  @UseGuards(UserGuard)
  me(@Req() { headers }: { headers: Record<string, string> }): Promise<object> {
    const name = headers['x-user'] as string;
    return this.cache.getOrLoad(`user:${name}:profile`, () => ({ name }));
  }
}

@Module({ controllers: [ProfileController] })
class ProfileModule {}

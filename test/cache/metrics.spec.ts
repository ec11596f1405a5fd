import 'reflect-metadata';
import { BadRequestException, Controller, Get, Module, Param } from '@nestjs/common';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { PrometheusModule as Willsoto, makeCounterProvider } from '@willsoto/nestjs-prometheus';
import { collectDefaultMetrics, Counter, Registry, register } from 'prom-client';
import type { Redis } from 'ioredis';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CacheHealthIndicator,
  CacheModule,
  type CacheModuleOptions,
  CacheService,
  defineKey,
  InvalidationService,
  REDIS_CLIENT,
  PrometheusModule,
  type PrometheusModuleOptions,
} from '../../src/index.js';
import { until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { redisOfSuite } from '../support/suite-redis.js';

const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
const BUCKETS = [0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1];
const apps: NestExpressApplication[] = [];

@Controller('things')
class ThingsController {
  constructor(private readonly cache: CacheService) {}

  @Get('cached/:id')
  cached(@Param('id') id: string): Promise<string> {
    return this.cache.getOrLoad(`thing:${id}`, () => id);
  }

  @Get('slow/:id')
  slow(@Param('id') id: string): Promise<string> {
    return this.cache.getOrLoad(`slow:${id}`, () => new Promise<string>(() => undefined), { hardTimeoutMs: 50 });
  }

  @Get(':id')
  read(@Param('id') id: string): string {
    if (id === 'bad') throw new BadRequestException();
    return id;
  }
}

@Module({ controllers: [ThingsController] })
class ThingsModule {}

/** An application with its cache and metrics under the global prefix of the guide. */
async function application(
  cache: CacheModuleOptions = {},
  metrics: PrometheusModuleOptions = {},
): Promise<NestExpressApplication> {
  const imports = [
    CacheModule.forRoot(cache),
    PrometheusModule.forRoot({ defaultMetrics: false, ...metrics }),
    ThingsModule,
  ];
  const module = await Test.createTestingModule({ imports }).compile();
  const app = module.createNestApplication<NestExpressApplication>();
  app.useLogger(false);
  app.setGlobalPrefix('api/v1');
  apps.push(app);
  return app.init();
}

/** What a scrape answers: every sample by its name and labels. */
async function scrape(app: NestExpressApplication): Promise<Map<string, number>> {
  const { text } = await request(app.getHttpServer()).get('/api/v1/metrics').expect(200);
  const samples = text.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(
    samples.map((line) => [line.slice(0, line.lastIndexOf(' ')), Number(line.slice(line.lastIndexOf(' ') + 1))]),
  );
}

describe('PrometheusModule', () => {
  const suite = redisOfSuite();
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
    register.clear();
  });

  describe('the endpoint', () => {
    it('is at /metrics below the global prefix, as text for Prometheus, not to be cached', async () => {
      const app = await application();

      const response = await request(app.getHttpServer()).get('/api/v1/metrics').expect(200);

      expect(response.headers['content-type']).toMatch(/^text\/plain;.* version=0\.0\.4/);
      expect(response.headers['cache-control']).toBe('no-store');
      await request(app.getHttpServer()).get('/metrics').expect(404);
    });

    it('is where it is told to be', async () => {
      const app = await application({}, { path: '/internal/prometheus' });

      await request(app.getHttpServer()).get('/api/v1/internal/prometheus').expect(200);
    });

    it('tells something new at each scrape', async () => {
      const app = await application();
      const hits = 'cache_hits_total{operation="get",key_pattern="other"}';
      await app.get(CacheService).set('k', 1);
      await app.get(CacheService).get('k');
      expect((await scrape(app)).get(hits)).toBe(1);

      await app.get(CacheService).get('k');

      expect((await scrape(app)).get(hits)).toBe(2);
    });

    it('speaks OpenMetrics when asked to, and text again to the next', async () => {
      const app = await application({}, { defaultMetrics: true, defaultLabels: { service: 'analytics' } });
      new Counter({ name: 'own_total', help: 'Of the application' }).inc();
      await app.get(CacheService).get('k');
      const http = request(app.getHttpServer());

      const open = await http.get('/api/v1/metrics').set('Accept', 'application/openmetrics-text; version=1.0.0');

      expect(open.headers['content-type']).toMatch(/^application\/openmetrics-text;.* version=1\.0\.0/);
      expect(open.text).toMatch(/# EOF\n$/);
      expect(open.text).toContain('# TYPE cache_misses counter\n');
      expect(open.text).toContain('cache_misses_total{operation="get",key_pattern="other",service="analytics"} 1\n');
      expect(open.text).toMatch(/\nown_total 1\n/);
      expect(open.text.match(/# TYPE cache_keys_total gauge/g)).toHaveLength(1);
      const text = await http.get('/api/v1/metrics').set('Accept', 'text/plain');
      expect(text.text).toContain('# TYPE cache_misses_total counter\n');
    });

    it('answers only who carries the token, where there is one', async () => {
      const app = await application({}, { token: 'a-secret' });
      const http = request(app.getHttpServer());

      expect((await http.get('/api/v1/metrics')).status).toBe(401);
      expect((await http.get('/api/v1/metrics').set('Authorization', 'Bearer another')).status).toBe(401);
      expect((await http.get('/api/v1/metrics').set('Authorization', 'Bearer a-secret')).status).toBe(200);
    });

    it('may have a port of its own, which is closed with the application', async () => {
      const app = await application({}, { port: 0, token: 'a-secret' });
      const at = `http://127.0.0.1:${String(app.get(PrometheusModule).port)}`;
      const headers = { authorization: 'Bearer a-secret' };

      expect(await (await fetch(`${at}/metrics`, { headers })).text()).toContain('cache_hits_total');
      expect((await fetch(`${at}/metrics`)).status).toBe(401);
      expect((await fetch(`${at}/other`, { headers })).status).toBe(404);
      await request(app.getHttpServer()).get('/api/v1/metrics').expect(404);
      await app.close();
      await expect(fetch(`${at}/metrics`, { headers })).rejects.toThrow();
    });

    it('may be given a registry', async () => {
      const registry = new Registry();
      await application({}, { registry });

      expect(await registry.metrics()).toContain('cache_hits_total');
    });

    it('is not there when metrics are disabled', async () => {
      const app = await application({}, { enabled: false });

      await request(app.getHttpServer()).get('/api/v1/metrics').expect(404);
    });

    it('carries the default labels and the metrics of the process when asked to', async () => {
      const app = await application({}, { defaultMetrics: true, defaultLabels: { service: 'analytics' } });
      await app.get(CacheService).get('k');

      const samples = [...(await scrape(app)).keys()];

      expect(samples).toContain('cache_misses_total{operation="get",key_pattern="other",service="analytics"}');
      expect(samples.some((name) => name.startsWith('process_cpu_seconds_total'))).toBe(true);
    });

    it('serves two applications of one process apart', async () => {
      const [one, other] = [await application(), await application()];
      await one.get(CacheService).get('k');

      const misses = 'cache_misses_total{operation="get",key_pattern="other"}';
      expect((await scrape(one)).get(misses)).toBe(1);
      expect((await scrape(other)).get(misses)).toBe(0);
    });

    it('serves the application’s own metrics of the global registry along', async () => {
      const app = await application();
      new Counter({ name: 'own_total', help: 'Of the application' }).inc();

      expect((await scrape(app)).get('own_total')).toBe(1);
    });

    it('still answers when the application collects the metrics of the process too', async () => {
      const app = await application({}, { defaultMetrics: true });
      collectDefaultMetrics();

      await request(app.getHttpServer()).get('/api/v1/metrics').expect(200);
    });

    it('works beside metrics that are provided the way of nestjs-prometheus', async () => {
      @Module({ providers: [makeCounterProvider({ name: 'provided_total', help: 'Provided' })] })
      class OwnMetrics {}
      expect(Willsoto).toBeDefined();
      const module = await Test.createTestingModule({
        imports: [CacheModule.forRoot({}), PrometheusModule.forRoot(), OwnMetrics],
      }).compile();
      const app = module.createNestApplication<NestExpressApplication>();
      app.useLogger(false);
      app.setGlobalPrefix('api/v1');
      apps.push(app);
      await app.init();

      expect((await scrape(app)).get('provided_total')).toBe(0);
    });
  });

  describe('the metrics of the guide', () => {
    it('have their names, types and labels', async () => {
      const app = await application({ templates: [Stats] });
      const [cache, invalidation] = [app.get(CacheService), app.get(InvalidationService)];
      await cache.get('agent:1:stats:7d');
      await cache.set('agent:1:stats:7d', 1);
      await cache.get('agent:1:stats:7d');
      await expect(cache.get('bad key')).rejects.toThrow();
      await Promise.all([
        invalidation.agent(1),
        invalidation.user(1),
        invalidation.metric(1),
        invalidation.workspace(1),
      ]);
      await cache.clearPattern('x:*');
      await cache.delete('k');

      const { text } = await request(app.getHttpServer()).get('/api/v1/metrics');
      const samples = await scrape(app);

      for (const name of ['cache_hits_total', 'cache_misses_total', 'cache_errors_total', 'cache_invalidations_total'])
        expect(text).toContain(`# TYPE ${name} counter`);
      for (const name of ['cache_keys', 'cache_keys_total']) expect(text).toContain(`# TYPE ${name} gauge`);
      expect(text).toContain('# TYPE cache_operation_duration_seconds histogram');
      const pattern = 'agent:{agentId}:stats:{timeframe}';
      expect(samples.get(`cache_hits_total{operation="get",key_pattern="${pattern}"}`)).toBe(1);
      expect(samples.get(`cache_misses_total{operation="get",key_pattern="${pattern}"}`)).toBe(1);
      expect(samples.get('cache_errors_total{operation="get",error_type="validation"}')).toBe(1);
      const invalidated = [...samples].filter(([name, n]) => name.startsWith('cache_invalidations_total') && n > 0);
      expect(new Map(invalidated)).toEqual(
        new Map(
          ['agent:{id}:*', 'user:{id}:*', 'metric:{id}:*', 'workspace:{id}:*', 'pattern', 'key'].map((kind) => [
            `cache_invalidations_total{pattern="${kind}"}`,
            1,
          ]),
        ),
      );
    });

    it('observe the duration of every operation, in the buckets of the guide and three below', async () => {
      const app = await application();
      const cache = app.get(CacheService);
      await cache.get('k');
      await cache.set('k', 1);
      await cache.exists('k');
      await cache.getOrLoad('k', () => 1);
      await cache.setMany([['k', 1]]);
      await cache.getMany(['k', 'l']);
      await cache.clearPattern('x:*');
      await cache.delete('k');

      const samples = await scrape(app);
      const count = (operation: string): number | undefined =>
        samples.get(`cache_operation_duration_seconds_count{operation="${operation}"}`);

      for (const operation of ['get', 'set', 'exists', 'get_or_load', 'set_many', 'clear_pattern', 'delete'])
        expect([operation, count(operation)]).toEqual([operation, 1]);
      expect(count('get_many')).toBeGreaterThan(0);
      const buckets = [...samples.keys()].flatMap(
        (name) => /_bucket\{le="([^"+]+)",operation="get"\}/.exec(name)?.[1] ?? [],
      );
      expect(buckets.map(Number)).toEqual([0.0001, 0.00025, 0.0005, ...BUCKETS]);
      expect(samples.get('cache_operation_duration_seconds_sum{operation="get"}')).toBeGreaterThan(0);
    });

    it('observe the duration of a load that fails too', async () => {
      const app = await application();
      await expect(app.get(CacheService).getOrLoad('k', () => Promise.reject(new Error('boom')))).rejects.toThrow(
        'boom',
      );

      expect((await scrape(app)).get('cache_operation_duration_seconds_count{operation="get_or_load"}')).toBe(1);
    });

    it('count the keys, in memory and in Redis', async () => {
      const memory = await application();
      await memory.get(CacheService).setMany([
        ['a', 1],
        ['b', 2],
      ]);
      expect((await scrape(memory)).get('cache_keys_total')).toBe(2);

      const shared = await application({ redis: { url: suite.url, failFast: true } });
      await shared.get(CacheService).setMany([
        ['a', 1],
        ['b', 2],
      ]);
      const samples = await scrape(shared);
      expect(samples.get('cache_keys')).toBeGreaterThanOrEqual(2);
      expect(samples.get('cache_keys_total')).toBe(samples.get('cache_keys'));
    });
  });

  describe('every known series', () => {
    it('is there from the start, so that its first increment is seen', async () => {
      const samples = await scrape(await application({ templates: [Stats] }));
      const pattern = 'key_pattern="agent:{agentId}:stats:{timeframe}"';
      for (const name of [
        `cache_hits_total{operation="get_or_load",${pattern}}`,
        `cache_misses_by_cause_total{cause="evicted",${pattern}}`,
        `cache_load_duration_seconds_count{${pattern}}`,
        'cache_errors_total{operation="fetch",error_type="timeout"}',
        'cache_invalidations_total{pattern="agent:{id}:*"}',
        'cache_circuit_opened_total{circuit="write"}',
      ])
        expect([name, samples.get(name)]).toEqual([name, 0]);
    });
  });

  describe('what the cache is worth', () => {
    it('is told by tier, cause and saved time, in metrics and in statistics', async () => {
      const app = await application({
        templates: [Stats],
        redis: { url: suite.url, failFast: true },
        prefix: 'worth',
      });
      const [cache, health] = [app.get(CacheService), app.get(CacheHealthIndicator)];
      await until(() => health.check('cache').cache.coherent);
      const key = Stats({ agentId: 'a', timeframe: '7d' });
      const load = (): Promise<number> => new Promise((resolve) => setTimeout(resolve, 20, 1));
      await Promise.all([cache.getOrLoad(key, load), cache.getOrLoad(key, load)]);
      await cache.getOrLoad(key, load);
      await cache.getOrLoad(key, load, { consistency: 'strict' });
      await app.get(InvalidationService).agent('a');
      await cache.getOrLoad(key, load);

      const samples = await scrape(app);
      const pattern = 'key_pattern="agent:{agentId}:stats:{timeframe}"';
      expect(samples.get(`cache_tier_hits_total{tier="l1",${pattern}}`)).toBe(1);
      expect(samples.get(`cache_tier_hits_total{tier="l2",${pattern}}`)).toBe(1);
      expect(samples.get(`cache_misses_by_cause_total{cause="invalidated",${pattern}}`)).toBe(1);
      expect(samples.get(`cache_misses_by_cause_total{cause="absent",${pattern}}`)).toBe(2);
      expect(samples.get(`cache_coalesced_total{${pattern}}`)).toBe(1);
      expect(samples.get(`cache_load_duration_seconds_count{${pattern}}`)).toBe(2);
      expect(samples.get(`cache_load_time_saved_seconds_total{${pattern}}`)).toBeGreaterThan(0.03);
      expect(samples.get('cache_redis_up')).toBe(1);
      expect(samples.get('cache_coherent')).toBe(1);
      expect(samples.get('cache_redis_round_trip_seconds')).toBeGreaterThan(0);
      expect(samples.get('cache_ledger_position_seconds')).toBeGreaterThan(1.7e9);
      const { templates, memory } = cache.statistics();
      expect(templates['agent:{agentId}:stats:{timeframe}']).toMatchObject({
        hits: { l1: 1, l2: 1 },
        misses: 3,
        hitRatio: 0.4,
        coalesced: 1,
        loads: { count: 2, failed: 0, rejected: 0 },
        memory: { entries: 1, unread: 1 },
      });
      expect(memory.entries).toBe(1);
    });

    it('tells an entry that Redis evicted from one that was never there', async () => {
      const app = await application({
        redis: { url: suite.url, failFast: true },
        prefix: 'evicted',
        memory: { maxEntries: 0 },
      });
      const [cache, health] = [app.get(CacheService), app.get(CacheHealthIndicator)];
      await until(() => health.check('cache').cache.coherent);
      await cache.set('k', 1);
      await app.get<Redis>(REDIS_CLIENT).unlink('evicted:e:{k}');

      expect(await cache.lookup('k', () => 2)).toMatchObject({ reason: 'evicted' });
      expect(await cache.lookup('l', () => 2)).toMatchObject({ reason: 'absent' });
    });
  });

  describe('ten thousand different ids', () => {
    it('make no series of their own', async () => {
      const app = await application({ templates: [Stats] });
      const [cache, invalidation] = [app.get(CacheService), app.get(InvalidationService)];
      const touch = async (id: string): Promise<void> => {
        await cache.getOrLoad(Stats({ agentId: id, timeframe: '7d' }), () => 1);
        await cache.get(`agent:${id}:stats:7d`);
        await cache.get(`raw:${id}`);
      };
      await touch('warm-up');
      await Promise.all([invalidation.agent('warm-up'), invalidation.tags(['own:warm-up'])]);
      await request(app.getHttpServer()).get('/api/v1/things/warm-up');
      await request(app.getHttpServer()).get('/api/v1/things/warm-up');
      const before = [...(await scrape(app)).keys()];

      const ids = Array.from({ length: 10_000 }, (_, i) => `id-${i}-${Math.random().toString(36).slice(2)}`);
      await Promise.all(ids.map(touch));
      await Promise.all(ids.flatMap((id) => [invalidation.agent(id), invalidation.tags([`own:${id}`])]));
      for (const id of ids.slice(0, 10)) await request(app.getHttpServer()).get(`/api/v1/things/${id}`);

      const after = [...(await scrape(app)).keys()];
      expect(after.filter((name) => !before.includes(name) && !name.includes('route="/api/v1/metrics"'))).toEqual([]);
      expect(after.filter((name) => /id-\d|warm-up/.test(name))).toEqual([]);
    });
  });

  describe('when Redis is down', () => {
    it('counts an error, not a miss, and still answers', async () => {
      const own = await RedisServer.start();
      const app = await application({ redis: { url: own.url, failFast: true, retry: 'fast' } });
      const cache = app.get(CacheService);
      await own.kill();
      await cache.get('k');
      await until(async () => (await cache.lookup('k', () => 1)).reason === 'degraded');
      await own.stop();

      const samples = await scrape(app);

      expect([...samples].filter(([name, value]) => name.startsWith('cache_misses_total') && value > 0)).toEqual([]);
      expect(samples.get('cache_errors_total{operation="fetch",error_type="unavailable"}')).toBeGreaterThan(0);
      expect(samples.get('cache_keys')).toBe(0);
    });
  });

  describe('HTTP requests', () => {
    it('are measured by method, route template and status', async () => {
      const app = await application();
      const http = request(app.getHttpServer());
      await http.get('/api/v1/things/1').expect(200);
      await http.get('/api/v1/things/2').expect(200);
      await http.get('/api/v1/things/bad').expect(400);

      const samples = await scrape(app);
      const count = (status: number): number | undefined =>
        samples.get(
          `http_request_duration_seconds_count{method="GET",route="/api/v1/things/:id",status="${status}",cache="none"}`,
        );

      expect([count(200), count(400)]).toEqual([2, 1]);
    });

    it('are answered with 504 where a source is too slow, and counted so', async () => {
      const app = await application();
      const answer = await request(app.getHttpServer()).get('/api/v1/things/slow/1').expect(504);
      expect(answer.body).toEqual({ statusCode: 504, message: 'Gateway Timeout' });

      const name = 'http_request_duration_seconds_count{method="GET",route="/api/v1/things/slow/:id",status="504",';
      const samples = [...(await scrape(app))].filter(([sample]) => sample.startsWith(name));
      expect(samples.map(([, count]) => count)).toEqual([1]);
    });

    it('tell what the cache did for them, in a header and in the metrics', async () => {
      const app = await application();
      const http = request(app.getHttpServer());
      const first = await http.get('/api/v1/things/cached/1').expect(200);
      const second = await http.get('/api/v1/things/cached/1').expect(200);

      expect(first.headers['server-timing']).toMatch(/^cache;desc=miss;dur=\d+\.\d$/);
      expect(second.headers['server-timing']).toMatch(/^cache;desc=hit;dur=0\.0$/);
      expect((await http.get('/api/v1/things/1')).headers).not.toHaveProperty('server-timing');
      const route = 'method="GET",route="/api/v1/things/cached/:id",status="200"';
      const samples = await scrape(app);
      expect(samples.get(`http_request_duration_seconds_count{${route},cache="miss"}`)).toBe(1);
      expect(samples.get(`http_request_duration_seconds_count{${route},cache="hit"}`)).toBe(1);
    });
  });
});

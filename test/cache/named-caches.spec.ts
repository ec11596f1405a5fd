import 'reflect-metadata';
import { Controller, Get, Injectable, Logger, Module, type ModuleMetadata, Param } from '@nestjs/common';
import { EventEmitter2, EventEmitterModule } from '@nestjs/event-emitter';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import request from 'supertest';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  Cacheable,
  CacheEvict,
  CacheEvents,
  CacheHealthIndicator,
  CacheModule,
  type CacheModuleOptions,
  CachePut,
  CacheResponse,
  CacheService,
  cacheToken,
  defineKey,
  defineRule,
  fromParam,
  InjectCache,
  InjectInvalidation,
  InvalidateOn,
  InvalidationService,
  invalidationToken,
  InvalidOptionError,
  MetricChanged,
  PrometheusModule,
} from '../../src/index.js';
import type { CacheRuntime } from '../../src/cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../../src/cache/tokens.js';
import { Caches } from '../../src/cache/caches.js';
import { until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { redisOfSuite } from '../support/suite-redis.js';

const apps: NestExpressApplication[] = [];
type Feature = Parameters<typeof CacheModule.forFeature>[0];

async function application(
  root: CacheModuleOptions,
  features: readonly Feature[],
  { imports = [], ...parts }: ModuleMetadata = {},
): Promise<NestExpressApplication> {
  const all = [
    EventEmitterModule.forRoot(),
    CacheModule.forRoot(root),
    ...features.map((feature) => CacheModule.forFeature(feature)),
    ...imports,
  ];
  const module = await Test.createTestingModule({ ...parts, imports: all })
    .setLogger(false as never)
    .compile();
  const app = module.createNestApplication<NestExpressApplication>();
  app.useLogger(false);
  await app.init();
  apps.push(app);
  await until(() => [...app.get(Caches)].every(([, { runtime }]) => runtime.view.lease.holds(runtime.clock.now())));
  return app;
}

const cacheOf = (app: NestExpressApplication, name?: string): CacheService =>
  app.get<CacheService>(name === undefined ? CacheService : cacheToken(name));
const invalidationOf = (app: NestExpressApplication, name: string): InvalidationService =>
  app.get<InvalidationService>(invalidationToken(name));

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

describe('named caches on one Redis', () => {
  const suite = redisOfSuite();
  afterEach(async () => {
    await suite.redis.flushall();
  });
  const redis = (): CacheModuleOptions => ({ redis: { url: suite.url } });
  const connections = async (): Promise<number> =>
    String(await suite.redis.client('LIST'))
      .trim()
      .split('\n').length - 1;

  it('have the same keys with values of their own, in Redis below the prefix of the default cache', async () => {
    const app = await application(redis(), [{ name: 'reports' }, { name: 'sessions' }]);
    await cacheOf(app).set('user:1:profile', 'default');
    await cacheOf(app, 'reports').set('user:1:profile', 'reports');

    expect(await cacheOf(app).get('user:1:profile', { consistency: 'strict' })).toBe('default');
    expect(await cacheOf(app, 'reports').get('user:1:profile', { consistency: 'strict' })).toBe('reports');
    expect(await cacheOf(app, 'sessions').get('user:1:profile', { consistency: 'strict' })).toBeNull();
    expect((await suite.redis.keys('*')).sort()).toEqual(
      expect.arrayContaining([
        'shadower:e:{user:1:profile}',
        'shadower:@reports:e:{user:1:profile}',
        'shadower:ledger',
      ]),
    );
    expect((await suite.redis.keys('*')).filter((key) => !key.startsWith('shadower:'))).toEqual([]);
  });

  it('have defaults of their own, those of the module where they say nothing', async () => {
    const root = { ...redis(), defaultTtl: 77, ttlJitter: 0, maxEntryBytes: 1_000 };
    const app = await application(root, [
      { name: 'reports', defaultTtl: 5, ttlJitter: 0 },
      { name: 'plain', ttlJitter: 0 },
    ]);
    const large = 'x'.repeat(2_000);

    expect((await cacheOf(app).lookup('k', () => 1)).ttl).toBeCloseTo(77, 0);
    expect((await cacheOf(app, 'reports').lookup('k', () => 1)).ttl).toBeCloseTo(5, 0);
    expect((await cacheOf(app, 'plain').lookup('k', () => 1)).ttl).toBeCloseTo(300, 0);
    expect(await cacheOf(app).set('large', large)).toBe(false);
    expect(await cacheOf(app, 'reports').set('large', large)).toBe(true);
  });

  it.each([
    ['a pattern', (app: NestExpressApplication) => cacheOf(app, 'reports').clearPattern('user:*')],
    ['everything', (app: NestExpressApplication) => invalidationOf(app, 'reports').all()],
    ['a tag', (app: NestExpressApplication) => invalidationOf(app, 'reports').user(1)],
    ['a key', (app: NestExpressApplication) => cacheOf(app, 'reports').delete('user:1:profile')],
    ['a pattern, by the default one', (app: NestExpressApplication) => cacheOf(app).clearPattern('user:*'), 'default'],
    ['everything, by the default one', (app: NestExpressApplication) => app.get(InvalidationService).all(), 'default'],
  ])('invalidate %s in one cache only', async (_what, invalidate, which = 'reports') => {
    const app = await application(redis(), [{ name: 'reports' }, { name: 'sessions' }]);
    const caches = { default: cacheOf(app), reports: cacheOf(app, 'reports'), sessions: cacheOf(app, 'sessions') };
    for (const cache of Object.values(caches)) await cache.set('user:1:profile', 'kept');
    await invalidate(app);

    for (const [name, cache] of Object.entries(caches))
      expect([name, await cache.get('user:1:profile', { consistency: 'strict' })]).toEqual([
        name,
        name === which ? null : 'kept',
      ]);
  });

  it('take no connection more than one cache does', async () => {
    const alone = await application(redis(), []);
    expect(await connections()).toBe(2);
    await alone.close();
    await until(async () => (await connections()) === 0);
    await application(
      redis(),
      Array.from({ length: 8 }, (_, i) => ({ name: `cache-${i}` })),
    );
    expect(await connections()).toBe(2);
  });

  it('are coherent in two instances, each by itself', async () => {
    const features = [{ name: 'reports' }, { name: 'sessions' }];
    const [a, b] = [await application(redis(), features), await application(redis(), features)];
    for (const name of [undefined, 'reports', 'sessions']) {
      await cacheOf(a, name).set('user:1:profile', 'old');
      // What is fetched while the record of the set comes in is not kept in memory.
      await until(async () => (await cacheOf(b, name).lookup('user:1:profile', () => 'new')).source === 'l1');
    }
    const start = performance.now();
    await invalidationOf(a, 'reports').user(1);
    await until(async () => (await cacheOf(b, 'reports').get('user:1:profile')) === null, 2_000);
    // A blocked reader hears of it at once; a turn without news takes half a second.
    expect(performance.now() - start).toBeLessThan(400);

    expect((await cacheOf(b).lookup('user:1:profile', () => 'new')).source).toBe('l1');
    expect((await cacheOf(b, 'sessions').lookup('user:1:profile', () => 'new')).source).toBe('l1');
  });

  it('stay coherent while another cache’s ledger is gone or broken', async () => {
    const app = await application(redis(), [{ name: 'reports' }, { name: 'sessions' }]);
    const failing = new Set<string>();
    app
      .get(CacheEvents)
      .subscribe(
        (event, cache) => event.type === 'remote.failed' && event.failure === 'protocol' && failing.add(cache),
      );
    const broken = 'shadower:@reports:ledger:{shadower:ledger}';
    // Broken between the question for its end and that for news, it would fail the others once: that is not what is shown.
    await until(async () => /flags=b\b.*cmd=xread/.test(String(await suite.redis.client('LIST'))));
    await suite.redis.multi().unlink(broken).set(broken, 'not a stream').exec();
    const lease = (name: string): boolean => {
      const { view, clock } = app.get(Caches).get(name).runtime;
      return view.lease.holds(clock.now());
    };
    await until(() => !lease('reports'), 4_000);
    const end = performance.now() + 2_500;
    while (performance.now() < end) {
      expect([lease('default'), lease('sessions')]).toEqual([true, true]);
      // With news to be read, the end of a ledger alone does not renew a lease.
      await Promise.all([invalidationOf(app, 'sessions').user(1), app.get(InvalidationService).user(1)]);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    expect([...failing]).toEqual(['reports']);
    expect(app.get(CacheHealthIndicator).check('cache').cache).toMatchObject({
      status: 'up',
      coherent: false,
      caches: { default: { coherent: true }, reports: { coherent: false }, sessions: { coherent: true } },
    });
    await suite.redis.unlink(broken);
    await until(() => lease('reports'), 4_000);
    expect(app.get(CacheHealthIndicator).check('cache').cache).not.toHaveProperty('caches');
  });

  it('end with the application, which leaves no connection, lease or timer', async () => {
    const app = await application(redis(), [{ name: 'reports' }]);
    const refresh = cacheOf(app, 'reports').getOrLoad('slow', async () => {
      await new Promise((resolve) => setTimeout(resolve, 300));
      return 'drained';
    });
    await new Promise((resolve) => setTimeout(resolve, 50));
    await app.close();

    expect(await refresh).toBe('drained');
    expect(await suite.redis.exists('shadower:@reports:e:{slow}')).toBe(1);
    expect(await suite.redis.keys('*:l:*')).toEqual([]);
    await until(async () => (await connections()) === 0);
  });

  it('tell metrics with their names, the default one as if there were no others, and Redis once', async () => {
    const Report = defineKey('report:{id}', { ttl: 60 });
    const app = await application(redis(), [{ name: 'reports', templates: [Report] }], {
      imports: [PrometheusModule.forRoot({ defaultMetrics: false })],
    });
    await cacheOf(app).set('k', 1);
    await cacheOf(app).get('k');
    for (let i = 0; i < 3; i += 1) await cacheOf(app, 'reports').getOrLoad(Report({ id: '1' }), () => 1);
    const { text } = await request(app.getHttpServer()).get('/metrics').expect(200);
    const lines = text.split('\n');

    expect(lines).toContain('cache_hits_total{operation="get",key_pattern="other"} 1');
    expect(lines).toContain('cache_hits_total{operation="get_or_load",key_pattern="report:{id}",cache="reports"} 2');
    expect(lines).toContain('cache_coherent 1');
    expect(lines).toContain('cache_coherent{cache="reports"} 1');
    for (const once of [
      'cache_redis_up',
      'cache_keys',
      'cache_redis_reconnects_total',
      'cache_redis_round_trip_seconds',
    ])
      expect(lines.filter((line) => line.startsWith(`${once} `) || line.startsWith(`${once}{`))).toHaveLength(1);
    expect(lines.filter((line) => line.startsWith('cache_circuit_state'))).toHaveLength(3);
    expect(cacheOf(app, 'reports').statistics().templates['report:{id}']).toMatchObject({ hits: { l1: 2 }, misses: 1 });
    expect(cacheOf(app).statistics().templates).not.toHaveProperty('report:{id}');
  });

  it('name themselves in the log', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    await application(redis(), [{ name: 'reports' }]);
    await suite.redis.unlink('shadower:@reports:ledger:{shadower:ledger}');
    await until(() => warn.mock.calls.length > 0, 3_000);
    const lines = warn.mock.calls.map(([line]) => String(line));
    warn.mockRestore();
    expect(lines).toEqual([
      'The ledger of invalidations of the cache reports has a gap (lost): memory was emptied, values are fetched anew.',
    ]);
  });

  it('share their circuits: what one has learnt of the server the others need not', async () => {
    const app = await application({ redis: { url: suite.url, commandTimeoutMs: 50, circuit: { failures: 3 } } }, [
      { name: 'reports' },
    ]);
    await suite.redis.client('PAUSE', 1_000);
    for (let i = 0; i < 3; i += 1) await cacheOf(app, 'reports').get(`k:${i}`);
    const start = performance.now();
    await cacheOf(app).get('k');
    expect(performance.now() - start).toBeLessThan(20);
    expect(app.get<CacheRuntime>(CACHE_RUNTIME).circuits.states.read).toBe('open');
  });
});

const Stats = defineKey('agent:{agentId}:stats', { ttl: 60 });
const Total = defineKey('total', { ttl: 60 });

@Injectable()
class Agents {
  loads = 0;

  @Cacheable(Stats, { key: ['agentId'], cache: 'reports' })
  @InvalidateOn('agents.counted', { tags: ({ id }: { id: string }) => [`agent:${id}`] })
  async stats(_agentId: string): Promise<number> {
    return Promise.resolve(++this.loads);
  }

  @CachePut(Stats, { key: ['agentId'], cache: 'reports' })
  async count(_agentId: string): Promise<number> {
    return Promise.resolve(100);
  }

  @CacheEvict({ tags: (agentId: string) => [`agent:${agentId}`], cache: 'reports' })
  async forget(_agentId: string): Promise<void> {
    return Promise.resolve();
  }

  @Cacheable(Total, { cache: 'reports' })
  async inReports(): Promise<string> {
    return Promise.resolve('reports');
  }
}

const Answer = defineKey('answer:{id}', { ttl: 60 });

@Controller('answers')
class Answers {
  @Get(':id')
  @CacheResponse(Answer, { key: { id: fromParam('id') }, public: true, cache: 'reports' })
  one(@Param('id') id: string): string[] {
    return [id];
  }
}

@Injectable()
class Totals {
  @Cacheable(Total)
  async inDefault(): Promise<string> {
    return Promise.resolve('default');
  }
}

@Injectable()
class Astray {
  @Cacheable(Total, { cache: 'rapports' })
  async total(): Promise<number> {
    return Promise.resolve(1);
  }
}

@Injectable()
class Reader {
  constructor(
    @InjectCache('reports') readonly cache: CacheService,
    @InjectInvalidation('reports') readonly invalidation: InvalidationService,
  ) {}
}

@Module({})
class Life {}

@Module({ providers: [Reader], exports: [Reader] })
class ReaderModule {}

describe('named caches', () => {
  it('are injected by name, in modules that do not import them', async () => {
    const app = await application({}, [{ name: 'reports' }], { imports: [ReaderModule] });
    const { cache, invalidation } = app.get(Reader);

    expect(cache).toBe(cacheOf(app, 'reports'));
    await cache.set('user:1:profile', 'value');
    expect(await cacheOf(app).get('user:1:profile')).toBeNull();
    expect(await invalidation.user(1)).toMatchObject({ acknowledged: true });
    expect(await cache.get('user:1:profile')).toBeNull();
  });

  it('take options that come from elsewhere', async () => {
    const feature = CacheModule.forFeatureAsync({
      name: 'reports',
      inject: ['LIFE'],
      imports: [{ module: Life, providers: [{ provide: 'LIFE', useValue: 9 }], exports: ['LIFE'] }],
      useFactory: async (life: number) => Promise.resolve({ defaultTtl: life, ttlJitter: 0 }),
    });
    const app = await application({}, [], { imports: [feature] });

    expect((await cacheOf(app, 'reports').lookup('k', () => 1)).ttl).toBeCloseTo(9, 0);
  });

  it('are kept to the modules that import them where they say so', async () => {
    const starting = application({}, [{ name: 'reports', isGlobal: false }], { imports: [ReaderModule] });

    await expect(starting).rejects.toThrow(/CacheService of CacheModule\.forFeature\(\{ name: 'reports' \}\)/);
  });

  describe('do not start', () => {
    it.each(['', 'a:b', 'default', 'ä', '*', 'x'.repeat(65), 5])('by the name %j', (name) => {
      expect(() => CacheModule.forFeature({ name: name as string })).toThrow(InvalidOptionError);
      expect(() => CacheModule.forFeatureAsync({ name: name as string, useFactory: () => ({}) })).toThrow(
        /the name of a cache must be 1 to 64 characters/,
      );
    });

    it.each([
      ['redis', { url: 'redis://ada:hunt2@localhost' }],
      ['prefix', 'other'],
      ['coherenceWindowMs', 500],
      ['sources', {}],
      ['instance', 'pod-7'],
      ['http', {}],
      ['traceKey', String],
    ])('with %s, which all share', async (option, value) => {
      const told = `${option} of the cache reports must be left to CacheModule.forRoot, as all caches share it`;
      expect(() => CacheModule.forFeature({ name: 'reports', [option]: value })).toThrow(told);
      const feature = CacheModule.forFeatureAsync({ name: 'reports', useFactory: () => ({ [option]: value }) });
      const failure: unknown = await application({}, [], { imports: [feature] }).catch((error: unknown) => error);
      expect(String(failure)).toContain(told);
      expect(String(failure)).not.toContain('hunt2');
    });

    it('with an option that breaks a rule, or of a source that there is not', async () => {
      await expect(application({}, [{ name: 'reports', defaultTtl: 0 }])).rejects.toThrow('defaultTtl must be');
      await expect(application({}, [{ name: 'reports', source: 'db' }])).rejects.toThrow('source must be one of');
      await application({ sources: { db: { maxLoads: 1 } } }, [{ name: 'reports', source: 'db' }]);
    });

    it('as two of one name', async () => {
      await expect(application({}, [{ name: 'reports' }, { name: 'reports', defaultTtl: 5 }])).rejects.toThrow(
        'the name of a cache must be given once',
      );
    });

    it('where a decorator names one that there is not, and which there are', async () => {
      await expect(application({}, [{ name: 'reports' }], { providers: [Astray] })).rejects.toThrow(
        'cache of Astray.total must be one of the caches of this application (default, reports); received "rapports"',
      );
    });

    it('where one is injected that there is not', async () => {
      await expect(application({}, [{ name: 'others' }], { imports: [ReaderModule] })).rejects.toThrow(
        /CacheService of CacheModule\.forFeature\(\{ name: 'reports' \}\)/,
      );
    });

    it('and leave no connection behind', async () => {
      const server = await RedisServer.start();
      const admin = new Redis(server.url, { disableClientInfo: true });
      try {
        const starting = application({ redis: { url: server.url } }, [{ name: 'reports' }, { name: 'reports' }]);
        await expect(starting).rejects.toThrow(InvalidOptionError);
        await until(
          async () =>
            String(await admin.client('LIST'))
              .trim()
              .split('\n').length === 1,
        );
      } finally {
        admin.disconnect();
        await server.stop();
      }
    });
  });

  it('share the room of a source', async () => {
    const app = await application({ sources: { db: { maxLoads: 1, maxWaitMs: 20 } } }, [{ name: 'reports' }]);
    let open = (): void => undefined;
    const opened = new Promise<number>((resolve) => {
      open = () => {
        resolve(1);
      };
    });
    const first = cacheOf(app).getOrLoad('k', () => opened, { source: 'db' });
    await expect(cacheOf(app, 'reports').getOrLoad('k', () => 1, { source: 'db' })).rejects.toThrow(/db/);
    open();
    await first;
  });

  it('are invalidated by domain events, all of them, and by the rules of their own', async () => {
    const rule = defineRule<{ key: string }>({
      event: 'report.written',
      description: 'the report',
      tags: () => [],
      keys: ({ key }) => [key],
    });
    const app = await application({}, [{ name: 'reports', rules: [rule] }, { name: 'sessions' }]);
    const caches = [cacheOf(app), cacheOf(app, 'reports'), cacheOf(app, 'sessions')];
    const fill = async (): Promise<void> => {
      for (const cache of caches) await cache.set('metric:7:daily', 1);
    };
    const found = (): Promise<unknown[]> => Promise.all(caches.map((cache) => cache.get('metric:7:daily')));
    await fill();
    await app.get(EventEmitter2).emitAsync(MetricChanged.event, new MetricChanged('7'));
    expect(await found()).toEqual([null, null, null]);

    await fill();
    await app.get(EventEmitter2).emitAsync('report.written', { key: 'metric:7:daily' });
    expect(await found()).toEqual([1, null, 1]);
    expect(
      invalidationOf(app, 'reports')
        .rules()
        .map(({ event }) => event),
    ).toContain('report.written');
    expect(
      app
        .get(InvalidationService)
        .rules()
        .map(({ event }) => event),
    ).not.toContain('report.written');
  });

  it('answer routes that name them, by grace of their own', async () => {
    const app = await application({}, [{ name: 'reports', grace: 30, ttlJitter: 0 }], { controllers: [Answers] });
    const get = (path: string): request.Test => request(app.getHttpServer()).get(path).expect(200);
    await get('/answers/1');
    const { headers } = await get('/answers/1');

    expect(headers['cache-status']).toMatch(/^shadower; hit/);
    expect(headers['cache-control']).toMatch(/^public, max-age=\d+, stale-while-revalidate=30$/);
    expect(await cacheOf(app, 'reports').exists(Answer({ id: '1' }))).toBe(true);
    expect(await cacheOf(app).exists(Answer({ id: '1' }))).toBe(false);
    await invalidationOf(app, 'reports').all();
    expect((await get('/answers/1')).headers['cache-status']).toMatch(/fwd=miss/);
  });

  it('are used by decorators that name them', async () => {
    const warn = vi.spyOn(Logger.prototype, 'warn').mockImplementation(() => undefined);
    // No event invalidates their totals: another warning than the one that is looked for.
    const coverage = { onFinding: 'off' } as const;
    const app = await application({ coverage }, [{ name: 'reports', coverage }], { providers: [Agents, Totals] });
    const agents = app.get(Agents);
    // One template in two caches: neither gets what the other has cached.
    expect([await agents.inReports(), await app.get(Totals).inDefault()]).toEqual(['reports', 'default']);
    expect(warn.mock.calls).toEqual([]);
    warn.mockRestore();

    expect([await agents.stats('1'), await agents.stats('1')]).toEqual([1, 1]);
    expect(await cacheOf(app, 'reports').get(Stats({ agentId: '1' }))).toBe(1);
    expect(await cacheOf(app).get(Stats({ agentId: '1' }))).toBeNull();
    await agents.count('1');
    expect(await agents.stats('1')).toBe(100);
    await agents.forget('1');
    expect(await agents.stats('1')).toBe(2);
    await cacheOf(app).set(Stats({ agentId: '1' }), 'untouched');
    // The rule says no cache: it is about the one that its method caches in.
    await app.get(EventEmitter2).emitAsync('agents.counted', { id: '1' });
    expect(await agents.stats('1')).toBe(3);
    expect(await cacheOf(app).get(Stats({ agentId: '1' }))).toBe('untouched');
  });
});

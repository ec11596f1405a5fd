import 'reflect-metadata';
import { Controller, Get, Inject, Injectable, Logger, Module, type ModuleMetadata, Param } from '@nestjs/common';
import { APP_FILTER } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import request from 'supertest';
import { afterEach, describe, expect, it, vi } from 'vitest';
import {
  CacheModule,
  type CacheModuleOptions,
  CacheService,
  InjectRedis,
  InvalidationService,
  InvalidOptionError,
  LoadErrorFilter,
  RedisUnavailableError,
} from '../../src/index.js';
import { until } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';

const apps: NestExpressApplication[] = [];

async function application(
  imports: ModuleMetadata['imports'] = [],
  providers: ModuleMetadata['providers'] = [],
): Promise<NestExpressApplication> {
  const module = await Test.createTestingModule({ imports, providers }).compile();
  const app = module.createNestApplication<NestExpressApplication>();
  app.useLogger(false);
  apps.push(app);
  return app.init();
}

@Injectable()
class Settings {
  readonly options: CacheModuleOptions = { defaultTtl: 77 };

  createCacheOptions(): CacheModuleOptions {
    return this.options;
  }
}

@Module({ providers: [Settings], exports: [Settings] })
class SettingsModule {}

@Injectable()
class Raw {
  constructor(@InjectRedis() readonly redis: Redis | undefined) {}
}

@Injectable()
class Consumer {
  constructor(readonly cache: CacheService) {}
}

@Module({ providers: [Consumer], exports: [Consumer] })
class FeatureModule {}

describe('CacheModule', () => {
  const suite = redisOfSuite();
  afterEach(async () => {
    await Promise.all(apps.splice(0).map((app) => app.close()));
  });

  /** As chosen, or shortened by chance. */
  const expectTtl = (ttl: number, chosen: number): void => {
    expect(ttl).toBeLessThanOrEqual(chosen);
    expect(ttl).toBeGreaterThan(0.9 * chosen - 1);
  };
  const ttlIn = async (app: NestExpressApplication): Promise<number> =>
    (await app.get(CacheService).lookup('k', () => 1)).ttl;

  describe('forRoot', () => {
    it('takes options, and none at all', async () => {
      expectTtl(await ttlIn(await application([CacheModule.forRoot({ defaultTtl: 77 })])), 77);
      expectTtl(await ttlIn(await application([CacheModule.forRoot({})])), 300);
      expectTtl(await ttlIn(await application([CacheModule.forRoot()])), 300);
    });

    it('makes the cache available in modules that do not import it', async () => {
      const app = await application([CacheModule.forRoot({}), FeatureModule]);

      expect(app.get(Consumer, { strict: false }).cache).toBe(app.get(CacheService));
    });

    it('may be told not to be global', async () => {
      const module = Test.createTestingModule({ imports: [CacheModule.forRoot({ isGlobal: false }), FeatureModule] });

      await expect(module.setLogger(false as never).compile()).rejects.toThrow(/CacheService/);
    });

    it('refuses a bad option with one error that names the option, the rule and the value', async () => {
      const starting = application([CacheModule.forRoot({ memory: { maxEntries: -1 } })]);

      await expect(starting).rejects.toThrow(InvalidOptionError);
      await expect(starting).rejects.toThrow(
        'memory.maxEntries must be a whole number from 0 to 100000000; received -1',
      );
    });

    it('says in one line that there is no Redis and how to add one', async () => {
      const log = vi.spyOn(Logger.prototype, 'log').mockImplementation(() => undefined);
      await application([CacheModule.forRoot({}), EventEmitterModule.forRoot()]);

      expect(log.mock.calls.map(([line]) => String(line)).filter((line) => line.includes('REDIS_URL'))).toHaveLength(1);
    });
  });

  describe('forRootAsync', () => {
    it('takes useFactory with inject and imports', async () => {
      const app = await application([
        CacheModule.forRootAsync({
          imports: [SettingsModule],
          inject: [Settings],
          useFactory: (settings: Settings) => settings.options,
        }),
      ]);
      expectTtl(await ttlIn(app), 77);
    });

    it('waits for a factory that answers later', async () => {
      const app = await application([
        CacheModule.forRootAsync({ useFactory: () => Promise.resolve({ defaultTtl: 77 }) }),
      ]);
      expectTtl(await ttlIn(app), 77);
    });

    it('takes useClass', async () => {
      expectTtl(await ttlIn(await application([CacheModule.forRootAsync({ useClass: Settings })])), 77);
    });

    it('takes useExisting', async () => {
      const app = await application([CacheModule.forRootAsync({ imports: [SettingsModule], useExisting: Settings })]);
      expectTtl(await ttlIn(app), 77);
    });
  });

  describe('InjectRedis', () => {
    it('gives the connected client', async () => {
      const app = await application([CacheModule.forRoot({ redis: { url: suite.url, retry: 'fast' } })], [Raw]);
      const { redis } = app.get(Raw);

      await until(() => redis?.status === 'ready');

      expect(await redis?.ping()).toBe('PONG');
    });

    it('gives undefined in memory only', async () => {
      expect((await application([CacheModule.forRoot({})], [Raw])).get(Raw).redis).toBeUndefined();
    });
  });

  describe('starting', () => {
    it('does not wait for Redis', async () => {
      const app = await application([CacheModule.forRoot({ redis: { url: 'redis://127.0.0.1:1' } })]);

      expect(await app.get(CacheService).getOrLoad('k', () => 'loaded')).toBe('loaded');
    });

    it('fails with failFast when Redis is away', async () => {
      const redis = { url: 'redis://127.0.0.1:1', failFast: true, retry: { attempts: 1, baseMs: 10 } };

      await expect(application([CacheModule.forRoot({ redis })])).rejects.toThrow(RedisUnavailableError);
    });

    it('waits with failFast until Redis can be used', async () => {
      const app = await application([CacheModule.forRoot({ redis: { url: suite.url, failFast: true } })]);

      expect(await app.get(CacheService).set('k', 1)).toBe(true);
    });
  });

  describe('shutting down', () => {
    const clients = async (): Promise<number> =>
      Number(/connected_clients:(\d+)/.exec(await suite.redis.info('clients'))?.[1]);

    it('closes every connection', async () => {
      await until(async () => (await clients()) === 1);
      const app = await application([CacheModule.forRoot({ redis: { url: suite.url, failFast: true } })]);
      await until(async () => (await clients()) === 3);

      await app.close();

      await until(async () => (await clients()) === 1);
    });

    it('leaves no handler on the emitter', async () => {
      const { EventEmitter2 } = await import('@nestjs/event-emitter');
      const app = await application([CacheModule.forRoot({}), EventEmitterModule.forRoot()]);
      const emitter = app.get(EventEmitter2);
      expect(emitter.listenerCount('user.changed')).toBe(1);

      await app.close();

      expect(emitter.listenerCount('user.changed')).toBe(0);
    });
  });

  describe('two applications in one process', () => {
    it('share one Redis and nothing else', async () => {
      const options = { redis: { url: suite.url, failFast: true }, prefix: 'two' };
      const [one, other] = [
        await application([CacheModule.forRoot(options)]),
        await application([CacheModule.forRoot(options)]),
      ];
      await one.get(CacheService).getOrLoad('user:1:profile', () => 'value');

      expect(await other.get(CacheService).lookup('user:1:profile', () => 'again')).toMatchObject({
        value: 'value',
        source: 'l2',
      });
      await one.close();

      expect(await other.get(InvalidationService).user(1)).toMatchObject({ acknowledged: true });
      expect(await other.get(CacheService).get('user:1:profile')).toBeNull();
    });

    it('do not share what is in memory, nor options', async () => {
      const [one, other] = [
        await application([CacheModule.forRoot({ defaultTtl: 10 })]),
        await application([CacheModule.forRoot({ defaultTtl: 20 })]),
      ];
      await one.get(CacheService).set('k', 1);

      expect(await other.get(CacheService).get('k')).toBeNull();
      expectTtl(await ttlIn(one), 10);
      expectTtl(await ttlIn(other), 20);
    });
  });

  describe('a source that is asked too much, or is too slow', () => {
    @Controller()
    class Reports {
      constructor(private readonly cache: CacheService) {}

      @Get(':id')
      report(@Param('id') id: string): Promise<string> {
        const options = { source: 'warehouse', hardTimeoutMs: 300 };
        return this.cache.getOrLoad(`report:${id}`, () => new Promise<string>(() => undefined), options);
      }
    }

    it('is answered with 503 and Retry-After, and with 504', async () => {
      const sources = { warehouse: { maxLoads: 1, maxWaitMs: 100 } };
      const module = await Test.createTestingModule({
        imports: [CacheModule.forRoot({ sources })],
        controllers: [Reports],
        providers: [{ provide: APP_FILTER, useClass: LoadErrorFilter }],
      }).compile();
      const app = module.createNestApplication<NestExpressApplication>();
      apps.push(app);
      await app.init();
      const server = app.getHttpServer();

      const [slow, refused] = await Promise.all([request(server).get('/1'), request(server).get('/2')]);

      expect([slow.status, refused.status].sort()).toEqual([503, 504]);
      const [timedOut, rejected] = slow.status === 504 ? [slow, refused] : [refused, slow];
      expect(timedOut.body).toEqual({
        ...{ statusCode: 504, error: 'LOAD_TIMEOUT' },
        message: expect.stringMatching(/^a load labelled other has not ended within \d+ ms/) as unknown,
      });
      expect(rejected.body).toMatchObject({ statusCode: 503, error: 'LOAD_REJECTED' });
      expect(rejected.headers['retry-after']).toBe('1');
    });
  });

  describe('used as the README says', () => {
    it('caches what a controller loads', async () => {
      const load = vi.fn((id: string) => ({ id }));
      @Controller('agents')
      class AgentsController {
        constructor(@Inject(CacheService) private readonly cache: CacheService) {}

        @Get(':id')
        read(@Param('id') id: string): Promise<unknown> {
          return this.cache.getOrLoad(`agent:${id}:stats:7d`, () => load(id));
        }
      }
      const app = await application([
        { module: AgentsController, imports: [CacheModule.forRoot({})], controllers: [AgentsController] },
      ]);

      for (const id of ['1', '1', '2']) await request(app.getHttpServer()).get(`/agents/${id}`).expect(200, { id });

      expect(load).toHaveBeenCalledTimes(2);
    });
  });
});

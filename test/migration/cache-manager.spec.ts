import { Controller, type DynamicModule, Get, Inject, Module, Param, UseInterceptors } from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import {
  CACHE_MANAGER as NEST_CACHE_MANAGER,
  CacheInterceptor,
  CacheKey,
  CacheModule as NestCacheModule,
  CacheTTL,
} from '@nestjs/cache-manager';
import type { Cache } from 'cache-manager';
import { afterEach, describe, expect, it } from 'vitest';
import { CACHE_MANAGER, CacheKeyvStore, CacheManager, CacheManagerModule } from '../../src/index.js';
import { until } from '../support/caches.js';
import { TestServer } from '../http/adapters.js';

let calls = 0;

/** The routes of the e2e applications of `@nestjs/cache-manager`, in one. */
@Controller()
class Routes {
  constructor(@Inject(CACHE_MANAGER) private readonly cache: Cache) {}

  @Get('intercepted')
  @UseInterceptors(CacheInterceptor)
  intercepted(): number {
    return calls++;
  }

  @Get('brief')
  @CacheTTL(150)
  @UseInterceptors(CacheInterceptor)
  brief(): number {
    return calls++;
  }

  @Get('by-factory')
  @CacheTTL(() => 150)
  @UseInterceptors(CacheInterceptor)
  byFactory(): number {
    return calls++;
  }

  @Get('named')
  @CacheKey('a key')
  @UseInterceptors(CacheInterceptor)
  named(): number {
    return calls++;
  }

  @Get('named-too/:id')
  @CacheKey((context) => `by:${context.switchToHttp().getRequest<{ params: { id: string } }>().params.id}`)
  @UseInterceptors(CacheInterceptor)
  namedToo(@Param('id') _id: string): number {
    return calls++;
  }

  @Get('manual')
  async manual(): Promise<string> {
    const found = await this.cache.get<string>('manual');
    if (found !== undefined) return found;
    await this.cache.set('manual', 'from cache', 1_000);
    return 'not from cache';
  }

  @Get('wrap')
  async wrap(): Promise<number> {
    return this.cache.wrap('wrapped', () => Promise.resolve(calls++), 1_000);
  }

  @Get('forget')
  async forget(): Promise<string> {
    await this.cache.del('manual');
    return 'forgotten';
  }
}

const WAYS = {
  'the facade': () => [CacheManagerModule.register({ isGlobal: true, ttl: 5_000 })],
  'Keyv in @nestjs/cache-manager': () => [
    NestCacheModule.registerAsync({
      isGlobal: true,
      inject: [CacheKeyvStore],
      useFactory: (store: CacheKeyvStore) => ({ stores: [store as never], ttl: 5_000 }),
    }),
  ],
};

describe.each(Object.entries(WAYS))('applications of @nestjs/cache-manager, on %s', (_name, modules) => {
  let server: TestServer;
  afterEach(() => server.close());
  const start = async (providers: object[] = []): Promise<void> => {
    calls = 0;
    server = await TestServer.start('express', {
      imports: modules(),
      controllers: [Routes],
      providers: providers as never,
    });
  };
  const get = async (path: string): Promise<string> => (await server.ask(path)).text;

  it('share the token', () => {
    expect(CACHE_MANAGER).toBe(NEST_CACHE_MANAGER);
    return start();
  });

  it('cache a route, and say so', async () => {
    await start();
    expect([await get('/intercepted'), await get('/intercepted')]).toEqual(['0', '0']);
    expect((await server.ask('/intercepted')).headers['x-cache']).toBe('HIT');
  });

  it('cache every route with the global interceptor', async () => {
    await start([{ provide: APP_INTERCEPTOR, useClass: CacheInterceptor }]);
    expect([await get('/wrap?a=1'), await get('/wrap?a=1')]).toEqual(['0', '0']);
  });

  it.each(['/brief', '/by-factory'])('keep the TTL of a route: %s', async (path) => {
    await start();
    expect([await get(path), await get(path)]).toEqual(['0', '0']);
    await until(async () => (await get(path)) === '1');
  });

  it('use the keys of decorators, fixed or made of the request', async () => {
    await start();
    await get('/named');
    expect(await server.app.get<Cache>(CACHE_MANAGER).get('a key')).toBe(0);
    expect([await get('/named-too/1'), await get('/named-too/2'), await get('/named-too/1')]).toEqual(['1', '2', '1']);
  });

  it('get, set and delete by hand', async () => {
    await start();
    expect([await get('/manual'), await get('/manual')]).toEqual(['not from cache', 'from cache']);
    await get('/forget');
    expect(await get('/manual')).toBe('not from cache');
  });

  it('wrap', async () => {
    await start();
    expect([await get('/wrap'), await get('/wrap')]).toEqual(['0', '0']);
  });

  it('set and get many, and clear', async () => {
    await start();
    const cache = server.app.get<Cache>(CACHE_MANAGER);
    await cache.mset<unknown>([
      { key: 'a', value: 1 },
      { key: 'b', value: { deep: [2] }, ttl: 1_000 },
    ]);
    expect(await cache.mget(['a', 'b', 'c'])).toEqual([1, { deep: [2] }, undefined]);
    await cache.mdel(['a']);
    expect(await cache.get('a')).toBeUndefined();
    await cache.clear();
    expect(await cache.mget(['a', 'b'])).toEqual([undefined, undefined]);
  });

  it('tell when a value expires', async () => {
    await start();
    const cache = server.app.get<Cache>(CACHE_MANAGER);
    await cache.set('a', 1, 60_000);
    const left = ((await cache.ttl('a')) ?? 0) - Date.now();

    expect(left).toBeGreaterThan(58_000);
    expect(left).toBeLessThanOrEqual(60_010);
    expect(await cache.ttl('nothing')).toBeUndefined();
  });

  it('may change what they get', async () => {
    await start();
    const cache = server.app.get<Cache>(CACHE_MANAGER);
    await cache.set('a', { list: [1] });
    (await cache.get<{ list: number[] }>('a'))?.list.push(2);
    (await cache.wrap('b', () => ({ list: [1] }))).list.push(2);

    expect(await cache.get('a')).toEqual({ list: [1] });
    expect(await cache.wrap('b', () => ({ list: [3] }))).toEqual({ list: [1] });
  });
});

describe('CacheManager', () => {
  let server: TestServer;
  afterEach(() => server.close());
  const start = async (options = {}): Promise<CacheManager> => {
    server = await TestServer.start('express', { imports: [CacheManagerModule.register(options)] });
    return server.app.get(CACHE_MANAGER, { strict: false });
  };

  it('loads once for all who wrap a key at a time, and not again for a TTL that a function says', async () => {
    const cache = await start();
    let loads = 0;
    const load = (): number => ++loads;
    await Promise.all(Array.from({ length: 100 }, () => cache.wrap('a', load)));
    expect(loads).toBe(1);
    await cache.wrap('b', load, (value) => value * 100_000);
    await cache.wrap('b', load, () => 1);
    expect(loads).toBe(2);
    expect(await cache.ttl('b')).toBeGreaterThan(Date.now() + 100_000);
  });

  it('does not cache undefined, nor errors, and caches null', async () => {
    const cache = await start();
    let loads = 0;
    const load = (value: unknown) => (): unknown => {
      loads += 1;
      return value;
    };
    await cache.wrap('a', load(undefined));
    await cache.wrap('a', load(undefined));
    expect(loads).toBe(2);
    await cache.wrap('b', load(null));
    expect([await cache.wrap('b', load(1)), loads]).toEqual([null, 3]);
    await expect(cache.wrap('c', () => Promise.reject(new Error('down')))).rejects.toThrow('down');
    expect(await cache.get('c')).toBeUndefined();
    await cache.set('b', undefined);
    expect(await cache.get('b')).toBeUndefined();
  });

  it('loads anew behind a hit that has less than the threshold left', async () => {
    const cache = await start({ ttl: 10_000, refreshThreshold: 9_990 });
    let loads = 0;
    const load = (): number => ++loads;
    await cache.wrap('a', load);
    await new Promise((resolve) => setTimeout(resolve, 120));
    expect(await cache.wrap('a', load)).toBe(1);
    await expect.poll(() => cache.wrap('a', load)).toBe(2);
  });

  it('keeps namespaces apart, also when one is cleared', async () => {
    const feature = (namespace: string): DynamicModule => {
      @Module({})
      class Feature {}
      return {
        module: Feature,
        imports: [CacheManagerModule.register({ namespace })],
        providers: [{ provide: namespace, useExisting: CACHE_MANAGER }],
      };
    };
    server = await TestServer.start('express', { imports: [feature('one'), feature('two')] });
    const [first, second] = ['one', 'two'].map((name) => server.app.get<CacheManager>(name, { strict: false }));
    await first?.set('a', 1);
    await second?.set('a', 2);
    expect([await first?.get('a'), await second?.get('a')]).toEqual([1, 2]);
    await first?.clear();
    expect([await first?.get('a'), await second?.get('a')]).toEqual([undefined, 2]);
  });
});

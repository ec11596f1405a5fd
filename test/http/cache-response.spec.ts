import { Readable } from 'node:stream';
import {
  type CanActivate,
  Controller,
  type ExecutionContext,
  Get,
  Header,
  HttpCode,
  Injectable,
  NotFoundException,
  Param,
  Post,
  Query,
  Req,
  Res,
  StreamableFile,
  UseGuards,
  UseInterceptors,
  ClassSerializerInterceptor,
} from '@nestjs/common';
import { Exclude } from 'class-transformer';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CacheResponse,
  CacheService,
  type CacheModuleOptions,
  defineKey,
  fromHeader,
  fromParam,
  fromQuery,
  fromTenant,
  InvalidationService,
  InvalidOptionError,
  type KeyTemplate,
} from '../../src/index.js';
import { gate } from '../support/caches.js';
import { type Adapter, ADAPTERS, TestServer } from './adapters.js';

const Stats = defineKey('agent:{agentId}:stats:{timeframe}');
const Mine = defineKey('mine:{tenant}:{page}');
const Search = defineKey('search:{text}:{tags}:{language}');
const One = defineKey('one:{id}');

function idsOf<const N extends string>(name: N): KeyTemplate<`${N}:{id}`> {
  return defineKey(`${name}:{id}`);
}

interface Asked {
  readonly headers: Record<string, string | undefined>;
  user?: { id: string };
}

/** Believes what the header says, which is all a guard of a test need do. */
@Injectable()
class HeaderGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const asked = context.switchToHttp().getRequest<Asked>();
    const { authorization } = asked.headers;
    if (authorization === undefined) return false;
    if (authorization !== 'nobody') asked.user = { id: authorization };
    return true;
  }
}

class Account {
  readonly name = 'Ada';
  @Exclude() readonly password = 'secret';
}

let loads = 0;
let before: () => Promise<void> = () => Promise.resolve();

@Controller()
class Routes {
  @Get('agents/:id/stats')
  @CacheResponse(Stats, {
    key: { agentId: fromParam('id'), timeframe: fromQuery('timeframe', { default: '7d' }) },
    public: true,
    grace: 30,
    ignoreQuery: ['utm_source'],
  })
  async stats(@Param('id') id: string, @Query('timeframe') timeframe = '7d', @Req() asked: Asked): Promise<unknown> {
    await before();
    loads += 1;
    return { id, timeframe, loads, host: asked.headers['x-forwarded-host'] ?? null };
  }

  @Get('mine')
  @UseGuards(HeaderGuard)
  @CacheResponse(Mine, {
    key: { tenant: fromTenant((asked: Asked) => asked.user?.id), page: fromQuery('page', { default: '1' }) },
  })
  async mine(@Req() asked: Asked): Promise<unknown> {
    await before();
    loads += 1;
    return { whose: asked.user?.id ?? 'nobody', loads };
  }

  @Get('search')
  @CacheResponse(Search, {
    key: {
      text: fromQuery('q', { normalize: (text) => text.trim().toLowerCase() }),
      tags: fromQuery('tag', { many: true }),
      language: fromHeader('Accept-Language', { default: 'en' }),
    },
    public: true,
  })
  search(@Query() query: unknown): unknown {
    loads += 1;
    return { query, loads };
  }

  @Get('missing/:id')
  @CacheResponse(idsOf('missing'), { key: { id: fromParam('id') }, public: true })
  missing(): unknown {
    loads += 1;
    throw new NotFoundException();
  }

  @Get('stream/:id')
  @CacheResponse(idsOf('stream'), { key: { id: fromParam('id') }, public: true })
  async stream(): Promise<StreamableFile> {
    await before();
    loads += 1;
    return new StreamableFile(Readable.from([Buffer.from(`stream ${loads}`)]));
  }

  @Get('cookie/:id')
  @CacheResponse(idsOf('cookie'), { key: { id: fromParam('id') }, public: true })
  async cookie(@Res({ passthrough: true }) response: { header(name: string, value: string): void }): Promise<unknown> {
    loads += 1;
    const mine = loads;
    response.header('Set-Cookie', `session=${mine}`);
    await before();
    return { mine };
  }

  @Get('fixed/:id')
  @HttpCode(203)
  @Header('X-Fixed', 'yes')
  @CacheResponse(idsOf('fixed'), { key: { id: fromParam('id') }, public: true, revalidate: true })
  fixed(): unknown {
    loads += 1;
    return { loads };
  }

  @Get('account/:id')
  @UseInterceptors(ClassSerializerInterceptor)
  @CacheResponse(idsOf('account'), { key: { id: fromParam('id') }, public: true })
  account(): unknown {
    loads += 1;
    return { account: new Account(), all: [new Account()] };
  }

  @Get('nothing/:id')
  @CacheResponse(idsOf('nothing'), { key: { id: fromParam('id') }, public: true })
  nothing(@Param('id') id: string): unknown {
    loads += 1;
    return id === 'null' ? null : undefined;
  }
}

const OPERATOR: CacheModuleOptions = { http: { operator: ({ headers }) => headers['x-operator'] === 'yes' } };

describe.each(ADAPTERS)('CacheResponse on %s', (adapter: Adapter) => {
  let server: TestServer;
  afterEach(async () => {
    before = () => Promise.resolve();
    await server.close();
  });
  const start = async (options?: CacheModuleOptions): Promise<void> => {
    loads = 0;
    server = await TestServer.start(adapter, { controllers: [Routes] }, options);
  };
  const statusOf = async (path: string, headers = {}): Promise<string | undefined> =>
    (await server.ask(path, headers)).headers['cache-status'];
  const bodyOf = async (path: string, headers = {}): Promise<unknown> =>
    (await server.ask(path, headers)).body as unknown;

  describe('what a client is told', () => {
    it('is where the answer came from, how old it is and how long it may keep it', async () => {
      await start({ ttlJitter: 0 });
      const first = await server.ask('/agents/1/stats');
      const second = await server.ask('/agents/1/stats');

      expect(first.headers['cache-status']).toBe('shadower; fwd=miss; stored');
      expect(second.headers['cache-status']).toMatch(/^shadower; hit; ttl=(1799|1800); detail=l1$/);
      expect(second.headers['age']).toBe('0');
      expect(second.headers['cache-control']).toMatch(/^public, max-age=(1799|1800), stale-while-revalidate=30$/);
      expect(second.body).toEqual(first.body);
      expect(loads).toBe(1);
    });

    it('is 304 without a body for the ETag that it has, also when it came weak, strong, among others', async () => {
      await start();
      const { etag } = (await server.ask('/agents/1/stats')).headers as { etag: string };
      expect(etag).toMatch(/^W\/"[\w-]{27}"$/);
      for (const condition of [etag, etag.replace('W/', ''), `"other", ${etag}`, '*']) {
        const answer = await server.ask('/agents/1/stats', { 'if-none-match': condition });
        expect([answer.status, answer.text]).toEqual([304, '']);
        expect(answer.headers['etag']).toBe(etag);
        expect(answer.headers['cache-control']).toMatch(/^public, max-age/);
      }
      expect((await server.ask('/agents/1/stats', { 'if-none-match': '"other"' })).status).toBe(200);
      expect(loads).toBe(1);
    });

    it('is a new ETag once the answer has changed', async () => {
      await start();
      const { etag } = (await server.ask('/agents/1/stats')).headers as { etag: string };
      await server.app.get(InvalidationService).agent('1');
      const answer = await server.ask('/agents/1/stats', { 'if-none-match': etag });

      expect(answer.status).toBe(200);
      expect(answer.headers['etag']).not.toBe(etag);
    });

    it('is the stale value within the grace, with an age beyond its max-age, while the new one is loaded', async () => {
      await start();
      const Brief = defineKey('brief:{id}');
      @Controller()
      class Short {
        @Get('brief/:id')
        @CacheResponse(Brief, { key: { id: fromParam('id') }, public: true, ttl: 0.05, grace: 60, beta: 0 })
        get(): unknown {
          loads += 1;
          return { loads };
        }
      }
      await server.close();
      server = await TestServer.start(adapter, { controllers: [Short] });
      const { etag } = (await server.ask('/brief/1')).headers as { etag: string };
      await new Promise((resolve) => setTimeout(resolve, 80));
      const stale = await server.ask('/brief/1', { 'if-none-match': etag });

      expect([stale.status, stale.headers['cache-status']]).toEqual([304, 'shadower; hit; ttl=-1; detail=l1-stale']);
      await expect.poll(() => loads).toBe(2);
      const next = await server.ask('/brief/1', { 'if-none-match': etag });
      expect([next.status, next.body]).toEqual([200, { loads: 2 }]);
    });

    it('keeps the status and headers that the route declares', async () => {
      await start();
      await server.ask('/fixed/1');
      const hit = await server.ask('/fixed/1');

      expect([hit.status, hit.headers['x-fixed'], hit.body]).toEqual([203, 'yes', { loads: 1 }]);
      expect(hit.headers['cache-control']).toBe('public, no-cache');
    });
  });

  describe('a HEAD', () => {
    it('is answered from what GET has cached, and caches nothing itself', async () => {
      await start();
      expect((await server.ask('/agents/1/stats', {}, 'head')).headers['cache-status']).toBe(
        'shadower; fwd=miss; detail=head',
      );
      expect(await statusOf('/agents/1/stats')).toBe('shadower; fwd=miss; stored');
      const head = await server.ask('/agents/1/stats', {}, 'head');

      expect(head.headers['cache-status']).toMatch(/hit/);
      expect(['', undefined]).toContain(head.text);
      expect(loads).toBe(2);
    });
  });

  describe('one user', () => {
    it('gets no answer of another, at the same URL, one after the other or at the same time', async () => {
      await start();
      expect(await bodyOf('/mine', { authorization: 'ada' })).toEqual({ whose: 'ada', loads: 1 });
      expect(await bodyOf('/mine', { authorization: 'bob' })).toEqual({ whose: 'bob', loads: 2 });
      expect(await bodyOf('/mine', { authorization: 'ada' })).toEqual({ whose: 'ada', loads: 1 });

      const users = Array.from({ length: 20 }, (_, i) => `user${i % 4}`);
      const bodies = await Promise.all(users.map((authorization) => bodyOf('/mine?page=2', { authorization })));
      expect(bodies.map((body) => (body as { whose: string }).whose)).toEqual(users);
    });

    it('is told apart from one whose name looks like the form that a key gives to his', async () => {
      await start();
      const tenants = ['a b', 'A b', 'a:b', 'a.b', '-', '--', 'a'.repeat(300), 'é', '%2A', '*'].map((name) =>
        encodeURIComponent(name),
      );
      for (const authorization of tenants)
        expect(await bodyOf('/mine', { authorization })).toMatchObject({ whose: authorization });
      for (const authorization of tenants)
        expect(await bodyOf('/mine', { authorization })).toMatchObject({ whose: authorization });
      expect(loads).toBe(tenants.length);
    });

    it('may not have it kept by anybody else, nor shown to the next one at the same browser', async () => {
      await start();
      const { headers } = await server.ask('/mine', { authorization: 'ada' });

      expect(headers['cache-control']).toMatch(/^private, max-age=\d+$/);
      expect(headers['vary']).toBe('authorization, cookie');
    });

    it('whom the guard lets in without a name is answered without the cache', async () => {
      await start();
      expect(await statusOf('/mine', { authorization: 'nobody' })).toBe('shadower; fwd=bypass; detail=tenant');
      expect(await bodyOf('/mine', { authorization: 'nobody' })).toEqual({ whose: 'nobody', loads: 2 });
    });

    it('whom the guard refuses gets nothing, cached or not', async () => {
      await start();
      await server.ask('/mine', { authorization: 'ada' });

      expect((await server.ask('/mine')).status).toBe(403);
    });
  });

  describe('the key', () => {
    it('does not depend on the order of the query, on defaults, nor on what is to be ignored', async () => {
      await start();
      const paths = ['/search?q=Tea&tag=b&tag=a', '/search?tag=a&q=tea&tag=b', '/search?tag=b&tag=a&tag=b&q=%20tea'];
      for (const path of paths) await server.ask(path);
      expect(loads).toBe(1);
      for (const path of ['/agents/1/stats', '/agents/1/stats?timeframe=7d', '/agents/1/stats?utm_source=x'])
        await server.ask(path);
      expect(loads).toBe(2);
    });

    it('tells apart what differs: values, absence, emptiness, lists, headers', async () => {
      await start();
      const paths = [
        '/search',
        '/search?q=',
        '/search?q=-',
        '/search?q=a&tag=b',
        '/search?q=a&tag=b&tag=c',
        '/search?q=a&tag=bc',
        '/search?q=a:b',
      ];
      for (const path of paths) await server.ask(path);
      await server.ask('/search', { 'accept-language': 'de' });
      expect(loads).toBe(8);
      expect((await server.ask('/search', { 'accept-language': 'de' })).headers['vary']).toBe('accept-language');
      for (const path of paths) await server.ask(path);
      expect(loads).toBe(8);
    });

    it('cannot be made to look like the hash of another value', async () => {
      await start();
      const { createHash } = await import('node:crypto');
      const hash = `-${createHash('sha256').update('two words').digest('base64url')}`;
      await server.ask(`/search?q=${hash}`);
      await server.ask('/search?q=two%20words');

      expect(loads).toBe(2);
    });

    it('takes no part in X-Forwarded-*: no entry of its own, and none for others', async () => {
      await start();
      const poison = {
        'x-forwarded-host': 'evil.example',
        'x-forwarded-for': '6.6.6.6',
        'x-forwarded-proto': 'http',
        'x-original-url': '/mine',
      };
      await server.ask('/agents/1/stats');
      const poisoned = await server.ask('/agents/1/stats', poison);
      expect(poisoned.headers['cache-status']).toMatch(/hit/);
      expect(poisoned.body).toMatchObject({ host: null });
      expect(await bodyOf('/mine', { authorization: 'ada', ...poison })).toMatchObject({ whose: 'ada' });
      expect(await bodyOf('/mine', { authorization: 'bob', ...poison })).toMatchObject({ whose: 'bob' });
    });

    it.each([
      ['a parameter that no part names', '/agents/1/stats?verbose=1', 'query'],
      ['a parameter given twice', '/agents/1/stats?timeframe=7d&timeframe=30d', 'key'],
      ['an unknown timeframe', '/agents/1/stats?timeframe=2h', 'key'],
      ['an id outside the alphabet, which no event could name', '/agents/a%3Ab/stats', 'key'],
      ['a glob for an id', '/agents/*/stats', 'key'],
    ])('is not made of %s: answered without the cache', async (_name, path, why) => {
      await start();
      expect(await statusOf(path)).toBe(`shadower; fwd=bypass; detail=${why}`);
      await server.ask(path);
      expect(loads).toBe(2);
    });
  });

  it('takes nothing for its answer that somebody else has cached under its key', async () => {
    await start();
    await server.app.get(CacheService).set(Stats({ agentId: '1', timeframe: '7d' }), { body: 'forged', etag: 'W/"x"' });
    const answer = await server.ask('/agents/1/stats');

    expect(answer.headers['cache-status']).toBe('shadower; fwd=bypass; detail=foreign');
    expect(answer.body).toMatchObject({ id: '1' });
  });

  describe('is not cached', () => {
    it('an error', async () => {
      await start();
      expect([(await server.ask('/missing/1')).status, (await server.ask('/missing/1')).status, loads]).toEqual([
        404, 404, 2,
      ]);
    });

    it('a stream, which is each request’s own, also when they come together', async () => {
      await start();
      const [begun, end] = [gate(), gate()];
      before = () => {
        begun.open();
        return end.opened;
      };
      const both = [server.ask('/stream/1').buffer(true), server.ask('/stream/1').buffer(true)].map((asked) =>
        asked.then((answer) => String(answer.body)),
      );
      await begun.opened;
      setTimeout(() => {
        end.open();
      }, 50);

      expect((await Promise.all(both)).sort()).toEqual(['stream 1', 'stream 2']);
      expect(await statusOf('/stream/1')).toBe('shadower; fwd=miss; detail=stream');
    });

    it('an answer with a cookie, which nobody else gets, also when they come together', async () => {
      await start();
      const [begun, end] = [gate(), gate()];
      before = () => {
        begun.open();
        return end.opened;
      };
      const both = [server.ask('/cookie/1'), server.ask('/cookie/1')].map((asked) => asked.then((answer) => answer));
      await begun.opened;
      setTimeout(() => {
        end.open();
      }, 50);
      const answers = await Promise.all(both);

      for (const { body, headers } of answers)
        expect(headers['set-cookie']).toEqual([`session=${String((body as { mine: number }).mine)}`]);
      expect(new Set(answers.map(({ body }) => (body as { mine: number }).mine)).size).toBe(2);
      expect(await statusOf('/cookie/1')).toBe('shadower; fwd=miss; detail=headers');
    });

    it('nothing; but null is', async () => {
      await start();
      await server.ask('/nothing/undefined');
      await server.ask('/nothing/undefined');
      expect(loads).toBe(2);
      await server.ask('/nothing/null');
      await server.ask('/nothing/null');
      expect(loads).toBe(3);
    });
  });

  it('heeds the decorators of class-transformer before it stores', async () => {
    await start();
    const expected = { account: { name: 'Ada' }, all: [{ name: 'Ada' }] };

    expect([await bodyOf('/account/1'), await bodyOf('/account/1'), loads]).toEqual([expected, expected, 1]);
  });

  describe('Cache-Control: no-cache of a client', () => {
    it('is ignored, unless the module allows it', async () => {
      await start();
      const wanting = { 'cache-control': 'no-cache' };
      await server.ask('/agents/1/stats');
      expect(await statusOf('/agents/1/stats', wanting)).toMatch(/hit/);
      await server.close();
      await start({ http: { clientNoCache: true } });
      await server.ask('/agents/1/stats');
      expect(await statusOf('/agents/1/stats', wanting)).toBe('shadower; fwd=miss; stored');
      expect(await bodyOf('/agents/1/stats')).toMatchObject({ loads: 2 });
    });
  });

  describe('an operator', () => {
    it('can go past the cache, and have an answer loaded anew for everybody', async () => {
      await start(OPERATOR);
      const asking = (wish: string): Record<string, string> => ({ 'shadower-cache': wish, 'x-operator': 'yes' });
      await server.ask('/agents/1/stats');
      expect(await statusOf('/agents/1/stats', asking('skip'))).toBe('shadower; fwd=request; detail=skip');
      expect(await bodyOf('/agents/1/stats')).toMatchObject({ loads: 1 });
      await server.ask('/agents/1/stats', asking('refresh'));
      expect(await bodyOf('/agents/1/stats')).toMatchObject({ loads: 3 });
    });

    it('is nobody who is not one', async () => {
      await start(OPERATOR);
      await server.ask('/agents/1/stats');

      expect(await statusOf('/agents/1/stats', { 'shadower-cache': 'skip' })).toMatch(/hit/);
      await server.ask('/agents/1/stats', { 'shadower-cache': 'refresh' });
      expect(loads).toBe(1);
    });
  });
});

describe('CacheResponse refuses', () => {
  const decorate = (options: object) => (): void => {
    CacheResponse(One, options as never)(Routes.prototype, 'other', { value: () => 1 });
  };

  it('a route of which nobody said whose answers they are, or said two things', () => {
    expect(decorate({ key: { id: fromParam('id') } })).toThrow(InvalidOptionError);
    expect(decorate({ key: { id: fromParam('id') }, public: false })).toThrow(
      'one user’s answer must not reach another',
    );
    expect(decorate({ key: { id: fromTenant(() => 1) }, public: true })).toThrow('received "both"');
  });

  it('a parameter that is not supplied, too many, or no part', () => {
    expect(decorate({ key: {}, public: true })).toThrow(
      'key of Routes.other must be given for each parameter of one:{id} (id)',
    );
    expect(decorate({ key: { id: fromParam('id'), more: fromParam('more') }, public: true })).toThrow(
      InvalidOptionError,
    );
    expect(decorate({ key: { id: 'id' }, public: true })).toThrow('key.id of Routes.other must be made by fromParam');
  });

  it('an entity that may be given many times: no event could name the list', () => {
    const Listed = defineKey('agent:{agentId}:listed');
    const key = { agentId: fromQuery('a', { many: true }) };
    expect(() => {
      CacheResponse(Listed, { key, public: true })(Routes.prototype, 'other', { value: () => 1 });
    }).toThrow('key.agentId of Routes.other must be given once');
  });

  it('a template that two routes share, an inherited one too, when the application starts', async () => {
    class Base {
      get(): string {
        return this.constructor.name;
      }
    }
    Get()(Base.prototype, 'get', Object.getOwnPropertyDescriptor(Base.prototype, 'get') as never);
    CacheResponse(One, { key: { id: fromQuery('id') }, public: true })(
      Base.prototype,
      'get',
      Object.getOwnPropertyDescriptor(Base.prototype, 'get') as never,
    );
    @Controller('users')
    class Users extends Base {}
    @Controller('orders')
    class Orders extends Base {}

    await expect(TestServer.start('express', { controllers: [Users, Orders] })).rejects.toThrow(
      'the template one:{id} must be that of one route only; received "Users.get and Orders.get"',
    );
  });

  it.each(['a POST', 'no route'])('%s, when the application starts', async (kind) => {
    @Controller()
    class Wrong {
      @CacheResponse(One, { key: { id: fromParam('id') }, public: true })
      get(): number {
        return 1;
      }
    }
    if (kind === 'a POST')
      Post('x')(Wrong.prototype, 'get', Object.getOwnPropertyDescriptor(Wrong.prototype, 'get') as never);

    await expect(TestServer.start('express', { controllers: [Wrong] })).rejects.toThrow(
      'the route Wrong.get with CacheResponse must be a GET route of a controller',
    );
  });
});

import {
  Controller,
  Get,
  Head,
  HttpException,
  Injectable,
  type NestInterceptor,
  Param,
  Req,
  Res,
  UseInterceptors,
  type CallHandler,
  type ExecutionContext,
} from '@nestjs/common';
import { map, type Observable, of } from 'rxjs';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { CacheResponse, defineKey, fromParam, fromQuery, fromTenant, InvalidationService } from '../../src/index.js';
import { gate, until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { type Adapter, ADAPTERS, TestServer } from './adapters.js';

const Report = defineKey('user:{userId}:report:{name}');
const Page = defineKey('page:{name}');
const Thing = defineKey('thing:{name}');
const Raw = defineKey('raw:{name}');
const Slow = defineKey('slow:{name}', { hardTimeoutMs: 50 });

interface Asked {
  readonly headers: Record<string, string | undefined>;
}

let loads = 0;
let before: () => Promise<void> = () => Promise.resolve();

/** Wraps what comes out, as many applications do. */
@Injectable()
class Envelope implements NestInterceptor {
  intercept(_context: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(map((data: unknown) => ({ data })));
  }
}

@Controller()
class Routes {
  @Get('report/:name')
  @CacheResponse(Report, {
    key: { userId: fromTenant(({ headers }: Asked) => headers['x-user']), name: fromParam('name') },
    grace: 60,
  })
  async report(@Req() { headers }: Asked): Promise<unknown> {
    const whose = headers['x-user'];
    loads += 1;
    const load = loads;
    await before();
    return { whose, load };
  }

  @Get('page/:name')
  @UseInterceptors(Envelope)
  @CacheResponse(Page, { key: { name: fromParam('name') }, public: true })
  page(): Observable<unknown> {
    loads += 1;
    return of({ loads });
  }

  @Head('thing/:name')
  headOnly(): void {
    // A HEAD with a handler of its own, beside the GET.
  }

  @Get('thing/:name')
  @CacheResponse(Thing, { key: { name: fromParam('name') }, public: true })
  thing(@Param('name') name: string): unknown {
    loads += 1;
    if (name === 'teapot') throw new HttpException('short and stout', 418);
    return { name, loads };
  }

  @Get('raw/:name')
  @CacheResponse(Raw, { key: { name: fromQuery('name', { default: 'x' }) }, public: true })
  raw(@Res() response: { send(body: unknown): void }): void {
    loads += 1;
    response.send(`raw ${loads}`);
  }

  @Get('slow/:name')
  @CacheResponse(Slow, { key: { name: fromParam('name') }, public: true })
  async slow(): Promise<unknown> {
    loads += 1;
    await before();
    return { loads };
  }
}

describe.each(ADAPTERS)('what could go wrong on %s, with two processes and Redis', (adapter: Adapter) => {
  let redis: RedisServer;
  const servers: TestServer[] = [];
  let prefixes = 0;
  beforeAll(async () => {
    redis = await RedisServer.start();
  });
  afterAll(() => redis.stop());
  afterEach(async () => {
    before = () => Promise.resolve();
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  const start = async (): Promise<readonly [TestServer, TestServer]> => {
    loads = 0;
    prefixes += 1;
    const options = {
      prefix: `${adapter}${prefixes}`,
      redis: { url: redis.url, failFast: true, commandTimeoutMs: 5_000 },
      ttlJitter: 0,
    };
    const two = await Promise.all([0, 1].map(() => TestServer.start(adapter, { controllers: [Routes] }, options)));
    servers.push(...two);
    return two as [TestServer, TestServer];
  };
  const bodyOf = async (server: TestServer, path: string, headers = {}): Promise<unknown> =>
    (await server.ask(path, headers)).body as unknown;

  it('no interleaving of users in two processes mixes their answers', async () => {
    const two = await start();
    const asked = Array.from({ length: 60 }, (_, i) => ({ server: two[i % 2] as TestServer, user: `u${i % 5}` }));
    const bodies = await Promise.all(asked.map(({ server, user }) => bodyOf(server, '/report/a', { 'x-user': user })));

    expect(bodies.map((body) => (body as { whose: string }).whose)).toEqual(asked.map(({ user }) => user));
    expect(loads).toBe(5);
  });

  it('an answer is the same, with the same ETag, from either process and either tier', async () => {
    const [one, two] = await start();
    const first = await one.ask('/report/a', { 'x-user': 'ada' });
    const other = await two.ask('/report/a', { 'x-user': 'ada' });

    expect(other.headers['cache-status']).toMatch(/detail=l2/);
    expect(other.body).toEqual(first.body);
    expect(
      (await two.ask('/report/a', { 'x-user': 'ada', 'if-none-match': String(first.headers['etag']) })).status,
    ).toBe(304);
    // An ETag of one user says nothing to another.
    const stranger = await two.ask('/report/a', { 'x-user': 'bob', 'if-none-match': String(first.headers['etag']) });
    expect([stranger.status, stranger.body]).toEqual([200, { whose: 'bob', load: 2 }]);
  });

  it('what was invalidated while a handler ran is not served afterwards, in either process', async () => {
    const [one, two] = await start();
    const [begun, end] = [gate(), gate()];
    before = () => {
      begun.open();
      return end.opened;
    };
    const running = bodyOf(one, '/report/a', { 'x-user': 'ada' });
    await begun.opened;
    await two.app.get(InvalidationService).user('ada');
    before = () => Promise.resolve();
    end.open();
    expect(await running).toEqual({ whose: 'ada', load: 1 });

    for (const server of [one, two])
      expect(await bodyOf(server, '/report/a', { 'x-user': 'ada' })).toEqual({ whose: 'ada', load: 2 });
  });

  it('interceptors around it are run for hits, too, and for 304 add no body', async () => {
    const [one] = await start();
    expect([await bodyOf(one, '/page/a'), await bodyOf(one, '/page/a')]).toEqual([
      { data: { loads: 1 } },
      { data: { loads: 1 } },
    ]);
    const { etag } = (await one.ask('/page/a')).headers as { etag: string };
    const again = await one.ask('/page/a', { 'if-none-match': etag });

    expect([again.status, again.text]).toEqual([304, '']);
  });

  it('an error keeps its status, leaves nothing, and has no header of a cached answer', async () => {
    const [one] = await start();
    const answer = await one.ask('/thing/teapot', { 'if-none-match': '*' });

    expect(answer.status).toBe(418);
    expect([answer.headers['age'], answer.headers['cache-control']]).toEqual([undefined, undefined]);
    expect((await one.ask('/thing/teapot')).status).toBe(418);
    expect(loads).toBe(2);
  });

  it('a handler that answers by itself is left alone', async () => {
    const [one] = await start();
    expect([(await one.ask('/raw/a')).text, (await one.ask('/raw/a')).text]).toEqual(['raw 1', 'raw 2']);
  });

  it('a load that outlasts its caller leaves nothing but an error behind', async () => {
    const [one] = await start();
    const end = gate();
    before = () => end.opened;
    expect((await one.ask('/slow/a')).status).toBe(504);
    end.open();
    before = () => Promise.resolve();
    await until(async () => (await one.ask('/slow/a')).status === 200);
    expect((await one.ask('/slow/a')).headers['cache-status']).toMatch(/hit/);
  });

  it('with Redis away every user still gets his own', async () => {
    const [one, two] = await start();
    await redis.kill();
    try {
      for (const user of ['ada', 'bob', 'ada'])
        for (const server of [one, two]) {
          const answer = await server.ask('/report/a', { 'x-user': user });
          expect(answer.body).toMatchObject({ whose: user });
          expect(answer.headers['cache-control']).toBe('private, no-cache');
        }
    } finally {
      await redis.restart();
    }
  });
});

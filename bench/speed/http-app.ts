import { CacheInterceptor, CacheModule as ManagedCacheModule } from '@nestjs/cache-manager';
import {
  type CallHandler,
  Controller,
  type ExecutionContext,
  Get,
  Header,
  type INestApplication,
  type NestInterceptor,
  Res,
  UseInterceptors,
} from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { ExpressAdapter, type NestExpressApplication } from '@nestjs/platform-express';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Response } from 'express';
import { type Observable, of, tap } from 'rxjs';
import { OURS } from './contenders.js';
import { modulesOf, product, Root, settled } from './product.js';
import { analyticsOf } from './values.js';

export const FRAMEWORKS = ['Fastify', 'Express'] as const;

/** One of {@link FRAMEWORKS}. */
export type Framework = (typeof FRAMEWORKS)[number];

/** A route of an application that listens. */
export interface Route {
  readonly title: string;
  readonly port: number;
  readonly path: string;
}

/** What is asked. */
export interface HttpApp {
  readonly routes: readonly Route[];
  readonly close: () => Promise<void>;
}

export const CONSTANT = 'a handler of a constant buffer';
export const BARE = 'the same by two interceptors, with the header fields of a hit';
export const CACHED = `${OURS}, CacheResponse`;
export const INTERCEPTED = '@nestjs/cache-manager, CacheInterceptor';

const VALUE = analyticsOf('50 KB');
const BYTES = Buffer.from(JSON.stringify(VALUE));
/** Those of a hit. */
const FIELDS = [
  ['Content-Type', 'application/json; charset=utf-8'],
  ['Cache-Status', 'shadower; hit; ttl=3599; detail=l1'],
  ['Age', '0'],
  ['ETag', 'W/"aaaaaaaaaaaaaaaaaaaaaaaaaaa"'],
  ['Cache-Control', 'public, max-age=3600'],
] as const;
const { CacheResponse, defineKey, fromParam } = product;
const AgentReport = defineKey('agent:{agentId}:report');

@Controller()
class FastifyConstantController {
  @Get('constant')
  @Header('Content-Type', 'application/json; charset=utf-8')
  constant(): Buffer {
    return BYTES;
  }
}

/** Nest has Express make JSON of a buffer that is returned. */
@Controller()
class ExpressConstantController {
  @Get('constant')
  constant(@Res() response: Response): void {
    response.type('json').send(BYTES);
  }
}

/** As one that measures requests, and measures nothing. */
class Passing implements NestInterceptor {
  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(tap({ complete: () => undefined }));
  }
}

/** As one that caches, and looks for nothing. */
class Answering implements NestInterceptor {
  intercept(context: ExecutionContext): Observable<unknown> {
    const response = context.switchToHttp().getResponse<Response & { header(name: string, value: string): unknown }>();
    for (const [name, value] of FIELDS) response.header(name, value);
    // Else Nest has Express make JSON of it.
    if ('app' in response) response.json = () => response.send(BYTES);
    return of(BYTES);
  }
}

@Controller()
class BareController {
  @Get('bare')
  @UseInterceptors(Passing, Answering)
  bare(): void {
    throw new Error('an interceptor answers');
  }
}

@Controller()
class CachedController {
  @Get('cached/:agentId')
  @CacheResponse(AgentReport, { key: { agentId: fromParam('agentId') }, public: true })
  cached(): object {
    return VALUE;
  }
}

@Controller()
@UseInterceptors(CacheInterceptor)
class InterceptedController {
  @Get('intercepted/:agentId')
  intercepted(): object {
    return VALUE;
  }
}

/** Applications of the four routes, each with what it needs and no more. */
export async function startApp(framework: Framework, url: string): Promise<HttpApp> {
  const isExpress = framework === 'Express';
  const constant = await listening(framework, {
    module: Root,
    controllers: [isExpress ? ExpressConstantController : FastifyConstantController],
  });
  // Express would hash every answer for an ETag.
  if (isExpress) (constant.app as NestExpressApplication).set('etag', false);
  const bare = await listening(framework, { module: Root, controllers: [BareController] });
  const ours = await listening(framework, {
    module: Root,
    controllers: [CachedController],
    imports: modulesOf({ redis: { url } }),
  });
  await settled(ours.app);
  const theirs = await listening(framework, {
    module: Root,
    controllers: [InterceptedController],
    imports: [ManagedCacheModule.register({ stores: await storesOn(url), ttl: 3_600_000 })],
  });
  const routes = [
    { title: CONSTANT, port: constant.port, path: '/constant' },
    { title: BARE, port: bare.port, path: '/bare' },
    { title: CACHED, port: ours.port, path: '/cached/7' },
    { title: INTERCEPTED, port: theirs.port, path: '/intercepted/7' },
  ];
  const close = async (): Promise<void> => {
    for (const { app } of [constant, bare, ours, theirs]) await app.close();
  };
  return { routes, close };
}

async function storesOn(url: string): Promise<never[]> {
  const peer = (await import(new URL('../peers/interceptor.js', import.meta.url).href)) as {
    storesOn(url: string): never[];
  };
  return peer.storesOn(url);
}

async function listening(framework: Framework, module: object): Promise<{ app: INestApplication; port: number }> {
  const adapter = framework === 'Fastify' ? new FastifyAdapter() : new ExpressAdapter();
  const app = await NestFactory.create(module as never, adapter, {
    logger: false,
    forceCloseConnections: true,
  });
  await app.listen(0, '127.0.0.1');
  return { app, port: (app.getHttpServer() as { address(): { port: number } }).address().port };
}

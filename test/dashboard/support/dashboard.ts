import { Injectable, type ModuleMetadata } from '@nestjs/common';
import {
  CacheDashboardModule,
  type CacheDashboardOptions,
  type CacheModuleOptions,
  CacheService,
  defineKey,
  LoaderFor,
} from '../../../src/index.js';
import type { CacheRuntime } from '../../../src/cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../../../src/cache/tokens.js';
import { until } from '../../support/caches.js';
import { type Adapter, TestServer } from '../../http/adapters.js';
import { OpenPage } from './open-page.js';

export const Profile = defineKey('user:{userId}:profile', { ttl: 600 });
export const Note = defineKey('note:{id}', { ttl: 600 });

/** What a page of this origin sends with a change. */
export const OWN = { 'sec-fetch-site': 'same-origin', 'content-type': 'application/json' };

/** What profiles are made of; `broken` makes their loader throw. */
export const source = { loads: 0, broken: false };

@Injectable()
class Profiles {
  @LoaderFor(Profile)
  profile({ userId }: { readonly userId: string | number }): object {
    source.loads += 1;
    if (source.broken) throw new Error(`secret of user ${userId}`);
    return { userId, loads: source.loads };
  }
}

/** An application with a dashboard, listening. */
export class Served {
  readonly #pages: OpenPage[] = [];

  private constructor(readonly server: TestServer) {}

  static async start(
    options: CacheDashboardOptions = {},
    cache: CacheModuleOptions = {},
    adapter: Adapter = 'express',
    { imports = [], providers = [] }: ModuleMetadata = {},
  ): Promise<Served> {
    const parts = {
      imports: [CacheDashboardModule.forRoot(options), ...imports],
      providers: [Profiles, ...providers],
    };
    const server = await TestServer.start(adapter, parts, { templates: [Profile, Note], ...cache });
    await server.app.listen(0, '127.0.0.1');
    const { connection, view, clock } = server.app.get<CacheRuntime>(CACHE_RUNTIME);
    if (connection) await until(() => connection.isReady && view.lease.holds(clock.now()), 5_000);
    return new Served(server);
  }

  get cache(): CacheService {
    return this.server.app.get(CacheService);
  }

  async get<T = unknown>(path: string, headers: Record<string, string> = {}): Promise<T> {
    return (await this.server.ask(`/cache/${path}`, headers).expect(200)).body as T;
  }

  post(path: string, body: object, headers: Record<string, string> = OWN): ReturnType<TestServer['ask']> {
    return this.server.ask(`/cache/${path}`, headers, 'post').send(JSON.stringify(body));
  }

  async open(headers: Record<string, string> = {}): Promise<OpenPage> {
    const page = await OpenPage.open(this.server.app, '/cache/stream', headers);
    this.#pages.push(page);
    return page;
  }

  async close(): Promise<void> {
    for (const page of this.#pages) page.close();
    await this.server.close();
  }
}

/** Starts applications with a dashboard, and closes them all. */
export class Servers {
  readonly #all: Served[] = [];

  async start(...how: Parameters<typeof Served.start>): Promise<Served> {
    const served = await Served.start(...how);
    this.#all.push(served);
    return served;
  }

  async close(): Promise<void> {
    await Promise.all(this.#all.splice(0).map((served) => served.close()));
  }
}

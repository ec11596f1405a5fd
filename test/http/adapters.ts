import 'reflect-metadata';
import type { INestApplication, ModuleMetadata } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { CacheModule, type CacheModuleOptions } from '../../src/index.js';

/** What an application is served by. */
export const ADAPTERS = ['express', 'fastify'] as const;

/** One of {@link ADAPTERS}. */
export type Adapter = (typeof ADAPTERS)[number];

/** An application with a cache, and a way to ask it. */
export class TestServer {
  private constructor(readonly app: INestApplication) {}

  static async start(adapter: Adapter, parts: ModuleMetadata, options: CacheModuleOptions = {}): Promise<TestServer> {
    const imports = [EventEmitterModule.forRoot(), CacheModule.forRoot(options), ...(parts.imports ?? [])];
    const module = await Test.createTestingModule({ ...parts, imports })
      .setLogger(false as never)
      .compile();
    if (adapter === 'express') return new TestServer(await module.createNestApplication().init());
    const app = module.createNestApplication<NestFastifyApplication>(new FastifyAdapter());
    await app.init();
    await app.getHttpAdapter().getInstance().ready();
    return new TestServer(app);
  }

  /** A GET, or what `method` says. */
  ask(
    path: string,
    headers: Readonly<Record<string, string>> = {},
    method: 'get' | 'head' | 'post' = 'get',
  ): request.Test {
    const asking = request(this.app.getHttpServer() as never);
    return asking[method](path).set(headers);
  }

  close(): Promise<void> {
    return this.app.close();
  }
}

import 'reflect-metadata';
import type { INestApplication, ModuleMetadata, Type } from '@nestjs/common';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { Test, type TestingModule } from '@nestjs/testing';
import { CacheModule, type CacheModuleOptions } from '../../src/index.js';

/** Starts applications with a cache and closes them all. */
export class Applications {
  readonly #running: INestApplication[] = [];

  constructor(private readonly options: CacheModuleOptions = {}) {}

  /** An application of these parts, started. */
  async start(parts: ModuleMetadata, options: CacheModuleOptions = this.options): Promise<INestApplication> {
    const module = await this.compiled(parts, options);
    const app = module.createNestApplication();
    app.useLogger(false);
    this.#running.push(app);
    return app.init();
  }

  /** One provider of an application of its own. */
  async provider<T>(type: Type<T>, parts: ModuleMetadata = {}): Promise<T> {
    const app = await this.start({ ...parts, providers: [type, ...(parts.providers ?? [])] });
    return app.get(type);
  }

  async close(): Promise<void> {
    await Promise.all(this.#running.splice(0).map((app) => app.close()));
  }

  private compiled(parts: ModuleMetadata, options: CacheModuleOptions): Promise<TestingModule> {
    const imports = [EventEmitterModule.forRoot(), CacheModule.forRoot(options), ...(parts.imports ?? [])];
    return Test.createTestingModule({ ...parts, imports })
      .setLogger(false as never)
      .compile();
  }
}

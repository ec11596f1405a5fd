import 'reflect-metadata';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { CacheRuntime } from '../../src/cache/cache-runtime.js';
import type * as Tokens from '../../src/cache/tokens.js';
import type * as Product from '../../src/index.js';
import { until } from '../../test/support/caches.js';

/** What is built is measured; with `--source` the source, which needs no build. */
const FOLDER = new URL(process.argv.includes('--source') ? '../../src/' : '../../dist/', import.meta.url);

/** This package as its users import it. */
export const product = (await import(new URL('index.js', FOLDER).href)) as typeof Product;
const tokens = (await import(new URL('cache/tokens.js', FOLDER).href)) as typeof Tokens;

/** One instance in an application. */
export interface Ours {
  readonly cache: Product.CacheService;
  readonly close: () => Promise<void>;
}

/** The modules that an application imports: with metrics, and with Redis it is followed. */
export function modulesOf(options: Product.CacheModuleOptions) {
  const { CacheModule, PrometheusModule } = product;
  return [CacheModule.forRoot({ defaultTtl: 3_600, ...options }), PrometheusModule.forRoot({ defaultMetrics: false })];
}

/** What an application is made of is told by the modules that it imports. */
@Module({})
export class Root {}

/** An application with nothing but the cache and its metrics; with Redis it is connected and followed. */
export async function startOurs(options: Product.CacheModuleOptions = {}): Promise<Ours> {
  const app = await NestFactory.createApplicationContext(
    { module: Root, imports: modulesOf(options) },
    { logger: false },
  );
  await settled(app);
  return { cache: app.get(product.CacheService), close: () => app.close() };
}

/** Resolves once Redis is connected to and followed. */
export async function settled(app: INestApplicationContext): Promise<void> {
  const { connection, view, clock } = app.get<CacheRuntime>(tokens.CACHE_RUNTIME);
  if (connection) await until(() => connection.isReady && view.lease.holds(clock.now()));
}

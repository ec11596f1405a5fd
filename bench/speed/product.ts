import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import type { CacheModuleOptions, CacheService } from '../../src/index.js';
import type { CacheRuntime } from '../../src/cache/cache-runtime.js';
import { until } from '../../test/support/caches.js';

type Product = typeof import('../../src/index.js');
type Tokens = typeof import('../../src/cache/tokens.js');

/** What is built is measured; with `--source` the source, which needs no build. */
const FOLDER = new URL(process.argv.includes('--source') ? '../../src/' : '../../dist/', import.meta.url);

/** This package as its users import it. */
export const product = (await import(new URL('index.js', FOLDER).href)) as Product;
const tokens = (await import(new URL('cache/tokens.js', FOLDER).href)) as Tokens;

/** One instance in an application. */
export interface Ours {
  readonly cache: CacheService;
  readonly close: () => Promise<void>;
}

/** The modules that an application imports: with metrics, and with Redis it is followed. */
export function modulesOf(options: CacheModuleOptions) {
  const { CacheModule, PrometheusModule } = product;
  return [CacheModule.forRoot({ defaultTtl: 3_600, ...options }), PrometheusModule.forRoot({ defaultMetrics: false })];
}

/** An application with nothing but the cache and its metrics; with Redis it is connected and followed. */
export async function startOurs(options: CacheModuleOptions = {}): Promise<Ours> {
  class Root {}
  const app = await NestFactory.createApplicationContext(
    { module: Root, imports: modulesOf(options) },
    { logger: false },
  );
  await settled(app.get<CacheRuntime>(tokens.CACHE_RUNTIME));
  return { cache: app.get(product.CacheService), close: () => app.close() };
}

/** Resolves once Redis is connected to and followed. */
export async function settled({ connection, view, clock }: CacheRuntime): Promise<void> {
  if (connection) await until(() => connection.isReady && view.lease.holds(clock.now()));
}

/** What a running application has of {@link settled}. */
export function runtimeOf(app: { get<T>(token: unknown): T }): CacheRuntime {
  return app.get<CacheRuntime>(tokens.CACHE_RUNTIME);
}

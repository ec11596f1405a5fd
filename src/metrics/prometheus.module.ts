import {
  Controller,
  type DynamicModule,
  Get,
  Inject,
  Module,
  type OnModuleDestroy,
  type OnModuleInit,
  Res,
  type Type,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { PrometheusController, PrometheusModule as WillsotoPrometheusModule } from '@willsoto/nestjs-prometheus';
import { collectDefaultMetrics, Registry, register } from 'prom-client';
import { CacheEvents } from '../cache/cache-events.js';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../cache/tokens.js';
import { CacheMetrics } from './cache-metrics.js';
import { HttpMetricsInterceptor } from './http-metrics.interceptor.js';
import { METRICS_REGISTRY } from './tokens.js';

/** Options of {@link PrometheusModule}. */
export interface PrometheusModuleOptions {
  /** Where metrics are served, below the global prefix. @default '/metrics' */
  readonly path?: string;
  /** False: no metrics and no endpoint. @default true */
  readonly enabled?: boolean;
  /** Whether metrics of the Node process are included. @default true */
  readonly defaultMetrics?: boolean;
  /** Labels that every metric carries. */
  readonly defaultLabels?: Readonly<Record<string, string>>;
}

/**
 * Metrics of the cache and of HTTP requests, served for Prometheus. Import once, beside `CacheModule`. Each application
 * has a registry of its own, so several in one process do not collide; metrics made with `@willsoto/nestjs-prometheus`
 * in the global registry are served along with it.
 */
@Module({})
export class PrometheusModule implements OnModuleInit, OnModuleDestroy {
  #unsubscribe: () => void = () => undefined;

  /** @internal */
  constructor(
    @Inject(METRICS_REGISTRY) private readonly registry: Registry,
    @Inject(CacheEvents) private readonly events: CacheEvents,
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
  ) {}

  static forRoot({
    path = '/metrics',
    enabled = true,
    defaultMetrics = true,
    defaultLabels = {},
  }: PrometheusModuleOptions = {}): DynamicModule {
    if (!enabled) return { module: DisabledMetricsModule };
    const registry = new Registry();
    registry.setDefaultLabels(defaultLabels);
    if (defaultMetrics) collectDefaultMetrics({ register: registry });
    return {
      module: PrometheusModule,
      imports: [
        WillsotoPrometheusModule.register({
          path,
          controller: controllerOf(registry),
          defaultMetrics: { enabled: false },
        }),
      ],
      providers: [
        { provide: METRICS_REGISTRY, useValue: registry },
        { provide: APP_INTERCEPTOR, useClass: HttpMetricsInterceptor },
      ],
      exports: [METRICS_REGISTRY],
    };
  }

  /** @internal */
  onModuleInit(): void {
    const metrics = new CacheMetrics(this.registry, () => this.#countKeys());
    this.#unsubscribe = this.events.subscribe(metrics.listen);
  }

  /** @internal */
  onModuleDestroy(): void {
    this.#unsubscribe();
  }

  /** Zero while Redis is away: a scrape must not fail because of it. */
  async #countKeys(): Promise<number> {
    const { connection, store, view } = this.runtime;
    if (!connection) return view.memory.size;
    return store.count().catch(() => 0);
  }
}

@Module({})
class DisabledMetricsModule {}

/** A controller of its own for each registry: the module below writes the path onto the class. */
function controllerOf(registry: Registry): Type<unknown> {
  @Controller()
  class MetricsController extends PrometheusController {
    @Get()
    override async index(@Res({ passthrough: true }) response: unknown): Promise<string> {
      const reply = response as { header(name: string, value: string): unknown };
      reply.header('Content-Type', registry.contentType);
      reply.header('Cache-Control', 'no-store');
      return metricsOf(registry);
    }
  }
  return MetricsController;
}

/** The metrics of `own` and those that only the global registry has; each keeps the default labels of its registry. */
async function metricsOf(own: Registry): Promise<string> {
  const others = register.getMetricsAsArray().filter(({ name }) => own.getSingleMetric(name) === undefined);
  const texts = await Promise.all(others.map(({ name }) => register.getSingleMetricAsString(name)));
  return [await own.metrics(), ...texts.map((text) => `${text}\n`)].join('\n');
}

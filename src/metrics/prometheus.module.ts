import {
  Controller,
  type DynamicModule,
  Get,
  Headers,
  Inject,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
  type OnModuleInit,
  Res,
  type Type,
  UnauthorizedException,
} from '@nestjs/common';
import { APP_INTERCEPTOR } from '@nestjs/core';
import { PrometheusController, PrometheusModule as WillsotoPrometheusModule } from '@willsoto/nestjs-prometheus';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { Caches } from '../cache/caches.js';
import { wholeNumber } from '../primitives/checks.js';
import { CACHE_METRICS } from './cache-metrics.js';
import { ofAll } from './definitions.js';
import { expose } from './exposition.js';
import { HttpMetricsInterceptor } from './http-metrics.interceptor.js';
import { allows, MetricsServer } from './metrics-server.js';
import { registerSnapshot } from './snapshot-metric.js';
import { METRICS_OPTIONS, METRICS_REGISTRY } from './tokens.js';

/** Options of {@link PrometheusModule}. */
export interface PrometheusModuleOptions {
  /** Where metrics are served, below the global prefix; at a port of their own without it. @default '/metrics' */
  readonly path?: string;
  /** False: no metrics and no endpoint. @default true */
  readonly enabled?: boolean;
  /** Whether metrics of the Node process are included. @default true */
  readonly defaultMetrics?: boolean;
  /** Labels that every metric carries. */
  readonly defaultLabels?: Readonly<Record<string, string>>;
  /** Where metrics are registered. @default a registry of the application's own */
  readonly registry?: Registry;
  /** A port of their own, on all addresses: the application does not serve them then; 0 takes a free one. @default the application's */
  readonly port?: number;
  /** What a scrape must carry as `Authorization: Bearer …`; else it is answered with 401. @default none */
  readonly token?: string;
  /** Whether HTTP answers tell in `Server-Timing` what the cache did. @default true */
  readonly serverTiming?: boolean;
}

type Settings = Pick<PrometheusModuleOptions, 'token' | 'port'> & {
  readonly path: string;
  readonly serverTiming: boolean;
};

/**
 * Metrics of the cache and of HTTP requests, served for Prometheus as text or as OpenMetrics. Import once, beside
 * `CacheModule`. Each application has a registry of its own, so several in one process do not collide; metrics made with
 * `@willsoto/nestjs-prometheus` in the global registry are served along with it.
 */
@Module({})
export class PrometheusModule implements OnModuleInit, OnApplicationBootstrap, OnApplicationShutdown {
  #server: MetricsServer | undefined;

  /** @internal */
  constructor(
    @Inject(METRICS_REGISTRY) private readonly registry: Registry,
    @Inject(METRICS_OPTIONS) private readonly settings: Settings,
    @Inject(Caches) private readonly caches: Caches,
  ) {}

  /** With a path, port or token of their own, or without metrics at all. Import once, in the root module. */
  static forRoot({
    path = '/metrics',
    enabled = true,
    defaultMetrics = true,
    defaultLabels = {},
    registry = new Registry(),
    port,
    token,
    serverTiming = true,
  }: PrometheusModuleOptions = {}): DynamicModule {
    if (!enabled) return { module: DisabledMetricsModule };
    if (port !== undefined) wholeNumber('port of PrometheusModule', port, { min: 0, max: 65_535 });
    registry.setDefaultLabels(defaultLabels);
    if (defaultMetrics) collectProcessMetrics(registry);
    const controller = controllerOf(registry, token);
    const endpoint = { path, controller, defaultMetrics: { enabled: false } };
    return {
      module: PrometheusModule,
      imports: port === undefined ? [WillsotoPrometheusModule.register(endpoint)] : [],
      providers: [
        { provide: METRICS_REGISTRY, useValue: registry },
        { provide: METRICS_OPTIONS, useValue: { path, port, token, serverTiming } },
        { provide: APP_INTERCEPTOR, useClass: HttpMetricsInterceptor },
      ],
      exports: [METRICS_REGISTRY],
    };
  }

  /** The port that metrics are served at, where they have one of their own. */
  get port(): number | undefined {
    return this.#server?.port;
  }

  /** Called by Nest. */
  onModuleInit(): void {
    for (const metric of CACHE_METRICS) registerSnapshot(this.registry, ofAll(metric), this.caches);
  }

  /** Called by Nest. */
  async onApplicationBootstrap(): Promise<void> {
    const { path, port, token } = this.settings;
    if (port === undefined) return;
    const isAllowed = (authorization: string | undefined): boolean => allows(token, authorization);
    this.#server = new MetricsServer(path, isAllowed, (accept) => expose(this.registry, accept));
    await this.#server.listen(port);
  }

  /** Called by Nest. */
  async onApplicationShutdown(): Promise<void> {
    await this.#server?.close();
  }
}

/** Without the gauges whose names end as only counters' may: each is the sum of another that is kept. */
function collectProcessMetrics(registry: Registry): void {
  collectDefaultMetrics({ register: registry });
  for (const what of ['handles', 'requests', 'resources']) registry.removeSingleMetric(`nodejs_active_${what}_total`);
}

@Module({})
class DisabledMetricsModule {}

/** A controller of its own for each registry: the module below writes the path onto the class. */
function controllerOf(registry: Registry, token: string | undefined): Type<unknown> {
  @Controller()
  class MetricsController extends PrometheusController {
    @Get()
    override async index(
      @Res({ passthrough: true }) response: unknown,
      @Headers('accept') accept?: string,
      @Headers('authorization') authorization?: string,
    ): Promise<string> {
      if (!allows(token, authorization)) throw new UnauthorizedException();
      const { contentType, body } = await expose(registry, accept);
      const reply = response as { header(name: string, value: string): unknown };
      reply.header('Content-Type', contentType);
      reply.header('Cache-Control', 'no-store');
      return body;
    }
  }
  return MetricsController;
}

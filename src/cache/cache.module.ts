import {
  type DynamicModule,
  Inject,
  Logger,
  Module,
  type OnApplicationBootstrap,
  type OnApplicationShutdown,
} from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { SystemClock } from '../primitives/clock.js';
import { CacheEvents } from './cache-events.js';
import { CacheHealthIndicator } from './cache-health.js';
import { CacheLog } from './cache-log.js';
import { ConfigurableCacheModule, MODULE_OPTIONS_TOKEN } from './cache.module-definition.js';
import { type CacheModuleOptions, type ResolvedCacheOptions, resolveOptions } from './cache-options.js';
import { type CacheRuntime, createCache } from './cache-runtime.js';
import { CacheService } from './cache.service.js';
import { Caches } from './caches.js';
import { CoverageCheck } from './coverage/coverage-check.js';
import { EventBinder } from './event-binder.js';
import { awaitConnection } from './fail-fast.js';
import { type Implementations, IMPLEMENTATIONS } from './implementations.js';
import { InvalidationService } from './invalidation.service.js';
import { MethodBinder } from './methods/method-binder.js';
import { MethodCache } from './methods/method-cache.js';
import { CacheKeyvStore } from './migration/keyv-store.js';
import { ForeignEntries } from './migration/foreign-entries.js';
import { type NamedCacheAsyncOptions, NamedCacheModule } from './named-cache.module.js';
import type { NamedCacheOptions } from './named-options.js';
import { placeOf } from '../stores/redis-target.js';
import { openTelemetry, type Tracing } from './open-telemetry.js';
import { shareParts, type SharedParts } from './shared-parts.js';
import { startTally, Tally } from './tally.js';
import { WarmingBinder } from './warming/warming-binder.js';
import {
  CACHE_IMPLEMENTATIONS,
  CACHE_OPTIONS,
  CACHE_RUNTIME,
  CACHE_SHARED,
  CACHE_TRACING,
  REDIS_CLIENT,
} from './tokens.js';

const WITHOUT_REDIS =
  'No Redis configured: caching in the memory of this process only. Set REDIS_URL=redis://host:6379 to share the cache between instances.';

/**
 * The cache as a global Nest module. Import once: `CacheModule.forRoot({ redis: { url } })`, or `forRootAsync` with
 * `useFactory`, `useClass` or `useExisting`. Starting never waits for Redis, unless `redis.failFast`; on shutdown
 * everything is closed and nothing keeps the process alive.
 */
@Module({
  imports: [DiscoveryModule],
  providers: [
    CacheEvents,
    {
      provide: CACHE_OPTIONS,
      inject: [MODULE_OPTIONS_TOKEN],
      useFactory: (options: CacheModuleOptions) => resolveOptions(options),
    },
    {
      provide: CACHE_TRACING,
      inject: [CACHE_OPTIONS],
      useFactory: ({ traceKey }: ResolvedCacheOptions) => openTelemetry(new SystemClock(), traceKey),
    },
    {
      provide: CACHE_SHARED,
      inject: [CACHE_OPTIONS, CacheEvents, CACHE_TRACING, { token: CACHE_IMPLEMENTATIONS, optional: true }],
      useFactory: share,
    },
    { provide: CACHE_RUNTIME, inject: [CACHE_OPTIONS, CacheEvents, CACHE_SHARED], useFactory: startRuntime },
    {
      provide: REDIS_CLIENT,
      inject: [CACHE_RUNTIME],
      useFactory: ({ connection }: CacheRuntime) => connection?.client,
    },
    {
      provide: Tally,
      inject: [CACHE_OPTIONS, CacheEvents, CACHE_TRACING],
      useFactory: (options: ResolvedCacheOptions, events: CacheEvents, { exemplarOf }: Tracing) =>
        startTally(options, events, exemplarOf),
    },
    {
      provide: Caches,
      inject: [CACHE_OPTIONS, CACHE_RUNTIME, CacheEvents, Tally, CacheService, InvalidationService, EventBinder],
      useFactory: (...parts: StandardParts) => cachesOf(parts),
    },
    CacheService,
    EventBinder,
    CoverageCheck,
    InvalidationService,
    CacheHealthIndicator,
    MethodCache,
    MethodBinder,
    WarmingBinder,
    ForeignEntries,
    CacheKeyvStore,
  ],
  exports: [
    CacheEvents,
    Caches,
    CACHE_OPTIONS,
    CACHE_SHARED,
    CACHE_TRACING,
    CACHE_RUNTIME,
    REDIS_CLIENT,
    Tally,
    CacheService,
    InvalidationService,
    CacheHealthIndicator,
    MethodCache,
    WarmingBinder,
    ForeignEntries,
    CacheKeyvStore,
  ],
})
export class CacheModule extends ConfigurableCacheModule implements OnApplicationBootstrap, OnApplicationShutdown {
  /** The cache with `options`; with none, in the memory of this process. `isGlobal: false` keeps it to the modules that import it. */
  static override forRoot(options: CacheModuleOptions & { readonly isGlobal?: boolean } = {}): DynamicModule {
    return super.forRoot(options);
  }

  /**
   * A further cache over the same connection, with a name, keys, memory and defaults of its own; the cache of `forRoot` has to
   * be there, and global. Injected by `@InjectCache(name)` and `@InjectInvalidation(name)`; global itself unless
   * `isGlobal: false`. @throws InvalidOptionError for a name outside its alphabet and for options that all caches share; the
   * start fails with one where two caches have the same name
   */
  static forFeature(options: NamedCacheOptions & { readonly isGlobal?: boolean }): DynamicModule {
    return NamedCacheModule.of(options);
  }

  /** The same, with options that `useFactory` returns. @throws InvalidOptionError for a name outside its alphabet */
  static forFeatureAsync(options: NamedCacheAsyncOptions): DynamicModule {
    return NamedCacheModule.ofAsync(options);
  }

  /** @internal */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) private readonly options: ResolvedCacheOptions,
  ) {
    super();
  }

  /** Called by Nest. */
  onApplicationBootstrap(): void {
    if (!this.options.redis) new Logger('Cache').log(WITHOUT_REDIS);
  }

  /** After the HTTP server has closed: requests in flight still use the cache until then. */
  async onApplicationShutdown(): Promise<void> {
    await this.runtime.stop();
  }
}

function share(
  options: ResolvedCacheOptions,
  events: CacheEvents,
  { spans }: Tracing,
  replaced: Partial<Implementations> = {},
): SharedParts {
  if (options.redis) {
    const { retry, target } = options.redis;
    events.subscribe(new CacheLog(new Logger('Cache'), retry, placeOf(target())).listen);
  }
  return shareParts(options, events, { ...IMPLEMENTATIONS, ...replaced }, spans);
}

async function startRuntime(
  options: ResolvedCacheOptions,
  events: CacheEvents,
  shared: SharedParts,
): Promise<CacheRuntime> {
  const runtime = createCache(options, events, shared);
  runtime.start();
  if (runtime.connection && options.redis?.failFast) await awaitConnection(runtime, options.redis, events);
  return runtime;
}

type StandardParts = [
  ...[ResolvedCacheOptions, CacheRuntime, CacheEvents, Tally, CacheService, InvalidationService, EventBinder],
];

function cachesOf([options, runtime, events, tally, service, invalidation, binder]: StandardParts): Caches {
  return new Caches({ options, runtime, events, tally, service, invalidation, binder });
}

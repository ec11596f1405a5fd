import { type DynamicModule, type FactoryProvider, Module, type ModuleMetadata, type Provider } from '@nestjs/common';
import { CacheEvents } from './cache-events.js';
import { createCache } from './cache-runtime.js';
import { CacheService } from './cache.service.js';
import { Caches, type NamedCache } from './caches.js';
import { InvalidationService } from './invalidation.service.js';
import {
  checkCacheName,
  checkNotShared,
  type NamedCacheDefaults,
  type NamedCacheOptions,
  resolveNamed,
} from './named-options.js';
import type { Tracing } from './open-telemetry.js';
import type { SharedParts } from './shared-parts.js';
import { startTally } from './tally.js';
import { CACHE_SHARED, CACHE_TRACING, cacheToken, invalidationToken } from './tokens.js';

/** Options of `CacheModule.forFeatureAsync`: the name is known beforehand, as the cache is injected by it. */
export interface NamedCacheAsyncOptions
  extends Pick<ModuleMetadata, 'imports'>, Pick<FactoryProvider<NamedCacheDefaults>, 'useFactory' | 'inject'> {
  /** As in `CacheModule.forFeature`. */
  readonly name: string;
  /** Whether it can be injected in modules that do not import it. @default true */
  readonly isGlobal?: boolean;
}

/** A cache beside the default one, made by `CacheModule.forFeature`. */
@Module({})
export class NamedCacheModule {
  /** @throws InvalidOptionError for a name outside its alphabet, or an option that caches share */
  static of({ name, isGlobal = true, ...options }: NamedCacheOptions & { readonly isGlobal?: boolean }): DynamicModule {
    checkNotShared(checkCacheName(name), options);
    return moduleOf(name, isGlobal, { useFactory: () => options });
  }

  /** @throws InvalidOptionError for a name outside its alphabet */
  static ofAsync({ name, isGlobal = true, imports = [], ...factory }: NamedCacheAsyncOptions): DynamicModule {
    return { ...moduleOf(checkCacheName(name), isGlobal, factory), imports };
  }
}

function moduleOf(
  name: string,
  isGlobal: boolean,
  factory: Pick<FactoryProvider<NamedCacheDefaults>, 'useFactory' | 'inject'>,
): DynamicModule {
  const [options, parts] = [Symbol(`shadower:options of ${name}`), Symbol(`shadower:cache ${name}`)];
  const part = (provide: string | symbol, key: keyof NamedCache): Provider => ({
    provide,
    inject: [parts],
    useFactory: (cache: NamedCache) => cache[key],
  });
  const make = (
    given: NamedCacheDefaults,
    ...[caches, shared, events, tracing]: [Caches, SharedParts, CacheEvents, Tracing]
  ): Promise<NamedCache> => started(shared, () => makeNamed(name, given, { caches, shared, events, tracing }));
  return {
    module: NamedCacheModule,
    global: isGlobal,
    providers: [
      { provide: options, ...factory },
      { provide: parts, inject: [options, Caches, CACHE_SHARED, CacheEvents, CACHE_TRACING], useFactory: make },
      part(cacheToken(name), 'service'),
      part(invalidationToken(name), 'invalidation'),
      // Nest tells it of the beginning and the end.
      part(Symbol(`shadower:event-binder of ${name}`), 'binder'),
    ],
    exports: [cacheToken(name), invalidationToken(name)],
  };
}

interface Surroundings {
  readonly caches: Caches;
  readonly shared: SharedParts;
  readonly events: CacheEvents;
  readonly tracing: Tracing;
}

function makeNamed(
  name: string,
  given: NamedCacheDefaults,
  { caches, shared, events: root, tracing }: Surroundings,
): NamedCache {
  caches.checkFree(name);
  const standard = caches.get();
  const options = resolveNamed(name, given, standard.options);
  const events = new CacheEvents(name, root);
  const runtime = createCache(options, events, shared);
  const tally = startTally(options, events, tracing.exemplarOf);
  const service = new CacheService(runtime, options, events, tally);
  const binder = standard.binder.beside(runtime, options);
  const cache = {
    options,
    runtime,
    events,
    tally,
    service,
    binder,
    invalidation: new InvalidationService(runtime, options, binder),
  };
  caches.add(name, cache);
  return cache;
}

/** The connection is open already: an application that does not start must not be kept alive by it. */
async function started({ life }: SharedParts, make: () => NamedCache): Promise<NamedCache> {
  try {
    return make();
  } catch (error) {
    await life.stop();
    throw error;
  }
}

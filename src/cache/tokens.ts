import { Inject } from '@nestjs/common';

/** Token of the resolved options. */
export const CACHE_OPTIONS = Symbol('shadower:cache-options');

/** Token of the running cache's parts. */
export const CACHE_RUNTIME = Symbol('shadower:cache-runtime');

/** Token of what all caches share. */
export const CACHE_SHARED = Symbol('shadower:cache-shared');

/** Token of parts that take the place of the cache's own, in tests. */
export const CACHE_IMPLEMENTATIONS = Symbol('shadower:cache-implementations');

/** Token of what tracing gives the cache. */
export const CACHE_TRACING = Symbol('shadower:cache-tracing');

/** Token of the raw Redis client: ioredis' `Cluster` on a Cluster, else its `Redis`; see {@link InjectRedis}. */
export const REDIS_CLIENT = Symbol('shadower:redis-client');

/**
 * Injects the ioredis client of the cache, for commands of your own: `@InjectRedis() redis: Redis | Cluster | undefined`.
 * It is a `Cluster` on a Cluster, a `Redis` otherwise, and `undefined` when the cache runs in memory only. Keys under the
 * cache's prefix are not yours to write.
 */
export function InjectRedis(): ParameterDecorator & PropertyDecorator {
  return Inject(REDIS_CLIENT);
}

/**
 * Token of the `CacheService` of a cache that `CacheModule.forFeature` has made. A sentence, as Nest names it where there is
 * none.
 */
export function cacheToken(name: string): string {
  return `CacheService of CacheModule.forFeature({ name: '${name}' })`;
}

/** Token of the `InvalidationService` of a cache that `CacheModule.forFeature` has made. */
export function invalidationToken(name: string): string {
  return `InvalidationService of CacheModule.forFeature({ name: '${name}' })`;
}

/** Injects the cache of that name: `@InjectCache('reports') cache: CacheService`. Without a cache of that name Nest refuses to start. */
export function InjectCache(name: string): ParameterDecorator & PropertyDecorator {
  return Inject(cacheToken(name));
}

/** Injects what invalidates in the cache of that name, and only there: `@InjectInvalidation('reports') invalidation: InvalidationService`. */
export function InjectInvalidation(name: string): ParameterDecorator & PropertyDecorator {
  return Inject(invalidationToken(name));
}

/**
 * The public surface of `@shadower/nestjs-cache`. Everything an application may rely upon is named here.
 */
export { CacheEnvironment, cacheOptionsFrom, DEVELOPMENT_PASSWORD, validateEnvironment } from './cache/environment.js';
export { InvalidEnvironmentError } from './cache/invalid-environment.js';
export {
  type AnyCacheEvent,
  CacheEvents,
  type CacheListener,
  DEFAULT_CACHE,
  type Operation,
  type OperationEnded,
  OPERATIONS,
  type UsageRefused,
} from './cache/cache-events.js';
export { type CacheHealth, CacheHealthIndicator } from './cache/cache-health.js';
export type {
  CacheModuleOptions,
  CoverageOptions,
  MemoryOptions,
  SourceOptions,
  SweepOptions,
} from './cache/cache-options.js';
export type {
  CircuitOptions,
  ClusterRedisOptions,
  CommonRedisOptions,
  RedisOptions,
  RetryOptions,
  SentinelRedisOptions,
  StandaloneRedisOptions,
} from './cache/redis-options.js';
export type { RedisTls } from './stores/redis-target.js';
export { CacheResponse, type CacheResponseOptions } from './cache/http/cache-response.decorator.js';
export type { HttpCacheOptions } from './cache/http/http-options.js';
export {
  fromHeader,
  fromParam,
  fromQuery,
  fromTenant,
  type HttpRequest,
  type PartOptions,
  type ReadTenant,
  type RequestPart,
  type TenantRequest,
} from './cache/http/request-parts.js';
export type { CacheStatistics, TemplateStatistics } from './cache/statistics.js';
export { cacheStatus } from './cache/cache-status.js';
export { ConfigurableCacheModule } from './cache/cache.module-definition.js';
export { CacheModule } from './cache/cache.module.js';
export { CacheService } from './cache/cache.service.js';
export type { NamedCacheAsyncOptions } from './cache/named-cache.module.js';
export type { NamedCacheDefaults, NamedCacheOptions } from './cache/named-options.js';
export type { EntryOptions, KeyLike, LoadOptions, Lookup, ReadOptions } from './cache/call-options.js';
export { AgentChanged, EntityChanged, MetricChanged, UserChanged, WorkspaceChanged } from './cache/domain-events.js';
export { RedisUnavailableError } from './cache/fail-fast.js';
export { LoadErrorFilter } from './cache/load-error.filter.js';
export { RuleCoverageError } from './cache/coverage/coverage-check.js';
export type {
  CoverageDoubt,
  CoverageFinding,
  EventCoverage,
  RuleCoverage,
  TemplateCoverage,
} from './cache/coverage/coverage.js';
export { defineRule, type InvalidationRule } from './cache/invalidation-rules.js';
export {
  type HistoryOptions,
  type InvalidationOptions,
  type InvalidationResult,
  InvalidationService,
  InvalidationTooBroadError,
} from './cache/invalidation.service.js';
export {
  CacheEvict,
  type CacheEvictOptions,
  type EvictingMethodDecorator,
  type OrBuilt,
} from './cache/methods/cache-evict.decorator.js';
export {
  Cacheable,
  type CacheableOptions,
  CachePut,
  type CachePutOptions,
  type KeyedMethodDecorator,
  type PlainTemplate,
} from './cache/methods/cacheable.decorator.js';
export { type EventName, InvalidateOn, type InvalidateOnOptions } from './cache/methods/invalidate-on.decorator.js';
export type { MethodKey } from './cache/methods/method-key.js';
export type { InCache } from './cache/methods/method-metadata.js';
export type {
  AllFit,
  AsyncMethod,
  BuilderFits,
  BuilderMisfit,
  KeyFits,
  Misfit,
  NamesMisfit,
  TypeMisfit,
} from './cache/methods/method-types.js';
export { CacheManager, type CacheManagerOptions, type WrapTtl } from './cache/migration/cache-manager.js';
export {
  CACHE_MANAGER,
  CacheManagerModule,
  ConfigurableCacheManagerModule,
} from './cache/migration/cache-manager.module.js';
export { CacheKeyvStore } from './cache/migration/keyv-store.js';
export { MethodNotBoundError } from './cache/methods/method-wrapper.js';
export {
  type LoaderDecorator,
  LoaderFor,
  type LoaderForOptions,
  type LoaderMisfit,
} from './cache/warming/loader-for.decorator.js';
export type { TtlChange } from './cache/advice/advised-template.js';
export type { ChangesPerSecond, Recommendation, TemplateAdvice } from './cache/advice/template-advice.js';
export type { TtlChanged } from './cache/advice/ttl-changed.js';
export type { WarmUpEnding, WarmUpEvent, WarmUpProgress, WarmUpResult } from './cache/warming/warm-up-events.js';
export { WarmUp, type WarmUpOptions } from './cache/warming/warm-up.decorator.js';
export type { WarmUpState } from './cache/warming/warm-up-states.js';
export type { WarmingOptions } from './cache/warming/warming-options.js';
export type { BucketUnit, Calendar } from './cache/time/calendar.js';
export type { BucketKeys, BucketPart } from './cache/time/bucket-keys.js';
export type { ChangedSpan, Instant } from './cache/time/instant.js';
export type {
  AnyMerger,
  Histogram,
  Merger,
  MergerOf,
  ResultOf,
  StateOf,
  WeightedSum,
} from './cache/time/basic-mergers.js';
export * as mergers from './cache/time/mergers.js';
export type { Centroid, Centroids, Digest, DigestClass, PercentileMerger } from './cache/time/percentiles.js';
export { InvalidPointsError, type LoadRange, type RangePoint, type RangeSpan } from './cache/time/range-load.js';
export { type RangeOptions, type TimeRange, TooManyBucketsError } from './cache/time/range-plan.js';
export type { RangePart, RangeResult } from './cache/time/range-reader.js';
export {
  type AnyTimeSeries,
  defineTimeSeries,
  type TimeSeries,
  type TimeSeriesOptions,
} from './cache/time/time-series.js';
export type { TaggedInTime } from './cache/time/time-tags.js';
export type { HistoryEntry } from './engine/audit.js';
export type { Inconsistency } from './engine/inconsistencies.js';
export type { BlastRadius } from './engine/census.js';
export type { Explanation, TagStanding } from './engine/explain.js';
export type { StoredEntry } from './engine/inventory.js';
export type { SweepProgress } from './engine/sweeper.js';
export {
  cacheToken,
  InjectCache,
  InjectInvalidation,
  InjectRedis,
  invalidationToken,
  REDIS_CLIENT,
} from './cache/tokens.js';
export type { Unreadable } from './codec/envelope.js';
export { ValueNotSerializableError } from './codec/json.js';
export { BatchSizeError } from './engine/batch-load.js';
export type { CircuitName, CircuitState } from './engine/circuit-breaker.js';
export { type LoadContext, LoadEndedError, NoPreviousError, type Previous } from './engine/load-context.js';
export { LoadRejectedError } from './engine/load-budget.js';
export { LoadTimeoutError } from './engine/loader-run.js';
export { NoValueError } from './engine/entry-setter.js';
export { InvalidValueError } from './engine/value-shape.js';
export type { Consistency, Misfitting, MissCause, StaleReason, ValueOrigin } from './engine/lookup.js';
export type { CacheEvent, CacheObserver, LedgerGap, NotStored, SpotCheckOutcome } from './engine/observer.js';
export { InvalidKeyError } from './keys/alphabet.js';
export { CacheKey, type KeyFamily, type TypedKey } from './keys/key.js';
export type { Advised, AdviceMode, TtlBounds } from './keys/advice-mode.js';
export type { LoadPolicy, LoadPolicyOptions, TagsOf } from './keys/load-policy.js';
export {
  defineKey,
  type KeyOptions,
  type KeyParameters,
  type KeyTemplate,
  type ParameterNames,
} from './keys/template.js';
export type { Migrate, SchemaIssue, SchemaResult, ValueSchema } from './keys/value-schema.js';
export { ENTITIES, type Entity } from './keys/entity-tags.js';
export { isTimeframe, type Timeframe, TIMEFRAME_TTL, TIMEFRAMES } from './keys/timeframes.js';
export { CacheError, type ErrorFamily, InvalidOptionError } from './primitives/errors.js';
export type { Milliseconds, Seconds } from './primitives/units.js';
export type { Ratio } from './primitives/wilson.js';
export { RemoteStoreError, type RemoteFailure, type ConnectionEvent } from './stores/contracts.js';
export { PrometheusModule, type PrometheusModuleOptions } from './metrics/prometheus.module.js';
export { METRICS_REGISTRY } from './metrics/tokens.js';
export { CacheDashboardModule } from './dashboard/dashboard.module.js';
export type { CacheDashboardOptions, ShowValue } from './dashboard/dashboard-options.js';

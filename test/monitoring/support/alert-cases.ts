import type { Series } from './promtool.js';

/** When an alert fires and when it does not. */
export interface AlertCase {
  readonly alert: string;
  readonly firing: Series;
  /** Busy, and just not bad enough. */
  readonly quiet: Series;
  readonly at: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly summary: string;
}

const BACKEND = { job: 'backend' };
const ON_A = { ...BACKEND, instance: 'a' };
const REDIS = { job: 'redis', instance: 'r' };

const hits = (pattern: string): string =>
  `cache_hits_total{job="backend",instance="a",operation="get",key_pattern="${pattern}"}`;
const misses = (pattern: string): string =>
  `cache_misses_total{job="backend",instance="a",operation="get",key_pattern="${pattern}"}`;
const calls = (operation: string, suffix = 'count', le = ''): string =>
  `cache_operation_duration_seconds_${suffix}{job="backend",instance="a",operation="${operation}"${le && `,le="${le}"`}}`;
const errors = (operation: string): string =>
  `cache_errors_total{job="backend",instance="a",operation="${operation}",error_type="timeout"}`;
const onA = (name: string, labels = ''): string => `${name}{job="backend",instance="a"${labels && `,${labels}`}}`;
const ofRedis = (name: string, labels = ''): string => `${name}{job="redis",instance="r"${labels && `,${labels}`}}`;

const latencies = (operation: string, slow: number): Series => ({
  [calls(operation, 'bucket', '0.1')]: `0+${(100 - slow) * 60}x60`,
  [calls(operation, 'bucket', '0.25')]: '0+6000x60',
  [calls(operation, 'bucket', '+Inf')]: '0+6000x60',
});
const memory = (used: number): Series => ({
  [ofRedis('redis_memory_used_bytes')]: `${used}x60`,
  [ofRedis('redis_memory_max_bytes')]: '512x60',
});
const database = (keys: number): Series => ({
  [ofRedis('redis_db_keys', 'db="db0"')]: `${keys}x60`,
  [ofRedis('redis_db_keys_expiring', 'db="db0"')]: '100x60',
});
const clients = (connected: number): Series => ({
  [ofRedis('redis_connected_clients')]: `${connected}x60`,
  [ofRedis('redis_config_maxclients')]: '2000x60',
});

export const ALERT_CASES: readonly AlertCase[] = [
  {
    alert: 'CacheHitRateLow',
    // Two thirds of one template, and none of another: half of all.
    firing: { [hits('user:{id}')]: '0+120x60', [misses('user:{id}')]: '0+60x60', [misses('agent:{id}')]: '0+60x60' },
    quiet: { [hits('user:{id}')]: '0+192x60', [misses('user:{id}')]: '0+64x60' },
    at: '20m',
    labels: BACKEND,
    summary: 'backend: 50% of the reads are hits',
  },
  {
    alert: 'CachePatternNeverHits',
    firing: { [hits('user:{id}')]: '0+600x60', [misses('agent:{id}')]: '0+120x60' },
    quiet: { [hits('agent:{id}')]: '0+60x60', [misses('agent:{id}')]: '0+120x60' },
    at: '45m',
    labels: { ...BACKEND, key_pattern: 'agent:{id}' },
    summary: 'backend: no read of agent:{id} is a hit',
  },
  {
    alert: 'CacheErrorsHigh',
    // Twelve a second, six of each operation: neither is more than ten.
    firing: { [errors('fetch')]: '0+360x60', [errors('fill')]: '0+360x60' },
    quiet: { [errors('fetch')]: '0+240x60', [errors('fill')]: '0+240x60' },
    at: '20m',
    labels: BACKEND,
    summary: 'backend: 12 errors a second',
  },
  {
    alert: 'CacheErrorBudgetBurnsFast',
    firing: { [calls('get')]: '0+6000x120', [errors('fetch')]: '0+120x120' },
    quiet: { [calls('get')]: '0+6000x120', [errors('fetch')]: '0+60x120' },
    at: '90m',
    labels: BACKEND,
    summary: 'backend: 2% errors for each operation within the last hour',
  },
  {
    alert: 'CacheErrorBudgetBurnsSlowly',
    firing: { [calls('get')]: '0+6000x120', [errors('fetch')]: '0+60x120' },
    quiet: { [calls('get')]: '0+6000x120', [errors('fetch')]: '0+30x120' },
    at: '80m',
    labels: BACKEND,
    summary: 'backend: 1% errors for each operation within six hours',
  },
  {
    alert: 'CacheLatencyHigh',
    firing: { ...latencies('get', 10), ...latencies('get_or_load', 10) },
    quiet: { ...latencies('get', 1), ...latencies('get_or_load', 50) },
    at: '30m',
    labels: { ...BACKEND, operation: 'get' },
    summary: 'backend: one in a hundred calls of get takes over 235ms',
  },
  {
    alert: 'CacheMetricsAbsent',
    firing: { [onA('up')]: '1x60' },
    quiet: { [onA('up')]: '1x60', [onA('cache_keys')]: '0x60' },
    at: '10m',
    labels: BACKEND,
    summary: 'No instance of backend reports metrics of the cache',
  },
  {
    alert: 'CacheInstanceDown',
    firing: { [onA('up')]: '0x60', 'up{job="backend",instance="b"}': '1x60' },
    quiet: { [onA('up')]: '1x60' },
    at: '10m',
    labels: ON_A,
    summary: 'backend: a cannot be scraped',
  },
  {
    alert: 'CacheRedisUnreachable',
    firing: { [onA('cache_redis_up')]: '0x60' },
    quiet: { [onA('cache_redis_up')]: '1x60' },
    at: '10m',
    labels: ON_A,
    summary: 'backend: a has no connection to Redis',
  },
  {
    alert: 'CacheCircuitOpen',
    // It is half-open from time to time.
    firing: { [onA('cache_circuit_state', 'circuit="read"')]: '2 2 2 1 2 2 1 2 2 2 2 2' },
    quiet: { [onA('cache_circuit_state', 'circuit="read"')]: '0 0 0 0 0 0 0 0 2 0 2 0' },
    at: '10m',
    labels: { ...ON_A, circuit: 'read' },
    summary: 'backend: a sends no read commands to Redis',
  },
  {
    alert: 'CacheRedisFailsOverOften',
    // Two instances that saw the same four changes; then three, which is one for each primary of a Cluster.
    firing: {
      [onA('cache_redis_primary_changes_total')]: '0x10 1x10 2x5 3x5 4x30',
      'cache_redis_primary_changes_total{job="backend",instance="b"}': '0x10 1x10 2x5 3x5 4x30',
    },
    quiet: { [onA('cache_redis_primary_changes_total')]: '0x10 1x10 2x5 3x35' },
    at: '40m',
    labels: BACKEND,
    summary: 'backend: the primary of Redis changed 4 times within an hour',
  },
  {
    alert: 'CacheCoherenceLost',
    firing: { [onA('cache_coherent')]: '0x60' },
    quiet: { [onA('cache_coherent')]: '1x60' },
    at: '10m',
    labels: ON_A,
    summary: 'backend: a does not trust its memory',
  },
  {
    alert: 'CacheInvalidationQueueGrowing',
    firing: { [onA('cache_invalidations_queued')]: '0+2x60' },
    // It is being sent.
    quiet: { [onA('cache_invalidations_queued')]: '120-2x59' },
    at: '10m',
    labels: ON_A,
    summary: 'backend: 20 invalidations wait in a',
  },
  {
    alert: 'CacheInvalidationStorm',
    firing: { [onA('cache_invalidations_total', 'pattern="tag"')]: '0+30x90 2700+600x60' },
    quiet: { [onA('cache_invalidations_total', 'pattern="tag"')]: '0+600x150' },
    at: '110m',
    labels: BACKEND,
    summary: 'backend: 10 invalidations a second',
  },
  {
    alert: 'CacheStaleServed',
    firing: {
      [hits('user:{id}')]: '0+600x60',
      [onA('cache_stale_served_total', 'key_pattern="user:{id}",reason="failed"')]: '0+60x60',
    },
    quiet: {
      [hits('user:{id}')]: '0+600x60',
      [onA('cache_stale_served_total', 'key_pattern="user:{id}",reason="refreshing"')]: '0+300x60',
      [onA('cache_stale_served_total', 'key_pattern="user:{id}",reason="failed"')]: '0+12x60',
    },
    at: '30m',
    labels: BACKEND,
    summary: 'backend: 10% of the reads get a value past its TTL',
  },
  {
    alert: 'CacheLoadsFailing',
    firing: { [onA('cache_load_failures_total', 'key_pattern="user:{id}"')]: '0+60x60' },
    quiet: {
      [onA('cache_load_failures_total', 'key_pattern="user:{id}"')]: '0+60x60',
      [onA('cache_load_duration_seconds_count', 'key_pattern="user:{id}"')]: '0+6000x60',
    },
    at: '30m',
    labels: { ...BACKEND, key_pattern: 'user:{id}' },
    summary: 'backend: 1 loads of user:{id} fail each second',
  },
  {
    alert: 'CacheMemoryEmptied',
    firing: { [onA('cache_ledger_gaps_total', 'reason="lost"')]: '0+1x60' },
    quiet: { [onA('cache_ledger_gaps_total', 'reason="lost"')]: '0x20 1x40' },
    at: '40m',
    labels: ON_A,
    summary: 'backend: a emptied its memory several times in half an hour',
  },
  {
    alert: 'CacheInconsistent',
    firing: {
      [onA('cache_inconsistent_ratio_low', 'key_pattern="user:{id}"')]: '0.05x60',
      [onA('cache_spot_checks_total', 'key_pattern="user:{id}",outcome="inconsistent"')]: '0+1x60',
    },
    quiet: {
      [onA('cache_inconsistent_ratio_low', 'key_pattern="user:{id}"')]: '0.009x60',
      [onA('cache_spot_checks_total', 'key_pattern="user:{id}",outcome="inconsistent"')]: '0+1x60',
    },
    at: '40m',
    labels: { ...BACKEND, key_pattern: 'user:{id}' },
    summary: 'backend: at least 5% of the hits of user:{id} are out of date',
  },
  {
    alert: 'CacheLabelOverflow',
    firing: { [onA('cache_label_overflow_total', 'metric="cache_hits_total"')]: '0+1x60' },
    quiet: { [onA('cache_label_overflow_total', 'metric="cache_hits_total"')]: '0x60' },
    at: '30m',
    labels: { ...BACKEND, metric: 'cache_hits_total' },
    summary: 'backend: cache_hits_total has more label values than it may have',
  },
  {
    alert: 'RedisDown',
    firing: { [ofRedis('redis_up')]: '0x60' },
    quiet: { [ofRedis('redis_up')]: '1x60' },
    at: '10m',
    labels: REDIS,
    summary: 'Redis behind r does not answer',
  },
  {
    alert: 'RedisMetricsAbsent',
    firing: { [ofRedis('up')]: '0x60' },
    quiet: { [ofRedis('redis_up')]: '0x60' },
    at: '10m',
    labels: { job: 'redis' },
    summary: 'No metrics of Redis',
  },
  {
    alert: 'RedisMemoryHigh',
    firing: memory(480),
    quiet: memory(448),
    at: '20m',
    labels: REDIS,
    summary: 'r: 93.75% of maxmemory is used',
  },
  {
    alert: 'RedisMemoryEvicting',
    firing: { ...memory(480), [ofRedis('redis_evicted_keys_total')]: '0+120x60' },
    quiet: { ...memory(480), [ofRedis('redis_evicted_keys_total')]: '0+30x60' },
    at: '30m',
    labels: REDIS,
    summary: 'r: Redis evicts keys at 93.75% of maxmemory',
  },
  {
    alert: 'RedisKeysWithoutTtl',
    firing: database(120),
    quiet: database(101),
    at: '45m',
    labels: { ...REDIS, db: 'db0' },
    summary: 'r: 20 keys of db0 have no TTL',
  },
  {
    alert: 'RedisConnectionsRejected',
    firing: { [ofRedis('redis_rejected_connections_total')]: '0x10 1x50' },
    quiet: { [ofRedis('redis_rejected_connections_total')]: '7x60' },
    at: '12m',
    labels: REDIS,
    summary: 'r: Redis refuses connections',
  },
  {
    alert: 'RedisClientsHigh',
    firing: clients(1800),
    quiet: clients(1500),
    at: '20m',
    labels: REDIS,
    summary: 'r: 90% of the connections are taken',
  },
];

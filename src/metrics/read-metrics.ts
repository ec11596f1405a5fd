import type { Ratio } from '../primitives/wilson.js';
import { type CacheMetric, countPerTemplate, countsPerTemplate, perTemplate } from './definitions.js';
import { histogramOf } from './snapshot-metric.js';

/** What reads of the cache came to. */
export const READ_METRICS: readonly CacheMetric[] = [
  countsPerTemplate('cache_hits_total', 'Reads answered from the cache', 'operation', ({ hits }) => hits),
  countsPerTemplate('cache_misses_total', 'Reads for which no tier had a value', 'operation', ({ misses }) => misses),
  countsPerTemplate(
    'cache_tier_hits_total',
    'Reads answered from memory (l1) and from Redis (l2)',
    'tier',
    ({ tiers }) => tiers,
  ),
  countsPerTemplate(
    'cache_misses_by_cause_total',
    'Misses by cause; absent: never there, as far as the process remembers; invalid: it does not fit its schema',
    'cause',
    ({ causes }) => causes,
  ),
  countsPerTemplate(
    'cache_stale_served_total',
    'Values served past their TTL: a refresh runs behind, was too slow, failed, or found no room at its source',
    'reason',
    ({ stale }) => stale,
  ),
  countPerTemplate('cache_coalesced_total', 'Callers that shared the load of another', ({ coalesced }) => coalesced),
  {
    ...{ name: 'cache_operation_duration_seconds', type: 'histogram', labels: ['operation'] },
    help: 'Time that calls of the cache take, loaders included; hits in memory count as zero',
    read: function* ({ tally }) {
      for (const [operation, durations] of tally.durations) yield* histogramOf(durations, { operation });
    },
  },
  {
    ...{ name: 'cache_errors_total', type: 'counter', labels: ['operation', 'error_type'] },
    help: 'Failures: of commands on Redis by what failed, of calls by a refused argument; never counted as misses',
    read: function* ({ tally }) {
      for (const [operation, types] of tally.errors)
        for (const [error_type, value] of types) yield { labels: { operation, error_type }, value };
    },
  },
];

/** What was found of values that had been served. */
export const SPOT_CHECK_METRICS: readonly CacheMetric[] = [
  countsPerTemplate(
    'cache_spot_checks_total',
    'Values loaded once more after they had been served; inconsistent: the source had said otherwise for long',
    'outcome',
    ({ spotChecks }) => spotChecks,
  ),
  inconsistentShare('cache_inconsistent_ratio', 'Share of the spot checks that found a value inconsistent', 'ratio'),
  inconsistentShare(
    'cache_inconsistent_ratio_low',
    'What the share of inconsistent values among all hits is at least, with 95 % confidence',
    'low',
  ),
  inconsistentShare(
    'cache_inconsistent_ratio_high',
    'What the share of inconsistent values among all hits is at most, with 95 % confidence',
    'high',
  ),
];

/** No sample before the first spot check that could decide. */
function inconsistentShare(name: string, help: string, which: keyof Ratio): CacheMetric {
  return perTemplate(name, help, { type: 'gauge' }, ({ inconsistent }, key_pattern) =>
    inconsistent ? [{ labels: { key_pattern }, value: inconsistent[which] }] : [],
  );
}

/** What loads cost, and what they would have. */
export const LOAD_METRICS: readonly CacheMetric[] = [
  perTemplate(
    'cache_load_duration_seconds',
    'Time that loaders take',
    { type: 'histogram' },
    ({ loads }, key_pattern) => histogramOf(loads, { key_pattern }),
  ),
  countPerTemplate(
    'cache_load_failures_total',
    'Loaders that failed, or returned what does not fit the schema of their template',
    ({ failedLoads }) => failedLoads,
  ),
  countsPerTemplate(
    'cache_loads_rejected_total',
    'Loads that were not begun, as their source had as many under way as it may have',
    'source',
    ({ rejected }) => rejected,
  ),
  countPerTemplate(
    'cache_load_time_saved_seconds_total',
    'Time that loads would have taken, had there been no hits',
    ({ saved }) => saved,
  ),
  countPerTemplate(
    'cache_expensive_misses_total',
    'Loads of more than a second, but for refreshes of values that are served meanwhile',
    ({ expensiveMisses }) => expensiveMisses,
  ),
  countPerTemplate(
    'cache_lease_waits_total',
    'Times that a load waited a little for another process that loads the same key',
    ({ leaseWaits }) => leaseWaits,
  ),
  countPerTemplate(
    'cache_lease_wait_seconds_total',
    'Time that loads waited for other processes',
    ({ leaseWaited }) => leaseWaited,
  ),
];

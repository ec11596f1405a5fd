import type { Section } from '../dashboard.js';
import { stat } from '../panels.js';
import { of, quantile, rate, share } from '../promql.js';

const HITS = rate('cache_hits_total');
const LOOKUPS = `${HITS} + ${rate('cache_misses_total')}`;
const DURATION = 'cache_operation_duration_seconds';

/** The state of the cache in a row of numbers. */
export const OVERVIEW: Section = {
  title: 'Overview',
  panels: [
    stat({
      title: 'Hit rate',
      description: 'Share of the reads that found a value. The target is above 80 %; below 70 % an alert fires.',
      unit: 'percentunit',
      queries: { 'hit rate': share(HITS, `(${LOOKUPS})`) },
      steps: [],
      min: 0,
      max: 1,
    }),
    stat({
      title: 'Reads',
      description: 'Reads each second, hits and misses together.',
      unit: 'reqps',
      queries: { reads: LOOKUPS },
    }),
    stat({
      title: 'P95 of get',
      description: 'Nineteen of twenty calls of get are faster. The target is below 1 ms.',
      unit: 's',
      queries: { P95: quantile(0.95, DURATION, [], 'operation="get"') },
      steps: [
        [0.001, 'yellow'],
        [0.1, 'red'],
      ],
    }),
    stat({
      title: 'Errors per operation',
      description: 'Failed commands for each call of the cache. The target is below 0.1 %.',
      unit: 'percentunit',
      queries: { errors: share(rate('cache_errors_total'), rate(`${DURATION}_count`)) },
      steps: [[0.001, 'red']],
      min: 0,
    }),
    stat({
      title: 'Keys',
      description: 'Keys in the database of Redis. All instances report the same number, so it is not added up.',
      unit: 'short',
      queries: { keys: `max(${of('cache_keys')})` },
    }),
    stat({
      title: 'Connected to Redis',
      description: 'Share of the instances that have a connection to Redis.',
      unit: 'percentunit',
      queries: { connected: `avg(${of('cache_redis_up')})` },
      min: 0,
      max: 1,
    }),
    stat({
      title: 'Circuits open',
      description: 'How many circuits are not closed: commands of that kind are not sent to Redis.',
      unit: 'short',
      queries: { open: `sum(${of('cache_circuit_state')} > bool 0)` },
      steps: [[1, 'red']],
    }),
    stat({
      title: 'Alerts firing',
      description: 'Alerts of the chosen jobs that fire now. docs/runbook.md says what to do.',
      unit: 'short',
      queries: { firing: 'count(ALERTS{job=~"$job", alertstate="firing"}) or vector(0)' },
      steps: [[1, 'red']],
    }),
  ],
};

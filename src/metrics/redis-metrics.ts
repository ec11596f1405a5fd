import { CIRCUITS } from '../engine/circuit-breaker.js';
import { byLabel, type CacheMetric, plain, shared } from './definitions.js';

/** The kinds of invalidations under the names that the guide gives them. */
const PATTERNS: Readonly<Record<string, string>> = {
  metric: 'metric:{id}:*',
  user: 'user:{id}:*',
  agent: 'agent:{id}:*',
  workspace: 'workspace:{id}:*',
};
const CIRCUIT_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const;

/** Invalidations, and how this process follows those of others. */
export const INVALIDATION_METRICS: readonly CacheMetric[] = [
  {
    ...{ name: 'cache_invalidations_total', type: 'counter', labels: ['pattern'] },
    help: 'Acknowledged invalidations by what was invalidated',
    read: ({ tally }) =>
      [...tally.invalidations].map(([kind, value]) => ({ labels: { pattern: PATTERNS[kind] ?? kind }, value })),
  },
  {
    ...{ name: 'cache_rule_findings', type: 'gauge', labels: ['kind', 'name'] },
    help: 'What the rules of invalidation most likely miss: 1 for each template or event of which it was found',
    read: ({ binder }) => binder.book.standing.map(({ kind, name }) => ({ labels: { kind, name }, value: 1 })),
  },
  plain(
    'gauge',
    'cache_invalidations_queued',
    'Invalidations that wait for Redis',
    ({ runtime }) => runtime.invalidator.queued,
  ),
  plain(
    'counter',
    'cache_swept_entries_total',
    'Entries of invalidated tags that were deleted from Redis',
    ({ tally }) => tally.swept,
  ),
  byLabel(
    'cache_ledger_gaps_total',
    'Times that memory was emptied because invalidations may have been missed: records trimmed, lost or unreadable',
    'reason',
    ({ gaps }) => gaps,
  ),
  plain(
    'gauge',
    'cache_ledger_position_seconds',
    'When the last record of the ledger was written that this process has applied',
    ({ runtime }) => secondsOf(runtime.ledgerPosition()),
  ),
  plain(
    'gauge',
    'cache_coherent',
    'Whether memory is trusted: 1 while the ledger is followed',
    ({ runtime: { view, clock } }) => Number(view.lease.holds(clock.now())),
  ),
  plain(
    'gauge',
    'cache_coherence_lag_seconds',
    'Time since which this process may not know of invalidations',
    ({ runtime: { view, clock } }) => (Number.isFinite(view.lease.asOf) ? (clock.now() - view.lease.asOf) / 1000 : 0),
  ),
  plain(
    'counter',
    'cache_coherence_losses_total',
    'Times that memory was not trusted for a while, as there was no news from the ledger',
    ({ tally }) => tally.coherenceLosses,
  ),
];

const SERVER_METRICS: readonly CacheMetric[] = [
  {
    ...{ name: 'cache_circuit_state', type: 'gauge', labels: ['circuit'] },
    help: 'Whether commands are sent to Redis: 0 closed (they are), 1 half-open (one, to see), 2 open (none)',
    read: ({ runtime: { circuits } }) =>
      CIRCUITS.map((circuit) => ({ labels: { circuit }, value: CIRCUIT_VALUES[circuits.states[circuit]] })),
  },
  byLabel(
    'cache_circuit_opened_total',
    'Times that commands were no longer sent to Redis, as too many failed in a row',
    'circuit',
    ({ opened }) => opened,
  ),
  plain(
    'gauge',
    'cache_redis_up',
    'Whether there is a connection to Redis; no sample where none is configured',
    ({ runtime: { connection } }) => connection && Number(connection.isReady),
  ),
  plain(
    'counter',
    'cache_redis_reconnects_total',
    'Times that a lost connection to Redis was made again',
    ({ tally }) => Math.max(0, tally.connections - 1),
  ),
  plain(
    'counter',
    'cache_redis_primary_changes_total',
    'Times that a failover or a restart of Redis was seen, after which the last invalidations are made again',
    ({ tally }) => tally.primaryChanges,
  ),
  plain(
    'gauge',
    'cache_redis_round_trip_seconds',
    'Time that a PING took at this scrape, in a Cluster the slowest; no sample without an answer',
    ({ runtime: { connection, store } }) =>
      connection &&
      store.ping().then(
        (took) => took / 1000,
        () => undefined,
      ),
  ),
];

/** Whether Redis serves, which it does to all caches or to none. */
export const REDIS_METRICS: readonly CacheMetric[] = SERVER_METRICS.map((metric) => shared(metric));

/** The instant in a record's id, which Redis makes of its clock. */
function secondsOf(id: string | undefined): number {
  return id === undefined ? 0 : Number(id.split('-')[0]) / 1000;
}

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AnyCacheEvent, OperationEnded } from '../cache/cache-events.js';
import { CIRCUITS } from '../engine/circuit-breaker.js';

// The guide's buckets begin at 1 ms, where its own target for GET ends; the three below it make the target measurable.
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1];

/** How the number of keys is told apart: both names have the same value; the guide's ends in `_total` although it is a gauge. */
const KEYS_HELP =
  'Keys in the Redis database (DBSIZE, so those of others in the same database too); without Redis, entries in memory';
const ERRORS_HELP =
  'Failures: of commands on Redis by what failed, of calls by a refused argument; never counted as misses';
const GAPS_HELP =
  'Times that memory was emptied because invalidations may have been missed: records trimmed, lost or unreadable';
const STALE_HELP =
  'Values served past their TTL: a refresh runs behind, was too slow, failed, or found no room at its source';
const REJECTED_HELP = 'Loads that were not begun, as their source had as many under way as it may have';
const CIRCUIT_HELP =
  'Whether commands are sent to Redis: 0 closed (they are), 1 half-open (one, to see), 2 open (none)';
const OPENED_HELP = 'Times that commands were no longer sent to Redis, as too many failed in a row';

/** Turns what happens in the cache into the metrics that the guide promises. Labels hold templates and kinds, never ids. */
export class CacheMetrics {
  readonly #hits: Counter;
  readonly #misses: Counter;
  readonly #errors: Counter;
  readonly #invalidations: Counter;
  readonly #duration: Histogram;
  readonly #gaps: Counter;
  readonly #stale: Counter;
  readonly #rejected: Counter;
  readonly #circuits: Gauge;
  readonly #opened: Counter;

  constructor(registry: Registry, countKeys: () => Promise<number>) {
    const registers = [registry];
    const counter = (name: string, help: string, ...labelNames: string[]): Counter =>
      new Counter({ registers, name, help, labelNames });
    this.#hits = counter('cache_hits_total', 'Reads answered from the cache', 'operation', 'key_pattern');
    this.#misses = counter('cache_misses_total', 'Reads for which no tier had a value', 'operation', 'key_pattern');
    this.#errors = counter('cache_errors_total', ERRORS_HELP, 'operation', 'error_type');
    this.#invalidations = counter(
      'cache_invalidations_total',
      'Acknowledged invalidations by what was invalidated',
      'pattern',
    );
    this.#gaps = counter('cache_ledger_gaps_total', GAPS_HELP, 'reason');
    this.#stale = counter('cache_stale_served_total', STALE_HELP, 'key_pattern', 'reason');
    this.#rejected = counter('cache_loads_rejected_total', REJECTED_HELP, 'key_pattern', 'source');
    this.#circuits = new Gauge({ registers, name: 'cache_circuit_state', help: CIRCUIT_HELP, labelNames: ['circuit'] });
    this.#opened = counter('cache_circuit_opened_total', OPENED_HELP, 'circuit');
    for (const circuit of CIRCUITS) {
      this.#circuits.set({ circuit }, 0);
      this.#opened.inc({ circuit }, 0);
    }
    this.#duration = new Histogram({
      ...{ registers, name: 'cache_operation_duration_seconds', labelNames: ['operation'], buckets: BUCKETS },
      help: 'Time that calls of the cache take, loaders included',
    });
    for (const name of ['cache_keys', 'cache_keys_total']) {
      const collect = async function (this: Gauge): Promise<void> {
        this.set(await countKeys());
      };
      new Gauge({ registers, name, help: KEYS_HELP, collect });
    }
  }

  readonly listen = (event: AnyCacheEvent): void => {
    if (event.type === 'operation.ended') this.#ended(event);
    else if (event.type === 'remote.failed')
      this.#errors.inc({ operation: event.operation, error_type: event.failure });
    else if (event.type === 'ledger.gap') this.#gaps.inc({ reason: event.why });
    else if (event.type === 'stale.served') this.#stale.inc({ key_pattern: event.label, reason: event.reason });
    else if (event.type === 'load.rejected') this.#rejected.inc({ key_pattern: event.label, source: event.source });
    else if (event.type === 'circuit.changed') this.#circuit(event);
    else if (event.type === 'usage.refused') this.#errors.inc({ operation: event.operation, error_type: 'validation' });
    else if (event.type === 'invalidation.done' && event.acknowledged)
      for (const pattern of event.kinds) this.#invalidations.inc({ pattern: PATTERNS[pattern] ?? pattern });
  };

  #circuit({ circuit, state }: Extract<AnyCacheEvent, { type: 'circuit.changed' }>): void {
    this.#circuits.set({ circuit }, CIRCUIT_VALUES[state]);
    if (state === 'open') this.#opened.inc({ circuit });
  }

  #ended({ operation, label, outcome, took }: OperationEnded): void {
    this.#duration.observe({ operation }, took / 1000);
    if (outcome === 'hit') this.#hits.inc({ operation, key_pattern: label });
    if (outcome === 'miss') this.#misses.inc({ operation, key_pattern: label });
  }
}

const CIRCUIT_VALUES = { closed: 0, 'half-open': 1, open: 2 } as const;

const PATTERNS: Readonly<Record<string, string>> = {
  metric: 'metric:{id}:*',
  user: 'user:{id}:*',
  agent: 'agent:{id}:*',
  workspace: 'workspace:{id}:*',
};

import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { AnyCacheEvent, OperationEnded } from '../cache/cache-events.js';

// The guide's buckets begin at 1 ms, where its own target for GET ends; the three below it make the target measurable.
const BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1];

/** How the number of keys is told apart: both names have the same value; the guide's ends in `_total` although it is a gauge. */
const KEYS_HELP =
  'Keys in the Redis database (DBSIZE, so those of others in the same database too); without Redis, entries in memory';

/** Turns what happens in the cache into the metrics that the guide promises. Labels hold templates and kinds, never ids. */
export class CacheMetrics {
  readonly #hits: Counter;
  readonly #misses: Counter;
  readonly #errors: Counter;
  readonly #invalidations: Counter;
  readonly #duration: Histogram;
  readonly #gaps: Counter;

  constructor(registry: Registry, countKeys: () => Promise<number>) {
    const registers = [registry];
    const labels = ['operation', 'key_pattern'];
    this.#hits = new Counter({
      registers,
      name: 'cache_hits_total',
      help: 'Reads answered from the cache',
      labelNames: labels,
    });
    this.#misses = new Counter({
      registers,
      name: 'cache_misses_total',
      help: 'Reads for which no tier had a value',
      labelNames: labels,
    });
    this.#errors = new Counter({
      ...{ registers, name: 'cache_errors_total', labelNames: ['operation', 'error_type'] },
      help: 'Failures: of commands on Redis by what failed, of calls by a refused argument; never counted as misses',
    });
    this.#invalidations = new Counter({
      ...{ registers, name: 'cache_invalidations_total', labelNames: ['pattern'] },
      help: 'Acknowledged invalidations by what was invalidated',
    });
    this.#gaps = new Counter({
      ...{ registers, name: 'cache_ledger_gaps_total', labelNames: ['reason'] },
      help: 'Times that memory was emptied because invalidations may have been missed: records trimmed, lost or unreadable',
    });
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
    else if (event.type === 'usage.refused') this.#errors.inc({ operation: event.operation, error_type: 'validation' });
    else if (event.type === 'invalidation.done' && event.acknowledged)
      for (const pattern of event.kinds) this.#invalidations.inc({ pattern: PATTERNS[pattern] ?? pattern });
  };

  #ended({ operation, label, outcome, took }: OperationEnded): void {
    this.#duration.observe({ operation }, took / 1000);
    if (outcome === 'hit') this.#hits.inc({ operation, key_pattern: label });
    if (outcome === 'miss') this.#misses.inc({ operation, key_pattern: label });
  }
}

const PATTERNS: Readonly<Record<string, string>> = {
  metric: 'metric:{id}:*',
  user: 'user:{id}:*',
  agent: 'agent:{id}:*',
  workspace: 'workspace:{id}:*',
};

import type { StaleReason } from '../engine/lookup.js';
import type { SpotCheckOutcome } from '../engine/observer.js';
import { ENTITIES } from '../keys/entity-tags.js';
import type { Milliseconds } from '../primitives/units.js';
import { type Ratio, ratioOf } from '../primitives/wilson.js';
import { COMMANDS } from '../engine/guarded-store.js';
import { REMOTE_FAILURES } from '../stores/contracts.js';
import {
  type AnyCacheEvent,
  type CacheEvents,
  type Operation,
  type OperationEnded,
  OPERATIONS,
} from './cache-events.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import { WarmUpTally } from './warming/warm-up-tally.js';

/** Upper bounds of what durations are sorted into, in seconds. The guide's begin at 1 ms, where its own target for GET ends. */
const DURATION_BOUNDS: readonly number[] = Object.freeze([
  0.0001, 0.00025, 0.0005, 0.001, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1,
]);

/** Upper bounds for loads, in seconds. */
const LOAD_BOUNDS: readonly number[] = Object.freeze([
  0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30,
]);

/** A load that takes longer than this is expensive to miss. */
const EXPENSIVE: Milliseconds = 1_000;
const MAX_LABELS = 200;
const OTHER = 'other';

/** The trace in which something was measured, as OpenMetrics tells it. */
export interface Exemplar {
  readonly labelSet: { readonly trace_id: string; readonly span_id: string };
  readonly value: number;
  /** In seconds. */
  readonly timestamp: number;
}

/** Durations by size, in plain numbers. */
export class Distribution {
  readonly counts: Float64Array;
  /** The last one of each size that was measured in a trace. */
  readonly exemplars: (Exemplar | undefined)[] = [];
  sum = 0;

  constructor(readonly bounds: readonly number[]) {
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** How many there are. */
  get count(): number {
    return this.counts.reduce((sum, count) => sum + count, 0);
  }

  add(seconds: number, exemplar?: Exemplar): void {
    const { bounds, counts } = this;
    let i = 0;
    while (i < bounds.length && seconds > (bounds[i] as number)) i++;
    (counts[i] as number)++;
    this.sum += seconds;
    if (exemplar) this.exemplars[i] = exemplar;
  }
}

/** Numbers by name, created at zero. */
export class Counts<K extends string> {
  readonly #counts = new Map<K, { count: number }>();

  constructor(known: Iterable<K> = []) {
    for (const name of known) this.#counts.set(name, { count: 0 });
  }

  add(name: K): void {
    this.of(name).count++;
  }

  /** The number itself, for who adds to it often. */
  of(name: K): { count: number } {
    const known = this.#counts.get(name);
    if (known) return known;
    const created = { count: 0 };
    this.#counts.set(name, created);
    return created;
  }

  get(name: K): number {
    return this.#counts.get(name)?.count ?? 0;
  }

  get total(): number {
    let total = 0;
    for (const { count } of this.#counts.values()) total += count;
    return total;
  }

  *[Symbol.iterator](): IterableIterator<[K, number]> {
    for (const [name, { count }] of this.#counts) yield [name, count];
  }
}

/** The operations that read. */
const READS: readonly Operation[] = Object.freeze(['get', 'exists', 'get_or_load', 'get_many', 'get_or_load_many']);
const CAUSES = ['absent', 'expired', 'invalidated', 'evicted', 'version', 'unreadable', 'invalid'] as const;
const REASONS: readonly StaleReason[] = ['refreshing', 'slow', 'failed', 'rejected'];
const SPOT_CHECKS: readonly SpotCheckOutcome[] = ['consistent', 'inconsistent', 'gone', 'busy', 'failed'];

/** What was counted of one template. */
export class TemplateTally {
  readonly hits = new Counts<Operation>(READS);
  readonly misses = new Counts<Operation>(READS);
  readonly tiers = new Counts<'l1' | 'l2'>(['l1', 'l2']);
  /** What a hit in memory adds to, looked up once. */
  readonly inMemory = { loaded: this.hits.of('get_or_load'), tier: this.tiers.of('l1') };
  readonly causes = new Counts<string>(CAUSES);
  readonly stale = new Counts<StaleReason>(REASONS);
  readonly spotChecks = new Counts<SpotCheckOutcome>(SPOT_CHECKS);
  readonly rejected: Counts<string>;
  readonly loads = new Distribution(LOAD_BOUNDS);
  failedLoads = 0;
  coalesced = 0;
  leaseWaits = 0;
  /** Seconds. */
  leaseWaited = 0;
  /** Seconds that loads would have taken, had there been no hits. */
  saved = 0;
  expensiveMisses = 0;
  /** How often this process has moved its TTL. */
  ttlChanges = 0;

  constructor(sources: readonly string[]) {
    this.rejected = new Counts(sources);
  }

  /** The share of the values that spot checks could decide upon which were inconsistent; `undefined` before the first. */
  get inconsistent(): Ratio | undefined {
    const inconsistent = this.spotChecks.get('inconsistent');
    return ratioOf(inconsistent, inconsistent + this.spotChecks.get('consistent'));
  }
}

type Of<T extends AnyCacheEvent['type']> = Extract<AnyCacheEvent, { type: T }>;
type Counters = { readonly [T in AnyCacheEvent['type']]?: (event: Of<T>) => unknown };

/** Counts what happens, in plain numbers: one object for everything that reports on the cache. */
export class Tally {
  readonly templates = new Map<string, TemplateTally>();
  readonly durations = new Map(OPERATIONS.map((operation) => [operation, new Distribution(DURATION_BOUNDS)]));
  readonly #loadTimes = this.durations.get('get_or_load') as Distribution;
  readonly errors = new Map<string, Counts<string>>([
    ...COMMANDS.map((command) => [command, new Counts<string>(REMOTE_FAILURES)] as const),
    ...OPERATIONS.map((operation) => [operation, new Counts<string>(['validation'])] as const),
  ]);
  readonly invalidations = new Counts<string>([...ENTITIES, 'tag', 'key', 'pattern', 'everything']);
  readonly gaps = new Counts<string>(['trimmed', 'lost', 'unreadable']);
  readonly opened = new Counts<string>(['read', 'write', 'invalidation']);
  readonly warmUps = new WarmUpTally();
  swept = 0;
  coherenceLosses = 0;
  connections = 0;
  primaryChanges = 0;
  labelOverflow = 0;

  /**
   * @param labels of the templates, and @param sources with a limit, that are known from the start
   * @param exemplarOf a value that is measured now, where there is a trace
   */
  constructor(
    labels: Iterable<string> = [],
    private readonly sources: readonly string[] = [],
    private readonly exemplarOf?: (value: number) => Exemplar | undefined,
  ) {
    for (const label of [...labels, OTHER]) this.of(label);
  }

  readonly #counters: Counters = {
    'remote.failed': ({ operation, failure }) => this.#failed(operation, failure),
    'usage.refused': ({ operation }) => this.#failed(operation, 'validation'),
    'connection.ready': () => this.connections++,
    'primary.changed': () => this.primaryChanges++,
    'load.ended': (event) => this.#loaded(event),
    // That a loader ended is counted already: here, that what it returned was of no use.
    'value.invalid': ({ label, origin }) => origin === 'loader' && this.of(label).failedLoads++,
    'load.rejected': ({ label, source }) => this.of(label).rejected.add(source),
    'stale.served': ({ label, reason }) => this.of(label).stale.add(reason),
    'spot-check.ended': ({ label, outcome }) => this.of(label).spotChecks.add(outcome),
    'lease.waited': (event) => this.#waited(event),
    'ttl.changed': ({ label }) => this.of(label).ttlChanges++,
    'invalidation.done': (event) => this.#invalidated(event),
    'sweep.ended': ({ removed }) => (this.swept += removed),
    'ledger.gap': ({ why }) => this.gaps.add(why),
    'coherence.regained': () => this.coherenceLosses++,
    'warm-up.began': this.warmUps.listen,
    'warm-up.key': this.warmUps.listen,
    'warm-up.ended': this.warmUps.listen,
    'circuit.changed': ({ circuit, state }) => state === 'open' && this.opened.add(circuit),
  };

  readonly listen = (event: AnyCacheEvent): void => {
    // By far the most frequent.
    if (event.type === 'operation.ended')
      if (event.tier === 'l1' && event.operation === 'get_or_load' && !event.coalesced) this.#hitInMemory(event);
      else this.#ended(event);
    else (this.#counters[event.type] as ((event: AnyCacheEvent) => unknown) | undefined)?.(event);
  };

  /** The counts of a template; a new one beyond the limit of labels is counted as `other`. */
  of(label: string): TemplateTally {
    const known = this.templates.get(label);
    if (known) return known;
    if (this.templates.size >= MAX_LABELS) {
      this.labelOverflow++;
      return this.of(OTHER);
    }
    const tally = new TemplateTally(this.sources);
    this.templates.set(label, tally);
    return tally;
  }

  #hitInMemory({ label, loadTook = 0, took }: OperationEnded): void {
    this.#loadTimes.add(took / 1000);
    const tally = this.of(label);
    tally.inMemory.loaded.count++;
    tally.inMemory.tier.count++;
    tally.saved += loadTook / 1000;
  }

  #ended({ operation, label, outcome, tier, cause, coalesced, loadTook, took }: OperationEnded): void {
    this.durations.get(operation)?.add(took / 1000);
    if (outcome !== 'hit' && outcome !== 'miss') return;
    const tally = this.of(label);
    if (coalesced) tally.coalesced++;
    if (outcome === 'hit') {
      tally.hits.add(operation);
      if (tier) tally.tiers.add(tier);
      tally.saved += (loadTook ?? 0) / 1000;
    } else {
      tally.misses.add(operation);
      tally.causes.add(cause ?? 'absent');
    }
  }

  #failed(operation: string, type: string): void {
    const known = this.errors.get(operation) ?? new Counts<string>();
    known.add(type);
    this.errors.set(operation, known);
  }

  #invalidated({ kinds, acknowledged }: Of<'invalidation.done'>): void {
    if (acknowledged) for (const kind of kinds) this.invalidations.add(kind);
  }

  #waited({ label, took }: Of<'lease.waited'>): void {
    const tally = this.of(label);
    tally.leaseWaits++;
    tally.leaseWaited += took / 1000;
  }

  #loaded({ label, took, failed, background }: Of<'load.ended'>): void {
    const tally = this.of(label);
    tally.loads.add(took / 1000, this.exemplarOf?.(took / 1000));
    if (failed) tally.failedLoads++;
    if (took > EXPENSIVE && !background) tally.expensiveMisses++;
  }
}

/** Counts what happens in one cache. */
export function startTally(
  { templates, sources }: Pick<ResolvedCacheOptions, 'templates' | 'sources'>,
  events: CacheEvents,
  exemplarOf?: (value: number) => Exemplar | undefined,
): Tally {
  const labels = templates.map(({ template }) => template);
  const tally = new Tally(labels, [...sources.keys()], exemplarOf);
  events.subscribeOwn(tally.listen);
  return tally;
}

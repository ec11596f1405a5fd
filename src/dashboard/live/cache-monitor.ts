import type { TemplateAdvice } from '../../cache/advice/template-advice.js';
import type { NamedCache } from '../../cache/caches.js';
import { statisticsOfTemplate } from '../../cache/statistics.js';
import type { TemplateTally } from '../../cache/tally.js';
import type { Loaders } from '../../cache/warming/loaders.js';
import type { HistoryEntry } from '../../engine/audit.js';
import { KeyRegistry } from '../../keys/registry.js';
import { type KeyTemplate, parameterNames } from '../../keys/template.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { CacheSnapshot, LiveInvalidation, Overview, TemplateRow, Tick } from '../contract.js';
import { adviceOf } from './advice.js';
import { Instances } from './instances.js';
import { KnownRules } from './known-rules.js';
import { LatencyWindow } from './latency-window.js';
import { MemoryWalk } from './memory-walk.js';

/** So many of the ledger's newest invalidations tell which instances there are. */
const LEDGER_LOOK = 1_000;
const NOTHING = { entries: 0, bytes: 0, unread: 0 };

/** What one cache does, second by second, as long as somebody watches. It counts nothing: it reads what is counted. */
export class CacheMonitor {
  readonly #latency = new LatencyWindow();
  readonly #memory: MemoryWalk;
  readonly #instances: Instances;
  readonly #rules: KnownRules;
  readonly #templates: ReadonlyMap<string, KeyTemplate>;
  /** What was told of each template, as text. */
  #told = new Map<string, string>();
  #last: { readonly at: Milliseconds; readonly operations: number };
  #rate = 0;

  constructor(
    private readonly name: string,
    private readonly cache: NamedCache,
    private readonly loaders: Loaders | undefined,
  ) {
    const { runtime, options, invalidation } = cache;
    this.#templates = new Map(options.templates.map((template) => [template.template, template]));
    this.#memory = new MemoryWalk(runtime.view.memory);
    this.#instances = new Instances(runtime.origin);
    const keys = new KeyRegistry(options.templates);
    this.#rules = new KnownRules(invalidation.coverage(), (key) => keys.labelOf(key));
    this.#last = { at: runtime.clock.now(), operations: this.#operations };
    this.#latency.add(cache.tally.durations.values());
    this.#memory.step();
  }

  /** Everything, as it is now. */
  snapshot(): CacheSnapshot {
    const { runtime, options } = this.cache;
    const templates = this.#rows();
    return { origin: runtime.origin, prefix: options.prefix, templates, overview: this.#overview() };
  }

  /** Takes a second's end; of the templates those of which something else is to be told than before. */
  tick(): Tick['caches'][string] {
    this.#memory.step();
    this.#latency.add(this.cache.tally.durations.values());
    const [at, operations] = [this.cache.runtime.clock.now(), this.#operations];
    this.#rate = (1000 * (operations - this.#last.operations)) / Math.max(1, at - this.#last.at);
    this.#last = { at, operations };
    return { overview: this.#overview(), templates: this.#rows().filter((row) => this.#isNews(row)) };
  }

  /** Learns from the ledger which instances there are. One round trip. */
  async look(): Promise<void> {
    for (const entry of await this.cache.invalidation.history({ limit: LEDGER_LOOK })) this.#instances.saw(entry);
  }

  /** An invalidation has come. */
  heard(entry: HistoryEntry): LiveInvalidation {
    this.#instances.saw(entry);
    const isOwn = entry.origin === this.cache.runtime.origin;
    return { ...entry, cache: this.name, isOwn, templates: this.#rules.reach(entry), inMemory: this.#held(entry) };
  }

  #held({ kind, name }: HistoryEntry): number | null {
    const { generations } = this.cache.runtime.view;
    // That of everything has a tag of its own, which is its name.
    return kind === 'tag' || kind === 'everything' ? generations.holdersOf(name) : null;
  }

  get #operations(): number {
    let count = 0;
    for (const distribution of this.cache.tally.durations.values()) count += distribution.count;
    return count;
  }

  #isNews(row: TemplateRow): boolean {
    const text = JSON.stringify(row);
    if (this.#told.get(row.template) === text) return false;
    this.#told.set(row.template, text);
    return true;
  }

  #rows(): TemplateRow[] {
    const advised = this.cache.runtime.advice.known;
    return [...this.cache.tally.templates].map(([template, tally]) => this.#row(template, tally, advised));
  }

  #row(template: string, tally: TemplateTally, advised: readonly TemplateAdvice[]): TemplateRow {
    const memory = this.#memory.of(template);
    const { loads, spotChecks, memory: held, ...counted } = statisticsOfTemplate(tally, memory ?? NOTHING);
    const { count, failed, rejected, mean } = loads;
    const row = {
      ...{
        template,
        ...counted,
        missesByCause: nonZero(counted.missesByCause),
        staleServed: nonZero(counted.staleServed),
      },
      ...{ loads: { count, failed, rejected }, meanLoad: count === 0 ? null : mean },
      spotChecks: { consistent: spotChecks.consistent, inconsistent: spotChecks.inconsistent },
      memory: memory && held,
      ...{ ttl: this.#ttl(template), hasLoader: this.loaders?.has(template) ?? false },
    };
    const seen = { ...row, hasEvent: this.#rules.hasEvent(template) };
    const compared = advised.filter((each) => each.template === template);
    return { ...row, advice: adviceOf(seen, compared) };
  }

  #ttl(text: string): TemplateRow['ttl'] {
    const template = this.#templates.get(text);
    if (template && template.family.ttl === undefined && parameterNames(template).includes('timeframe')) return null;
    return (template?.family.ttl ?? this.cache.options.defaultTtl) / 1000;
  }

  #overview(): Overview {
    const { runtime, tally, options } = this.cache;
    const { lease, memory } = runtime.view;
    let [hits, misses] = [0, 0];
    for (const each of tally.templates.values()) {
      hits += each.hits.total;
      misses += each.misses.total;
    }
    return {
      ...{ hits, misses, hitRatio: hits + misses === 0 ? null : hits / (hits + misses) },
      ...{ operations: this.#last.operations, operationsPerSecond: this.#rate },
      latency: this.#latency.latency([...tally.durations.values()]),
      errors: this.#errors(),
      memory: { entries: memory.size, bytes: memory.bytes, evictions: memory.evictions, ...options.memory },
      coherenceLag: Number.isFinite(lease.asOf) ? Math.max(0, runtime.clock.now() - lease.asOf) / 1000 : null,
      coherenceWindow: lease.window / 1000,
      instances: this.#instances.rows(),
    };
  }

  #errors(): Overview['errors'] {
    const sums: Record<string, number> = {};
    for (const counts of this.cache.tally.errors.values())
      for (const [kind, count] of counts) if (count > 0) sums[kind] = (sums[kind] ?? 0) + count;
    return sums;
  }
}

function nonZero(counts: Readonly<Record<string, number>>): Readonly<Record<string, number>> {
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
}

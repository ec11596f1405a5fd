import { type AnyCacheEvent, CacheEvents, DEFAULT_CACHE } from '../cache/cache-events.js';

/** What is counted of one template, or of all. */
export interface Recorded {
  readonly loads: number;
  readonly hits: number;
  readonly misses: number;
}

type Counts = { -readonly [N in keyof Recorded]: Recorded[N] };

/** Counts what the default cache does from the moment it is made, by template: for assertions in tests. Others by {@link cache}. */
export class CacheRecorder {
  readonly #byLabel = new Map<string, Counts>();
  readonly #others = new Map<string, CacheRecorder>();
  #invalidations = 0;

  constructor(events: CacheEvents) {
    events.subscribe((event, cache) => {
      this.cache(cache).#count(event);
    });
  }

  /** What is counted of the cache of that name, from the same moment. */
  cache(name: string): CacheRecorder {
    if (name === DEFAULT_CACHE) return this;
    const known = this.#others.get(name);
    if (known) return known;
    const recorder = new CacheRecorder(new CacheEvents());
    this.#others.set(name, recorder);
    return recorder;
  }

  /** How many invalidations were acknowledged or queued. */
  get invalidations(): number {
    return this.#invalidations;
  }

  /** What was counted of a template's text (raw keys: `other`), or without one of all. */
  of(template?: string): Recorded {
    const none = { loads: 0, hits: 0, misses: 0 };
    if (template !== undefined) return { ...none, ...this.#byLabel.get(template) };
    return [...this.#byLabel.values()].reduce(sum, none);
  }

  /** Begins to count anew, in all caches. */
  reset(): void {
    for (const other of this.#others.values()) other.reset();
    this.#byLabel.clear();
    this.#invalidations = 0;
  }

  #count(event: AnyCacheEvent): void {
    if (event.type === 'invalidation.done') this.#invalidations += 1;
    else if (event.type === 'load.ended') this.#add(event.label, 'loads');
    else if (event.type === 'operation.ended' && event.outcome === 'hit') this.#add(event.label, 'hits');
    else if (event.type === 'operation.ended' && event.outcome === 'miss') this.#add(event.label, 'misses');
  }

  #add(label: string, what: keyof Recorded): void {
    const counts = this.#byLabel.get(label) ?? { loads: 0, hits: 0, misses: 0 };
    counts[what] += 1;
    this.#byLabel.set(label, counts);
  }
}

function sum(a: Recorded, b: Recorded): Recorded {
  return { loads: a.loads + b.loads, hits: a.hits + b.hits, misses: a.misses + b.misses };
}

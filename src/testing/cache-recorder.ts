import type { AnyCacheEvent, CacheEvents } from '../cache/cache-events.js';

/** What is counted of one template, or of all. */
export interface Recorded {
  readonly loads: number;
  readonly hits: number;
  readonly misses: number;
}

type Counts = { -readonly [N in keyof Recorded]: Recorded[N] };

/** Counts what a cache does from the moment it is made, by template: for assertions in tests. */
export class CacheRecorder {
  readonly #byLabel = new Map<string, Counts>();
  #invalidations = 0;

  constructor(events: CacheEvents) {
    events.subscribe((event) => {
      this.#count(event);
    });
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

  /** Begins to count anew. */
  reset(): void {
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

import type { Lookup } from '../src/index.js';
import type { Milliseconds } from '../src/primitives/units.js';

/** Whole numbers, as the requests are counted. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** What is asked, with and without the cache. */
export interface Subjects {
  readonly cached: (request: number) => Promise<Lookup<unknown>>;
  readonly bare: (request: number) => Promise<unknown>;
}

/**
 * Requests that come at a rate whether the ones before were answered or not. Each is made twice at the same instant, through
 * the cache and straight at the source, so that both meet the same timers, collections and neighbours; the difference is
 * what the cache adds. Everything is noted in arrays made beforehand: noting must not look like a leak.
 */
export class OpenLoop {
  readonly #begun: Float64Array;
  readonly #bare: Float64Array;
  readonly #cached: Float64Array;
  readonly #hit: Uint8Array;
  readonly #start = performance.now();
  #issued = 0;
  #failed = 0;
  #isOver = false;

  constructor(
    private readonly rate: number,
    seconds: number,
    private readonly subjects: Subjects,
  ) {
    const capacity = Math.ceil(rate * (seconds + 60));
    this.#begun = new Float64Array(capacity).fill(NaN);
    this.#bare = new Float64Array(capacity).fill(NaN);
    this.#cached = new Float64Array(capacity).fill(NaN);
    this.#hit = new Uint8Array(capacity).fill(0);
  }

  /** How many requests have been made. */
  get issued(): number {
    return this.#issued;
  }

  /** How many were answered with an error. */
  get failed(): number {
    return this.#failed;
  }

  /** Makes requests until `stop` is called. */
  async run(): Promise<void> {
    while (!this.#isOver) {
      const due = ((performance.now() - this.#start) * this.rate) / 1_000;
      while (this.#issued < due) this.#issue(this.#issued++);
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
  }

  stop(): void {
    this.#isOver = true;
  }

  /** The first request made at or after an instant. */
  at(instant: Milliseconds): number {
    const index = this.#begun.subarray(0, this.#issued).findIndex((begun) => begun >= instant);
    return index === -1 ? this.#issued : index;
  }

  begun(request: number): Milliseconds {
    return this.#begun[request] ?? NaN;
  }

  isHit(request: number): boolean {
    return this.#hit[request] === 1;
  }

  /** Those without an answer from the cache. */
  pending({ from, to }: Window): number {
    return this.#cached.subarray(from, to).filter((took) => Number.isNaN(took)).length;
  }

  hits({ from, to }: Window): number {
    return this.#hit.subarray(from, to).reduce((sum, hit) => sum + hit, 0);
  }

  /** Milliseconds of the requests that the cache could not answer itself, by both roads, and the difference. */
  loads({ from, to }: Window): { bare: number[]; cached: number[]; added: number[] } {
    const indexes = Array.from({ length: to - from }, (_, i) => from + i).filter(
      (i) => !this.isHit(i) && !Number.isNaN(this.#cached[i]) && !Number.isNaN(this.#bare[i]),
    );
    const [bare, cached] = [this.#bare, this.#cached].map((all) => indexes.map((i) => all[i] ?? NaN)) as [
      number[],
      number[],
    ];
    return { bare, cached, added: cached.map((took, i) => took - (bare[i] ?? NaN)) };
  }

  /** By turns one road is taken first: the second finds the processor's caches warm and the timers a little older. */
  #issue(request: number): void {
    this.#begun[request] = performance.now();
    const roads = [() => void this.#askBare(request), () => void this.#askCached(request)];
    for (const road of request % 2 === 0 ? roads : roads.reverse()) road();
  }

  async #askBare(request: number): Promise<void> {
    const start = performance.now();
    await this.subjects.bare(request);
    this.#bare[request] = performance.now() - start;
  }

  async #askCached(request: number): Promise<void> {
    const start = performance.now();
    try {
      const { source } = await this.subjects.cached(request);
      if (source !== 'loader') this.#hit[request] = 1;
    } catch {
      this.#failed += 1;
    }
    this.#cached[request] = performance.now() - start;
  }
}

import type { TtlBounds } from '../../keys/advice-mode.js';
import type { Milliseconds, Seconds } from '../../primitives/units.js';
import { advisedTtl, LEAST_COMPARED, nextTtl } from './advised-ttl.js';
import { RenewalCounts, type WrittenCounts } from './renewal-counts.js';

/** A TTL that was moved. */
export interface TtlChange {
  /** In milliseconds since the epoch. */
  readonly at: Milliseconds;
  readonly from: Seconds;
  readonly to: Seconds;
}

/** What is advised on: the keys of a template that have one TTL. */
export interface Advisable {
  readonly label: string;
  /** What the template, its timeframe or the module says. */
  readonly declared: Milliseconds;
  readonly maxStale: number;
  /** `undefined` where the TTL is not moved. */
  readonly bounds: TtlBounds | undefined;
}

/** {@link AdvisedTemplate} as it is written. */
export interface WrittenTemplate extends Omit<Advisable, 'bounds'> {
  readonly bounds: TtlBounds | null;
  readonly ttl: Milliseconds;
  readonly at: Milliseconds;
  readonly sinceStep: number;
  readonly moved: readonly TtlChange[];
  readonly counts: WrittenCounts;
}

const MOST_MOVES = 20;

/** What is known of one template by all instances, and the TTL that is in force for it. */
export class AdvisedTemplate implements Advisable {
  readonly counts = new RenewalCounts();
  readonly label: string;
  readonly declared: Milliseconds;
  readonly maxStale: number;
  readonly bounds: TtlBounds | undefined;
  #ttl: Milliseconds;
  #moved: readonly TtlChange[] = [];
  /** Compared since the last step, so that each step has seen something of its own. */
  #sinceStep = 0;
  /** When anything was seen last. */
  #at: Milliseconds;

  constructor({ label, declared, maxStale, bounds }: Advisable, now: Milliseconds, ttl = declared) {
    this.label = label;
    this.declared = declared;
    this.maxStale = maxStale;
    this.bounds = bounds && declared >= bounds.min && declared <= bounds.max ? bounds : undefined;
    this.#ttl = this.bounds ? Math.min(Math.max(ttl, this.bounds.min), this.bounds.max) : declared;
    this.#at = now;
  }

  /** What was written, as this process has it declared; what another version has written may be nothing of use. */
  static of(written: WrittenTemplate, declared?: Advisable): AdvisedTemplate {
    const own = declared ?? { ...written, bounds: written.bounds ?? undefined };
    const read = new AdvisedTemplate(own, written.at, written.ttl);
    read.counts.absorb(written.counts);
    read.#moved = written.moved;
    read.#sinceStep = written.sinceStep;
    return read;
  }

  /** In force. */
  get ttl(): Milliseconds {
    return this.#ttl;
  }

  /** The last moves, oldest first. */
  get moved(): readonly TtlChange[] {
    return this.#moved;
  }

  get at(): Milliseconds {
    return this.#at;
  }

  /** What an instance has seen since it wrote last. */
  saw(counts: RenewalCounts, now: Milliseconds): void {
    this.counts.absorb(counts.written());
    this.#sinceStep += counts.compared;
    this.#at = now;
  }

  /** Moves the TTL by one step, where enough was seen since the last one; says whether. */
  step(now: Milliseconds): TtlChange | undefined {
    const { bounds, counts, maxStale } = this;
    if (!bounds || this.#sinceStep < LEAST_COMPARED) return undefined;
    const advised = advisedTtl(counts, maxStale, this.#ttl);
    const next = advised && nextTtl(this.#ttl, advised.ttl, bounds);
    if (next === undefined) return undefined;
    const change = { at: Math.round(now), from: this.#ttl / 1000, to: next / 1000 };
    this.#ttl = next;
    this.#sinceStep = 0;
    this.#moved = [...this.#moved, change].slice(-MOST_MOVES);
    return change;
  }

  written(): WrittenTemplate {
    const { label, declared, maxStale, bounds = null } = this;
    const own = { label, declared, maxStale, bounds, ttl: this.#ttl, at: Math.round(this.#at) };
    return { ...own, sinceStep: this.#sinceStep, moved: this.#moved, counts: this.counts.written() };
  }
}

import type { Milliseconds } from '../../src/primitives/units.js';
import type { Read } from './subject.js';

/** What reads that began in some span came to. */
export interface Tally {
  readonly calls: number;
  readonly values: number;
  /** Resolved, but with nothing. */
  readonly empty: number;
  readonly failed: number;
  readonly pending: number;
  /** The longest that one took, or has been waiting when this was asked. */
  readonly longest: Milliseconds;
}

const RATE = 100;
const KEYS = 20;
/** A single late read on a busy machine is not an outage: two of the twenty before it must have been late too. */
const [OTHERS, NEIGHBOURS] = [2, 20];
const LONGEST_RUN: Milliseconds = 120_000;
const [PENDING, VALUE, EMPTY, FAILED] = [0, 1, 2, 3] as const;

/** Reads that come at a rate whether those before were answered or not, noted in arrays made beforehand. */
export class Reads {
  readonly #begun = new Float64Array((RATE * LONGEST_RUN) / 1_000);
  readonly #took = new Float64Array((RATE * LONGEST_RUN) / 1_000);
  readonly #came = new Uint8Array((RATE * LONGEST_RUN) / 1_000);
  readonly #errors = new Set<string>();
  #count = 0;

  constructor(private readonly read: Read) {}

  /** Names of the errors that reads failed with. */
  get errors(): readonly string[] {
    return [...this.#errors];
  }

  /** Reads for ever. */
  async run(): Promise<never> {
    const start = performance.now();
    for (;;) {
      while (this.#count < ((performance.now() - start) * RATE) / 1_000) void this.#one(this.#count++);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
  }

  tally(from: Milliseconds, to: Milliseconds = Infinity): Tally {
    const within = this.#between(from, to);
    const count = (came: number | undefined): number => within.filter((i) => this.#came[i] === came).length;
    const now = performance.now();
    const tookOf = (i: number): Milliseconds =>
      (this.#came[i] === PENDING ? now - (this.#begun[i] ?? now) : this.#took[i]) ?? 0;
    const [values, empty, failed, pending] = [VALUE, EMPTY, FAILED, PENDING].map(count) as [
      number,
      number,
      number,
      number,
    ];
    const longest = Math.max(0, ...within.map(tookOf));
    return { calls: within.length, values, empty, failed, pending, longest };
  }

  /** When the last read began that was not answered well within `limit`, like others just before it; `from` if none was. */
  lastBad(from: Milliseconds, limit: Milliseconds): Milliseconds {
    const isBad = (i: number): boolean => this.#came[i] !== VALUE || (this.#took[i] ?? 0) > limit;
    const bad = this.#between(from, performance.now() - limit).filter(isBad);
    const last = bad.findLast((i, at) => i - (bad[at - OTHERS] ?? -Infinity) < NEIGHBOURS);
    return this.#begun[last ?? -1] ?? from;
  }

  #between(from: Milliseconds, to: Milliseconds): number[] {
    const all = Array.from({ length: this.#count }, (_, i) => i);
    return all.filter((i) => (this.#begun[i] ?? 0) >= from && (this.#begun[i] ?? 0) < to);
  }

  async #one(i: number): Promise<void> {
    const start = performance.now();
    this.#begun[i] = start;
    try {
      const value = await this.read(`report:${i % KEYS}`);
      this.#came[i] = value == null ? EMPTY : VALUE;
    } catch (error) {
      this.#came[i] = FAILED;
      this.#errors.add(nameOf(error));
    }
    this.#took[i] = performance.now() - start;
  }
}

/** Its name, or where that says nothing its message without addresses. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const name = error.name === 'Error' ? error.constructor.name : error.name;
  return name === 'Error' ? error.message.replaceAll(/[\d.]*:\d+/g, '').slice(0, 60) : name;
}

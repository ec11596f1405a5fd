import { IS_FULL, SEED } from './size.js';

const SHOWN = 10;
const TOLD_EVERY_MS = 10_000;

/** One line of the table that a full run ends with. */
export interface Figures {
  readonly attack: string;
  readonly counts: Readonly<Record<string, number>>;
  readonly violations: number;
}

declare module 'vitest' {
  interface TaskMeta {
    /** What attacks came to, for {@link FiguresReporter}. */
    figures?: Figures[];
  }
}

/** Counts what an attack tried and what came of it, and keeps what should not have happened. */
export class Score {
  readonly #counts = new Map<string, number>();
  readonly #shown: string[] = [];
  readonly #since = performance.now();
  #violations = 0;
  #toldAt = performance.now();

  constructor(private readonly attack: string) {}

  get figures(): Figures {
    return { attack: this.attack, counts: Object.fromEntries(this.#counts), violations: this.#violations };
  }

  /** The first violations and how many more there are; empty is good. */
  get violations(): readonly string[] {
    const more = this.#violations - this.#shown.length;
    return more > 0 ? [...this.#shown, `and ${more} more (seed ${SEED})`] : this.#shown;
  }

  count(what: string, by = 1): void {
    this.#counts.set(what, this.of(what) + by);
  }

  of(what: string): number {
    return this.#counts.get(what) ?? 0;
  }

  violation(what: string): void {
    this.#violations += 1;
    if (this.#shown.length < SHOWN) this.#shown.push(what);
  }

  /** To be called now and then: a full run tells how far it has come. */
  progress(done: number, of: number): void {
    const now = performance.now();
    if (!IS_FULL || now - this.#toldAt < TOLD_EVERY_MS) return;
    this.#toldAt = now;
    const seconds = Math.round((now - this.#since) / 1_000);
    process.stderr.write(`${this.attack}: ${done} of ${of} after ${seconds} s\n`);
  }
}

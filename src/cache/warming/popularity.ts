import type { CacheKey, KeyFamily } from '../../keys/key.js';
import type { Random } from '../../primitives/random.js';
import { SpaceSaving } from './space-saving.js';

/** So many samples tell enough of a window: of more reads, fewer are looked at. */
const SAMPLES = 4_096;
const WIDEST_GAP = 1_024;

/** Counts which keys are read most, of those that can be loaded again; nothing until it is told which. */
export class Popularity {
  #families: ReadonlySet<KeyFamily> = new Set();
  #counts = new SpaceSaving(1);
  #isCounting = false;
  #untilSample = 1;
  #gap = 1;
  #samples = 0;

  constructor(private readonly random: Random) {}

  /** Counts keys of `families` from now on, with so many counters; of an empty set nothing. */
  follow(families: ReadonlySet<KeyFamily>, counters: number): void {
    this.#families = families;
    this.#counts = new SpaceSaving(counters);
    this.#isCounting = families.size > 0 && counters > 0;
  }

  /** Whether nothing was counted since it was asked last. */
  get isEmpty(): boolean {
    return this.#counts.size === 0;
  }

  /** A key was read. On the way of every hit in memory, so most calls count down and no more. */
  read(key: CacheKey): void {
    if (!this.#isCounting || --this.#untilSample > 0) return;
    // By chance, so that reads that come in a rhythm are not always the same ones.
    this.#untilSample = this.#gap === 1 ? 1 : 1 + Math.floor(this.random.fraction() * (2 * this.#gap - 1));
    if (this.#families.has(key.family)) this.#count(key.name);
  }

  /** How often each key was read at least, about, since this was asked last. */
  take(): Map<string, number> {
    const taken = new Map([...this.#counts].map(([name, count]) => [name, count * this.#gap]));
    this.#counts.clear();
    this.#samples = 0;
    this.#gap = Math.max(1, this.#gap / 2);
    return taken;
  }

  #count(name: string): void {
    this.#counts.add(name);
    this.#samples += 1;
    if (this.#samples < SAMPLES || this.#gap >= WIDEST_GAP) return;
    // Half as many samples of what comes next are as much as the half of those that there are.
    this.#counts.halve();
    this.#samples /= 2;
    this.#gap *= 2;
  }
}

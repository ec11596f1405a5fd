import type { RenewalOutcome } from '../../engine/renewals.js';
import type { Milliseconds } from '../../primitives/units.js';

/** Values that had changed by about the same age. */
interface Changed {
  readonly count: number;
  readonly ages: Milliseconds;
}

/** {@link RenewalCounts} as it is written: numbers by name, and `[bin, count, ages]` of what had changed. */
export interface WrittenCounts {
  readonly same: readonly [count: number, ages: number];
  readonly changed: readonly (readonly [bin: number, count: number, ages: number])[];
  readonly invalidated: number;
  readonly lived: number;
  readonly waited: number;
  readonly took: readonly [count: number, sum: number];
}

/** Ages that differ by less than a fifth or so count as one: the mean of each bin is known. */
const BINS_PER_OCTAVE = 2;
/** Of more changes, or of more loads where changes are rare, all is halved: what was seen long ago counts less. */
const MOST = { changed: 400, loads: 20_000 };

/**
 * What was seen of the values of one template when they were loaded again: a few numbers, however much it was. Of values
 * that had not changed the sum of their ages is all that there is to know; of those that had, how many by which age.
 */
export class RenewalCounts {
  #same = 0;
  #sameAges: Milliseconds = 0;
  /** Kept beside its parts, as each load asks for it. */
  #changes = 0;
  readonly #changed = new Map<number, Changed>();
  #invalidated = 0;
  #lived: Milliseconds = 0;
  #waited: Milliseconds = 0;
  #loads = 0;
  #took: Milliseconds = 0;

  /** How many values were compared. */
  get compared(): number {
    return this.#same + this.changed;
  }

  /** How many had changed, and nobody had said so. */
  get changed(): number {
    return this.#changes;
  }

  /** How many had been invalidated. */
  get invalidated(): number {
    return this.#invalidated;
  }

  /** The ages of those that had not changed, in all. */
  get sameAges(): Milliseconds {
    return this.#sameAges;
  }

  /** Those that had changed, as groups of about one age. */
  get changes(): readonly { readonly count: number; readonly age: Milliseconds }[] {
    return [...this.#changed.values()].map(({ count, ages }) => ({ count, age: ages / count }));
  }

  /** The mean age of those that were compared. */
  get meanAge(): Milliseconds {
    let ages = this.#sameAges;
    for (const each of this.#changed.values()) ages += each.ages;
    return this.compared === 0 ? 0 : ages / this.compared;
  }

  /** How often one is invalidated, per millisecond of its life. */
  get invalidationRate(): number {
    return this.#lived === 0 ? 0 : this.#invalidated / this.#lived;
  }

  /** From the end of its TTL to the next reader, the mean of those that were not invalidated. */
  get meanWait(): Milliseconds {
    return this.compared === 0 ? 0 : Math.max(0, this.#waited / this.compared);
  }

  /** How long a load takes. */
  get meanLoad(): Milliseconds {
    return this.#loads === 0 ? 0 : this.#took / this.#loads;
  }

  get isEmpty(): boolean {
    return this.#loads === 0;
  }

  /** One more was loaded again, by that age, under that TTL, less what it is shortened by chance on average. */
  add(outcome: RenewalOutcome, age: Milliseconds, { ttl, took }: { ttl: Milliseconds; took: Milliseconds }): void {
    this.#loads += 1;
    this.#took += took;
    this.#lived += Math.min(age, ttl);
    if (outcome === 'invalidated') this.#invalidated += 1;
    else this.#waited += age - ttl;
    if (outcome === 'same') {
      this.#same += 1;
      this.#sameAges += age;
    }
    if (outcome === 'changed') this.#addChanged(Math.round(BINS_PER_OCTAVE * Math.log2(age)), { count: 1, ages: age });
    this.#forget();
  }

  /** Adds what another has counted. */
  absorb({ same, changed, invalidated, lived, waited, took }: WrittenCounts): void {
    this.#same += same[0];
    this.#sameAges += same[1];
    for (const [bin, count, ages] of changed) this.#addChanged(bin, { count, ages });
    this.#invalidated += invalidated;
    this.#lived += lived;
    this.#waited += waited;
    this.#loads += took[0];
    this.#took += took[1];
    this.#forget();
  }

  /** As plain numbers. */
  written(): WrittenCounts {
    const changed = [...this.#changed].map(([bin, { count, ages }]) => [bin, count, ages] as const);
    return {
      same: [this.#same, this.#sameAges],
      changed,
      ...{ invalidated: this.#invalidated, lived: this.#lived, waited: this.#waited },
      took: [this.#loads, this.#took],
    };
  }

  #addChanged(bin: number, { count, ages }: Changed): void {
    const known = this.#changed.get(bin) ?? { count: 0, ages: 0 };
    this.#changes += count;
    this.#changed.set(bin, { count: known.count + count, ages: known.ages + ages });
  }

  #forget(): void {
    while (this.#loads > MOST.loads || this.#changes > MOST.changed) this.#scale(0.5);
  }

  #scale(by: number): void {
    this.#same *= by;
    this.#sameAges *= by;
    this.#changes *= by;
    for (const [bin, { count, ages }] of this.#changed) this.#changed.set(bin, { count: count * by, ages: ages * by });
    this.#invalidated *= by;
    this.#lived *= by;
    this.#waited *= by;
    this.#loads *= by;
    this.#took *= by;
  }
}

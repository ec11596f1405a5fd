import { SeededRandom } from '../../src/testing/seeded-random.js';

/** A source whose values change at a known rate: each key by itself, after times drawn from the exponential distribution. */
export class ChangingSource {
  readonly #changes = new Map<string, { readonly random: SeededRandom; readonly at: number[] }>();

  constructor(
    /** Milliseconds between two changes of a value, on average. */
    private readonly every: number,
    private readonly seed: number,
  ) {}

  /** How often the value of `key` has changed until `instant`, in milliseconds since the source began. */
  version(key: string, instant: number): number {
    const { at, random } = this.#of(key);
    for (;;) {
      const last = at.at(-1) ?? 0;
      if (last > instant) break;
      at.push(last - this.every * Math.log1p(-random.fraction()));
    }
    let version = at.length - 1;
    while (version > 0 && (at[version - 1] as number) > instant) version -= 1;
    return version;
  }

  #of(key: string): { readonly random: SeededRandom; readonly at: number[] } {
    const known = this.#changes.get(key);
    if (known) return known;
    const seed = this.seed * 1_000_003 + this.#changes.size;
    const created = { random: new SeededRandom(seed), at: [] };
    this.#changes.set(key, created);
    return created;
  }
}

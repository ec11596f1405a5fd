import { OldestFirst } from '../primitives/oldest-first.js';
import type { Milliseconds } from '../primitives/units.js';
import type { TagState } from './generations.js';
import type { MissCause } from './lookup.js';

/** What is remembered of an entry when its value is not. */
export interface Remembered {
  readonly keepUntil: Milliseconds;
  readonly states: readonly TagState[];
  /** How many changes of generations there had been when it was kept. */
  readonly keptAfter: number;
}

const INVALIDATED: Remembered = { keepUntil: Infinity, states: [], keptAfter: 0 };

/**
 * The keys that this process has stored or found lately, so that a miss can be told apart: a key that was never there
 * calls for other measures than one that Redis evicted. Bounded: what is forgotten counts as never there.
 */
export class RememberedKeys {
  readonly #keys = new Map<string, Remembered>();
  readonly #oldest = new OldestFirst(this.#keys);

  constructor(private readonly max: number) {}

  remember(key: string, kept: Remembered): void {
    this.#keys.delete(key);
    this.#keys.set(key, kept);
    if (this.#keys.size > this.max) this.#keys.delete(this.#oldest.next() as string);
  }

  /** The key itself was invalidated; an invalidation of a tag is seen by its state. */
  invalidated(key: string): void {
    if (this.#keys.has(key)) this.#keys.set(key, INVALIDATED);
  }

  /** All keys that `matches` accepts were invalidated. */
  invalidatedWhere(matches: (key: string) => boolean): void {
    for (const key of this.#keys.keys()) if (matches(key)) this.#keys.set(key, INVALIDATED);
  }

  /** What was known of tags is forgotten, which says nothing of the keys: they were kept after as many `changes` now. */
  rebase(changes: number): void {
    for (const [key, { keepUntil, states }] of this.#keys)
      if (keepUntil !== Infinity) this.#keys.set(key, { keepUntil, states, keptAfter: changes });
  }

  /** Why Redis has nothing under `key`. */
  whyAbsent(key: string, now: Milliseconds): MissCause {
    const known = this.#keys.get(key);
    if (!known) return 'absent';
    // A state that was dropped has an epoch of NaN, which is not below anything.
    if (known === INVALIDATED || !known.states.every(({ epoch }) => epoch <= known.keptAfter)) return 'invalidated';
    return now < known.keepUntil ? 'evicted' : 'expired';
  }
}

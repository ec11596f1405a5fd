import type { Milliseconds } from '../primitives/units.js';
import type { TagState } from './generations.js';
import type { MissCause } from './lookup.js';

/** What is remembered of an entry when its value is not. */
export interface Remembered {
  readonly keepUntil: Milliseconds;
  readonly states: readonly TagState[];
  readonly epochs: readonly number[];
}

const INVALIDATED: Remembered = { keepUntil: Infinity, states: [], epochs: [] };

/**
 * The keys that this process has stored or found lately, so that a miss can be told apart: a key that was never there
 * calls for other measures than one that Redis evicted. Bounded: what is forgotten counts as never there.
 */
export class RememberedKeys {
  readonly #keys = new Map<string, Remembered>();

  constructor(private readonly max: number) {}

  remember(key: string, { keepUntil, states, epochs }: Remembered): void {
    this.#keys.delete(key);
    this.#keys.set(key, { keepUntil, states, epochs });
    if (this.#keys.size > this.max) this.#keys.delete(this.#keys.keys().next().value as string);
  }

  /** The key itself was invalidated; an invalidation of a tag is seen by its state. */
  invalidated(key: string): void {
    if (this.#keys.has(key)) this.#keys.set(key, INVALIDATED);
  }

  /** All keys that `matches` accepts were invalidated. */
  invalidatedWhere(matches: (key: string) => boolean): void {
    for (const key of this.#keys.keys()) if (matches(key)) this.#keys.set(key, INVALIDATED);
  }

  /** What was known of tags is forgotten, which says nothing of the keys. */
  rebase(): void {
    for (const [key, { keepUntil, states }] of this.#keys)
      if (keepUntil !== Infinity) this.#keys.set(key, { keepUntil, states, epochs: states.map(({ epoch }) => epoch) });
  }

  /** Why Redis has nothing under `key`. */
  whyAbsent(key: string, now: Milliseconds): MissCause {
    const known = this.#keys.get(key);
    if (!known) return 'absent';
    if (known === INVALIDATED || known.states.some(({ epoch }, i) => epoch !== known.epochs[i])) return 'invalidated';
    return now < known.keepUntil ? 'evicted' : 'expired';
  }
}

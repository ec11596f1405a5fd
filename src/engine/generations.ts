/** The tag that every entry carries; outside the key alphabet, so no user's tag is it. Changing it invalidates everything. */
export const EVERYTHING = '*';

/** What this process knows of one tag. */
export interface TagState {
  readonly tag: string;
  /** The generation that Redis last answered; `undefined` when we have not asked since it changed. */
  token: string | undefined;
  /** The new generation that the last invalidation told; it is never believed, see {@link Generations.change}. */
  told: string | undefined;
  /** Grows whenever entries loaded under what we knew before must not be used any more. */
  epoch: number;
}

/**
 * The generations that this process knows, bounded. Entries point at these states and remember their epochs, so checking
 * an entry compares numbers and hashes nothing.
 */
export class Generations {
  readonly #states = new Map<string, TagState>();

  constructor(private readonly maxTags: number) {}

  get size(): number {
    return this.#states.size;
  }

  /** The state of `tag`, created unknown. */
  of(tag: string): TagState {
    const known = this.#states.get(tag);
    if (known) return known;
    if (this.#states.size >= this.maxTags) this.#dropOldest();
    const state: TagState = { tag, token: undefined, told: undefined, epoch: 0 };
    this.#states.set(tag, state);
    return state;
  }

  /** Takes over what a fetch answered. An unknown generation becoming known invalidates nothing; a different one does. */
  learn(state: TagState, token: string): void {
    if (state.token !== undefined && state.token !== token) state.epoch++;
    state.token = token;
  }

  /**
   * The tag was invalidated, to `token` where that is known. What is told only makes us forget: two processes may change
   * Redis in one order and write their records in the other, so a record's token may be one that is dead already. Only
   * an answer of Redis makes a generation known. Told twice of the same change, or of one whose result we have, it does nothing.
   */
  change(tag: string, token: string | undefined): void {
    const state = this.#states.get(tag);
    if (!state || (token !== undefined && (state.token === token || state.told === token))) return;
    state.epoch++;
    state.token = undefined;
    state.told = token;
  }

  /** Nothing that was known is to be relied upon. */
  forgetAll(): void {
    for (const state of this.#states.values()) {
      state.epoch++;
      state.token = undefined;
    }
  }

  #dropOldest(): void {
    for (const oldest of this.#states.values()) {
      // All entries carry it: dropping it would empty L1.
      if (oldest.tag === EVERYTHING) continue;
      this.#states.delete(oldest.tag);
      // No invalidation will reach the dropped state again. Entries and fences that point at it, those that are being
      // made right now included, must never find it unchanged: NaN equals nothing.
      oldest.epoch = NaN;
      return;
    }
  }
}

/** The tag that every entry carries; outside the key alphabet, so no user's tag is it. Changing it invalidates everything. */
export const EVERYTHING = '*';

/** What this process knows of one tag. */
export interface TagState {
  readonly tag: string;
  /** The generation in force as far as we know; `undefined` when we do not. */
  token: string | undefined;
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
    const state: TagState = { tag, token: undefined, epoch: 0 };
    this.#states.set(tag, state);
    return state;
  }

  /** Takes over what a fetch answered. An unknown generation becoming known invalidates nothing; a different one does. */
  learn(state: TagState, token: string): void {
    if (state.token !== undefined && state.token !== token) state.epoch++;
    state.token = token;
  }

  /** The tag was invalidated; `token` is its new generation where that is known. Told twice of the same one, it does nothing. */
  change(tag: string, token: string | undefined): void {
    const state = this.#states.get(tag);
    if (!state || (token !== undefined && state.token === token)) return;
    state.epoch++;
    state.token = token;
  }

  /** Nothing that was known is to be relied upon. */
  forgetAll(): void {
    for (const state of this.#states.values()) {
      state.epoch++;
      state.token = undefined;
    }
  }

  #dropOldest(): void {
    const oldest = this.#states.values().next().value;
    if (!oldest) return;
    this.#states.delete(oldest.tag);
    // Entries still point at the dropped state, and no invalidation will reach it again: without this they would stay valid for ever.
    oldest.epoch++;
  }
}

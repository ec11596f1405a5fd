import { OldestFirst } from '../primitives/oldest-first.js';

/** The tag that every entry carries; outside the key alphabet, so no user's tag is it. Changing it invalidates everything. */
export const EVERYTHING = '*';

/** How many tags that no entry of L1 carries are known all the same: reads of L2 need not ask for their generations. */
const MAX_IDLE = 20_000;

/** What this process knows of one tag. */
export interface TagState {
  readonly tag: string;
  /** The generation that Redis last answered; `undefined` when we have not asked since it changed. */
  token: string | undefined;
  /** The new generation that the last invalidation told; it is never believed, see {@link Generations.change}. */
  told: string | undefined;
  /** The number of the last change that made entries of this tag unusable; 0 for none. */
  epoch: number;
  /** How many entries of L1 carry it. */
  holders: number;
}

/**
 * The generations that this process knows, bounded. Every change has a number; entries point at these states and remember
 * the number of the last change before them, so checking an entry compares numbers and hashes nothing.
 */
export class Generations {
  readonly #states = new Map<string, TagState>();
  readonly #oldest = new OldestFirst(this.#states);
  readonly #idle = new Set<TagState>();
  readonly #oldestIdle = new OldestFirst(this.#idle);
  #changes = 0;

  constructor(
    private readonly maxTags: number,
    private readonly maxIdle = MAX_IDLE,
  ) {}

  get size(): number {
    return this.#states.size;
  }

  /** How many changes there were: an entry that is kept now depends on none of them. */
  get changes(): number {
    return this.#changes;
  }

  /** The state of `tag`, created unknown. */
  of(tag: string): TagState {
    const known = this.#states.get(tag);
    if (known) return known;
    if (this.#states.size >= this.maxTags) this.#dropOldest();
    const state: TagState = { tag, token: undefined, told: undefined, epoch: 0, holders: 0 };
    this.#states.set(tag, state);
    this.#becomeIdle(state);
    return state;
  }

  /** How many entries of L1 carry `tag`; asking makes it no better known. */
  holdersOf(tag: string): number {
    return this.#states.get(tag)?.holders ?? 0;
  }

  /** An entry of L1 carries these. */
  hold(states: readonly TagState[]): void {
    for (const state of states) if (++state.holders === 1) this.#idle.delete(state);
  }

  /** An entry of L1 that carried these is gone. */
  release(states: readonly TagState[]): void {
    for (const state of states) if (--state.holders === 0 && !Number.isNaN(state.epoch)) this.#becomeIdle(state);
  }

  /** Takes over what a fetch answered. An unknown generation becoming known invalidates nothing; a different one does. */
  learn(state: TagState, token: string): void {
    if (state.token !== undefined && state.token !== token) state.epoch = ++this.#changes;
    state.token = token;
  }

  /**
   * The same for an answer that was waited for beside others, to a question put when the token was `known`. Where another
   * answer came meanwhile, and its record too, nobody will tell of it again; and which answer is the newer is not known.
   */
  learnSince(state: TagState, known: string | undefined, token: string): void {
    if (state.token === known || state.token === token) this.learn(state, token);
    else this.change(state.tag, undefined);
  }

  /**
   * The tag was invalidated, to `token` where that is known. What is told only makes us forget: two processes may change
   * Redis in one order and write their records in the other, so a record's token may be one that is dead already. Only
   * an answer of Redis makes a generation known. Told twice of the same change, or of one whose result we have, it does nothing.
   */
  change(tag: string, token: string | undefined): void {
    const state = this.#states.get(tag);
    if (!state || (token !== undefined && (state.token === token || state.told === token))) return;
    state.epoch = ++this.#changes;
    state.token = undefined;
    state.told = token;
  }

  /** Nothing that was known is to be relied upon. */
  forgetAll(): void {
    this.#changes++;
    for (const state of this.#states.values()) {
      state.epoch = this.#changes;
      state.token = undefined;
    }
  }

  #becomeIdle(state: TagState): void {
    // All entries carry it: dropping it would empty L1.
    if (state.tag === EVERYTHING) return;
    this.#idle.add(state);
    if (this.#idle.size > this.maxIdle) this.#drop(this.#oldestIdle.next());
  }

  #dropOldest(): void {
    let tag = this.#oldestIdle.next()?.tag ?? this.#oldest.next();
    if (tag === EVERYTHING) tag = this.#oldest.next();
    if (tag !== undefined && tag !== EVERYTHING) this.#drop(this.#states.get(tag));
  }

  #drop(state: TagState | undefined): void {
    if (!state) return;
    this.#states.delete(state.tag);
    this.#idle.delete(state);
    // No invalidation will reach the dropped state again. Entries and fences that point at it, those that are being
    // made right now included, must never find it unchanged: NaN equals nothing. Nor may a read rely on what it told.
    state.epoch = NaN;
    state.token = undefined;
  }
}

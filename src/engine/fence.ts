import type { TagState } from './generations.js';

/** Broken when its key is invalidated. */
export interface KeyMark {
  broken: boolean;
  holders: number;
}

/**
 * Taken before the first command of a fetch or load; tells afterwards whether any invalidation that touches it has been
 * learnt of meanwhile. Two connections race: the record of an invalidation may be handled before the answer of a fetch
 * that Redis served earlier, and such an answer must not be kept.
 */
export class Fence {
  readonly #states: TagState[];
  readonly #epochs: number[];

  constructor(
    private readonly mark: KeyMark,
    states: readonly TagState[],
  ) {
    this.#states = [...states];
    this.#epochs = states.map(({ epoch }) => epoch);
  }

  /** Watches a further tag, from now on. */
  watch(state: TagState): void {
    if (this.#states.includes(state)) return;
    this.#states.push(state);
    this.#epochs.push(state.epoch);
  }

  /** Whether `state` has not changed since it is watched. */
  tagIntact(state: TagState): boolean {
    return this.#epochs[this.#states.indexOf(state)] === state.epoch;
  }

  /** Whether nothing that it covers was invalidated. */
  get intact(): boolean {
    return !this.mark.broken && this.#states.every((state, i) => state.epoch === this.#epochs[i]);
  }
}

/** The keys that are being fetched or loaded right now. */
export class KeyMarks {
  readonly #marks = new Map<string, KeyMark>();

  take(key: string): KeyMark {
    const mark = this.#marks.get(key) ?? { broken: false, holders: 0 };
    mark.holders++;
    this.#marks.set(key, mark);
    return mark;
  }

  give(key: string, mark: KeyMark): void {
    mark.holders--;
    if (mark.holders === 0 && this.#marks.get(key) === mark) this.#marks.delete(key);
  }

  /** Breaks the mark; whoever takes one from now on began after the invalidation and gets a new one. */
  break(key: string): void {
    const mark = this.#marks.get(key);
    if (!mark) return;
    mark.broken = true;
    this.#marks.delete(key);
  }

  /** Breaks all marks of keys that `matches` accepts. */
  breakWhere(matches: (key: string) => boolean): void {
    for (const key of [...this.#marks.keys()]) if (matches(key)) this.break(key);
  }
}

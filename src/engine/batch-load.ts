import type { Clock } from '../primitives/clock.js';
import { CacheError, describe } from '../primitives/errors.js';
import type { Milliseconds } from '../primitives/units.js';
import type { RunningLoad } from './load-context.js';

/** Loads several values in one call; returns them in the order of the indices, as are their loads. */
export type LoadMany = (indices: readonly number[], loads: readonly RunningLoad[]) => unknown;

/** A loader of many values that returned something else than one value for each key it was given. */
export class BatchSizeError extends CacheError {
  constructor(expected: number, received: unknown) {
    super(
      'BATCH_SIZE',
      'loader',
      `loadMissing must return an array with one value for each of the ${expected} keys, in their order; received ${describe(received)}`,
      { expected },
    );
  }
}

/** A loader of many, asked for one. @throws BatchSizeError */
export async function loadAlone(loadMany: LoadMany, index: number, load: RunningLoad): Promise<unknown> {
  const values: unknown = await loadMany([index], [load]);
  if (!Array.isArray(values) || values.length !== 1) throw new BatchSizeError(1, values);
  return values[0];
}

interface Wanted {
  readonly index: number;
  readonly load: RunningLoad;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

// A member may be waiting for another process's load, or for another caller's: the others do not wait for long.
const PATIENCE: Milliseconds = 5;

/**
 * Gathers the loads of many keys into one call of a loader: made as soon as every member has either asked for its value
 * or turned out not to need it. Those who ask later (behind a stale value that was served, or after another process's
 * load in vain) are gathered as long as more keep asking.
 */
export class BatchLoad {
  readonly #undecided: Set<number>;
  #wanted: Wanted[] = [];

  constructor(
    size: number,
    private readonly loadMany: LoadMany,
    private readonly clock: Clock,
  ) {
    this.#undecided = new Set(Array.from({ length: size }, (_, index) => index));
  }

  /** The loaded value of a member. */
  want(index: number, load: RunningLoad): Promise<unknown> {
    return new Promise((resolve, reject) => {
      this.#wanted.push({ index, load, resolve, reject });
      const isLast = this.#undecided.delete(index) && this.#undecided.size === 0;
      if (isLast) this.#send();
      else if (this.#wanted.length === 1) this.#sendWhenQuiet(1);
    });
  }

  /** The member has its value from elsewhere. */
  decline(index: number): void {
    if (this.#undecided.delete(index) && this.#undecided.size === 0) this.#send();
  }

  /** As long as members keep asking, the answers of one round trip are still coming in. */
  #sendWhenQuiet(count: number): void {
    this.clock.after(PATIENCE, () => {
      if (this.#wanted.length > count) this.#sendWhenQuiet(this.#wanted.length);
      else this.#send();
    });
  }

  #send(): void {
    const members = this.#wanted;
    this.#wanted = [];
    if (members.length === 0) return;
    void this.#deliver(members);
  }

  async #deliver(members: readonly Wanted[]): Promise<void> {
    try {
      const values: unknown = await this.loadMany(
        members.map(({ index }) => index),
        members.map(({ load }) => load),
      );
      if (!Array.isArray(values) || values.length !== members.length) throw new BatchSizeError(members.length, values);
      for (const [i, { resolve }] of members.entries()) resolve(values[i]);
    } catch (error) {
      for (const { reject } of members) reject(error);
    }
  }
}

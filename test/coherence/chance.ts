import { SeededRandom } from '../../src/testing/seeded-random.js';

/** Chance that a seed repeats. */
export class Chance extends SeededRandom {
  pick<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)] as T;
  }
}

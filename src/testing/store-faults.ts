import type { Milliseconds } from '../primitives/units.js';
import type { RemoteFailure, RemoteStore } from '../stores/contracts.js';
import { SeededRandom } from './seeded-random.js';

/** A method of {@link RemoteStore}. */
export type StoreMethod = Exclude<keyof RemoteStore, 'isAvailable' | 'shards' | 'shardsOf' | 'shardOfAnnouncements'>;

/**
 * What can be done to a call. `fail`: it is not made and rejects. `delay`: it is made later. `hang`: it is not made and
 * never settles. `lose`: a write is answered as if it had been made; a read, which cannot be lost, is made.
 * `lose-answer`: it is made and rejects all the same, as a command does that timed out and lands.
 */
export type StoreFault =
  | { readonly kind: 'fail' | 'lose-answer'; readonly failure: RemoteFailure }
  | { readonly kind: 'delay'; readonly delay: Milliseconds }
  | { readonly kind: 'hang' }
  | { readonly kind: 'lose' };

/** Faults by seeded chance: shares of all calls, 0 to 1, each left out being 0. */
export interface StoreChance {
  /** The same seed and the same calls in the same order meet the same faults. */
  readonly seed: number;
  /** Share of calls that fail. */
  readonly fail?: number;
  /** Share of calls that are made and reject all the same. */
  readonly loseAnswer?: number;
  /** What those two reject with. @default 'unavailable' */
  readonly failure?: RemoteFailure;
  /** Share of calls that never settle. */
  readonly hang?: number;
  /** Share of writes that are answered and not made. */
  readonly lose?: number;
  /** The least and the most that every other call is delayed, in milliseconds. @default no delay */
  readonly delay?: readonly [least: Milliseconds, most: Milliseconds];
}

interface Step {
  readonly method: StoreMethod | 'any';
  readonly fault: StoreFault;
  remaining: number;
}

/** Decides what befalls each call: first what is scripted, in the order it was, then chance. */
export class StoreFaults {
  #script: Step[] = [];
  #chance: (() => StoreFault | undefined) | undefined;

  /** The next `times` calls of `method` meet `fault`. */
  add(method: StoreMethod | 'any', fault: StoreFault, times: number): void {
    this.#script.push({ method, fault, remaining: times });
  }

  /** Whatever no script concerns meets faults by chance. */
  byChance(chance: StoreChance): void {
    const random = new SeededRandom(chance.seed);
    this.#chance = () => chosen(chance, random);
  }

  clear(): void {
    this.#script = [];
    this.#chance = undefined;
  }

  /** What is to befall this call of `method`, if anything. */
  next(method: StoreMethod): StoreFault | undefined {
    const step = this.#script.find((candidate) => candidate.method === method || candidate.method === 'any');
    if (!step) return this.#chance?.();
    step.remaining -= 1;
    if (step.remaining <= 0) this.#script = this.#script.filter((other) => other !== step);
    return step.fault;
  }
}

function chosen(
  { fail = 0, loseAnswer = 0, failure = 'unavailable', hang = 0, lose = 0, delay }: StoreChance,
  random: SeededRandom,
): StoreFault | undefined {
  // One number decides, so that one more kind of fault does not change when the others come.
  const dice = random.fraction();
  const kinds: readonly (readonly [number, StoreFault])[] = [
    [fail, { kind: 'fail', failure }],
    [hang, { kind: 'hang' }],
    [lose, { kind: 'lose' }],
    [loseAnswer, { kind: 'lose-answer', failure }],
  ];
  let sum = 0;
  for (const [share, fault] of kinds) if (dice < (sum += share)) return fault;
  return delay && { kind: 'delay', delay: random.between(...delay) };
}

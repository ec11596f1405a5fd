import { SeededRandom } from '../../src/testing/seeded-random.js';

/** Reads, oldest first. */
export interface Trace {
  /** Milliseconds since it began. */
  readonly at: Float64Array;
  readonly key: Int32Array;
  readonly keys: number;
}

/** How keys are read. */
export interface TraceShape {
  readonly keys: number;
  readonly reads: number;
  /** Milliseconds between two reads of one key, on average over all. */
  readonly every: number;
  /** `regular`: each key in its turn. `random`: at any time, all keys alike. `zipf`: some keys far more than others. */
  readonly rhythm: 'regular' | 'random' | 'zipf';
}

/** A trace of that shape, the same each time. */
export function traceOf({ keys, reads, every, rhythm }: TraceShape, seed = 11): Trace {
  const random = new SeededRandom(seed);
  const gap = every / keys;
  const pick = rhythm === 'zipf' ? zipf(keys, random) : () => random.below(keys);
  const [at, key] = [new Float64Array(reads), new Int32Array(reads)];
  let now = 0;
  for (let i = 0; i < reads; i += 1) {
    now += rhythm === 'regular' ? gap : -gap * Math.log1p(-random.fraction());
    at[i] = now;
    key[i] = rhythm === 'regular' ? i % keys : pick();
  }
  return { at, key, keys };
}

function zipf(keys: number, random: SeededRandom): () => number {
  const sums = new Float64Array(keys);
  let sum = 0;
  for (let rank = 0; rank < keys; rank += 1) sums[rank] = sum += 1 / (rank + 1);
  return () => {
    const drawn = random.fraction() * sum;
    return sums.findIndex((each) => each > drawn);
  };
}

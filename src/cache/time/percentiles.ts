import { finiteNumber } from '../../primitives/checks.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { Merger } from './basic-mergers.js';

/** A mean and how many values it stands for, as the package tdigest has them. */
export interface Centroid {
  readonly mean: number;
  readonly n: number;
}

/** What is used of the class `TDigest` of the package tdigest, or of one like it. */
export interface Digest {
  /** Adds values. */
  push(values: number[]): void;
  /** Adds what other digests hold. */
  push_centroid(centroids: Centroid[]): void;
  /** Makes it as small as `delta` allows. */
  compress(): void;
  /** What it holds, by mean. */
  toArray(): Centroid[];
  /** The value below which this share lies; `undefined` for none. */
  percentile(share: number): number | undefined;
}

/** Makes an empty digest; `delta` is the largest share of all values that one centroid may stand for. */
export type DigestClass = new (delta?: number) => Digest;

/** What a bucket holds of a distribution: means, and how many values each stands for. */
export type Centroids = readonly (readonly [mean: number, count: number])[];

/** A merger of distributions, with what makes a bucket's state of its values. */
export interface PercentileMerger extends Merger<Centroids, readonly (number | null)[]> {
  /** The state of a bucket that holds these values. */
  of(values: readonly number[]): Centroids;
}

/**
 * Percentiles by t-digest: of each share from 0 to 1 in `shares`, in their order; `null` without data. Approximate, and
 * nearest at both ends of a distribution. The class is handed in, so this package does not depend on it:
 * `percentiles(TDigest, [0.5, 0.95])`. @throws InvalidOptionError
 */
export function percentiles(
  Digest: DigestClass,
  shares: readonly number[],
  {
    delta = 0.01,
  }: {
    /** The largest share of all values that one centroid stands for. @default 0.01 */ readonly delta?: number;
  } = {},
): PercentileMerger {
  if (typeof Digest !== 'function')
    throw new InvalidOptionError('Digest', 'the class TDigest of the package tdigest', Digest);
  for (const share of shares) finiteNumber('a share of percentiles', share, { min: 0, max: 1 });
  finiteNumber('delta', delta, { min: 0.0001, max: 0.5 });
  const digestOf = (states: readonly Centroids[]): Digest => {
    const digest = new Digest(delta);
    for (const state of states) digest.push_centroid(state.map(([mean, n]) => ({ mean, n })));
    digest.compress();
    return digest;
  };
  return {
    of: (values) => {
      const digest = new Digest(delta);
      digest.push([...values]);
      return stateOf(digest);
    },
    merge: (states) => stateOf(digestOf(states)),
    result: (state) => {
      const digest = digestOf([state]);
      return shares.map((share) => digest.percentile(share) ?? null);
    },
  };
}

function stateOf(digest: Digest): Centroids {
  digest.compress();
  return digest.toArray().map(({ mean, n }) => [mean, n]);
}

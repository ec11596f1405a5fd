import { InvalidOptionError } from '../../primitives/errors.js';

/**
 * How the values of buckets become the value of a range. `S` is what a bucket holds, and must be JSON; `V` is what readers
 * get. What is merged is shared with other readers, and frozen: make something new of it.
 */
export interface Merger<S, V = S> {
  /** The states of several buckets as one, in whatever order and grouping; of none: that of a bucket without data. */
  merge(states: readonly S[]): S;
  /** What readers get of a state. */
  result(state: S): V;
}

/** What a mean is made of. */
export interface WeightedSum {
  /** The sum of value times weight. */
  readonly sum: number;
  readonly weight: number;
}

/** How many values lie between bounds. */
export interface Histogram {
  /** Ascending upper bounds, each included in its class. */
  readonly bounds: readonly number[];
  /** One more than there are bounds: the last counts what is above all. */
  readonly counts: readonly number[];
}

/** A merger of whatever. */
export interface AnyMerger {
  /** See {@link Merger}. */
  merge(states: readonly never[]): unknown;
  /** See {@link Merger}. */
  result(state: never): unknown;
}

/** A merger of several values side by side. */
export type MergerOf<M extends Readonly<Record<string, AnyMerger>>> = Merger<
  { readonly [N in keyof M]: StateOf<M[N]> },
  { readonly [N in keyof M]: ResultOf<M[N]> }
>;

/** What a bucket of a merger holds. */
export type StateOf<M> = M extends AnyMerger ? ReturnType<M['merge']> : never;

/** What a merger makes of it for readers. */
export type ResultOf<M> = M extends AnyMerger ? ReturnType<M['result']> : never;

/** Adds, sums and counts alike; 0 without data. */
export function sum(): Merger<number> {
  return { merge: (states) => states.reduce((total, state) => total + state, 0), result: itself };
}

/** The smallest; `null` without data. */
export function min(): Merger<number | null> {
  return { merge: (states) => chosen(states, Math.min), result: itself };
}

/** The largest; `null` without data. */
export function max(): Merger<number | null> {
  return { merge: (states) => chosen(states, Math.max), result: itself };
}

/** The mean of what was summed up; `null` without weight. A mean of the buckets' means would count each bucket alike. */
export function weightedMean(): Merger<WeightedSum, number | null> {
  const of = (states: readonly WeightedSum[], field: keyof WeightedSum): number =>
    states.reduce((total, state) => total + state[field], 0);
  return {
    merge: (states) => ({ sum: of(states, 'sum'), weight: of(states, 'weight') }),
    result: ({ sum, weight }) => (weight === 0 ? null : sum / weight),
  };
}

/** Counts of classes; a bucket holds the counts, one more than there are bounds. @throws InvalidOptionError for bounds that do not ascend */
export function histogram(bounds: readonly number[]): Merger<readonly number[], Histogram> {
  if (bounds.length === 0 || bounds.some((bound, i) => !(bound > (bounds[i - 1] ?? -Infinity))))
    throw new InvalidOptionError('bounds', 'ascending numbers, one at least', bounds);
  const classes = [...bounds, Infinity];
  return {
    merge: (states) => classes.map((_, i) => states.reduce((total, counts) => total + (counts[i] ?? 0), 0)),
    result: (counts) => ({ bounds, counts }),
  };
}

/** Several values of a bucket side by side, each merged by its own merger. */
export function record<M extends Readonly<Record<string, AnyMerger>>>(mergers: M): MergerOf<M> {
  const each = <R>(make: (merger: Merger<unknown, unknown>, name: string) => R): Record<string, R> =>
    Object.fromEntries(Object.entries(mergers).map(([name, merger]) => [name, make(merger as never, name)]));
  const merger: Merger<Record<string, unknown>> = {
    merge: (states) => each((one, name) => one.merge(states.map((state) => state[name]))),
    result: (state) => each((one, name) => one.result(state[name])),
  };
  return merger as never;
}

/** A value for each group of a bucket, by the group's name: those of one name are merged. */
export function groups<S, V>(merger: Merger<S, V>): Merger<Readonly<Record<string, S>>, Readonly<Record<string, V>>> {
  return {
    merge: (states) => {
      const byName = new Map<string, S[]>();
      for (const [name, state] of states.flatMap((one) => Object.entries(one))) pushed(byName, name, state);
      return Object.fromEntries([...byName].map(([name, all]) => [name, merger.merge(all)]));
    },
    result: (state) => Object.fromEntries(Object.entries(state).map(([name, one]) => [name, merger.result(one)])),
  };
}

function chosen(states: readonly (number | null)[], choose: (one: number, other: number) => number): number | null {
  return states.reduce(
    (best, state) => (best === null || state === null ? (best ?? state) : choose(best, state)),
    null,
  );
}

function itself<T>(state: T): T {
  return state;
}

function pushed<S>(lists: Map<string, S[]>, name: string, item: S): void {
  const list = lists.get(name);
  if (list) list.push(item);
  else lists.set(name, [item]);
}

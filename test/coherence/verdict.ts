import { KIND, type Operation } from './history.js';
import { WINDOW_MS } from './options.js';

/** What a run showed. */
export interface Verdict {
  readonly strictReads: number;
  readonly defaultReads: number;
  readonly violations: readonly Violation[];
  /** For default reads that missed an acknowledged invalidation: for how long it had been acknowledged. Ascending. */
  readonly lags: readonly number[];
  readonly fromTier: readonly [l1: number, l2: number, loader: number];
  readonly invalidations: number;
}

/** A read that broke its promise, and the invalidation acknowledged first among those that it contradicts. */
export interface Violation {
  readonly read: Operation;
  readonly missed: Operation;
}

/** Judges every read of a history. */
export function judge(operations: readonly Operation[]): Verdict {
  const acknowledged = new Map<number, Acknowledged>();
  const reads: Operation[] = [];
  const invalidations: Operation[] = [];
  const setEnds = new Map<number, number>();
  for (const operation of operations) {
    if (operation.kind === KIND.set) setEnds.set(operation.since, operation.end);
    if (operation.kind === KIND.invalidation) invalidations.push(operation);
    else if (operation.kind === KIND.strictRead || operation.kind === KIND.defaultRead) reads.push(operation);
  }
  for (const [key, ofKey] of groupByKey(invalidations)) acknowledged.set(key, new Acknowledged(ofKey));
  const violations: Violation[] = [];
  const lags: number[] = [];
  const fromTier: [number, number, number] = [0, 0, 0];
  let strictReads = 0;
  for (const read of reads) {
    fromTier[read.how as 0 | 1 | 2] += 1;
    const isStrict = read.kind === KIND.strictRead;
    if (isStrict) strictReads += 1;
    const missed = acknowledged.get(read.key)?.firstMissedBy(read, settledAt(read, setEnds));
    if (!missed) continue;
    const lag = read.begin - missed.end;
    if (!isStrict) lags.push(lag);
    if (isStrict || lag > WINDOW_MS) violations.push({ read, missed });
  }
  lags.sort((a, b) => a - b);
  return {
    strictReads,
    defaultReads: reads.length - strictReads,
    violations,
    lags,
    fromTier,
    invalidations: invalidations.length,
  };
}

/**
 * When the value that was read can no longer be newer than an invalidation: a set and an invalidation at the same time
 * may take effect in either order, so only one called after the set had returned must win. Loads are held to their version.
 */
function settledAt({ since }: Operation, setEnds: ReadonlyMap<number, number>): number {
  return since === 0 ? 0 : (setEnds.get(since) ?? Infinity);
}

/** The acknowledged invalidations of one key. */
class Acknowledged {
  readonly #byEnd: readonly Operation[];
  /** The newest version invalidated up to each. */
  readonly #newest: Float64Array;

  constructor(invalidations: readonly Operation[]) {
    this.#byEnd = [...invalidations].sort((a, b) => a.end - b.end);
    this.#newest = new Float64Array(this.#byEnd.length);
    let newest = 0;
    for (const [i, { version }] of this.#byEnd.entries()) this.#newest[i] = newest = Math.max(newest, version);
  }

  /** Acknowledged before the read began, of a later version than it returned, and called after its value was settled. */
  firstMissedBy({ begin, version }: Operation, settled: number): Operation | undefined {
    const count = firstWhere(this.#byEnd.length, (i) => (this.#byEnd[i] as Operation).end >= begin);
    const from = firstWhere(count, (i) => (this.#newest[i] as number) > version);
    for (let i = from; i < count; i += 1) {
      const candidate = this.#byEnd[i] as Operation;
      if (candidate.version > version && candidate.begin > settled) return candidate;
    }
    return undefined;
  }
}

/** The first index from which a condition that never turns false again holds, or `length`. */
function firstWhere(length: number, holds: (index: number) => boolean): number {
  let low = 0;
  let high = length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

function groupByKey(operations: readonly Operation[]): Map<number, Operation[]> {
  const groups = new Map<number, Operation[]>();
  for (const operation of operations) {
    const group = groups.get(operation.key);
    if (group) group.push(operation);
    else groups.set(operation.key, [operation]);
  }
  return groups;
}

import { KIND, type Operation } from './history.js';
import type { Span } from './faults.js';
import { WINDOW_MS } from './options.js';

/** What a run showed. */
export interface Verdict {
  readonly strictReads: number;
  readonly defaultReads: number;
  readonly violations: readonly Violation[];
  /** Those that missed what a failover has lost, before it was made again: asynchronous replication allows them. */
  readonly lost: readonly Violation[];
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

/** Acknowledged so long before a failover or during it, an invalidation may not have reached the replica that took over. */
const LAGGING_MS = 1_000;
/** So long after a failover is over every survivor has made its invalidations again, as docs/consistency.md says. */
const MADE_AGAIN_MS = 10_000;

/** Judges every read of a history. `failovers` are those that may lose what was acknowledged. */
export function judge(operations: readonly Operation[], failovers: readonly Span[] = []): Verdict {
  const invalidations = operations.filter(({ kind }) => kind === KIND.invalidation);
  const strict = operations.filter(({ kind }) => kind === KIND.strictRead);
  const byDefault = operations.filter(({ kind }) => kind === KIND.defaultRead);
  const misses = missesOf(operations, invalidations);
  const behind = byDefault.flatMap(misses);
  const tooLate = behind.filter(({ read, missed }) => read.begin - missed.end > WINDOW_MS);
  const broken = [...strict.flatMap(misses), ...tooLate];
  const isLost = ({ read, missed }: Violation): boolean =>
    failovers.some(
      ({ from, to }) =>
        missed.end >= from - LAGGING_MS && missed.end <= to && read.begin >= from && read.begin <= to + MADE_AGAIN_MS,
    );
  const fromTier: [number, number, number] = [0, 0, 0];
  for (const { how } of [...strict, ...byDefault]) fromTier[how as 0 | 1 | 2] += 1;
  return {
    strictReads: strict.length,
    defaultReads: byDefault.length,
    violations: broken.filter((violation) => !isLost(violation)),
    lost: broken.filter(isLost),
    lags: behind.map(({ read, missed }) => read.begin - missed.end).sort((a, b) => a - b),
    fromTier,
    invalidations: invalidations.length,
  };
}

/** A function that tells of a read which acknowledged invalidation it missed, if any. */
function missesOf(
  operations: readonly Operation[],
  invalidations: readonly Operation[],
): (read: Operation) => Violation[] {
  const acknowledged = new Map<number, Acknowledged>();
  for (const [key, ofKey] of groupByKey(invalidations)) acknowledged.set(key, new Acknowledged(ofKey));
  const setEnds = new Map(operations.filter(({ kind }) => kind === KIND.set).map(({ since, end }) => [since, end]));
  return (read) => {
    const missed = acknowledged.get(read.key)?.firstMissedBy(read, settledAt(read, setEnds));
    return missed ? [{ read, missed }] : [];
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

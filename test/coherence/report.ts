import { KIND, type Operation } from './history.js';
import type { RunResult } from './run.js';
import { NAMES } from './source.js';
import type { Violation } from './verdict.js';

const KIND_NAMES = Object.fromEntries(Object.entries(KIND).map(([name, kind]) => [kind, name]));
const TIER_NAMES = ['L1', 'L2', 'loader'];
const BY_NAMES = ['key', 'tag', 'pattern', 'all'];

/** The last line of a run. */
export function summary({ verdict, faults, mishaps }: RunResult): string {
  const { strictReads, defaultReads, violations, lost, lags, fromTier, invalidations } = verdict;
  const at = (share: number): string =>
    lags.length === 0 ? '0' : (lags[Math.min(lags.length - 1, Math.floor(lags.length * share))] as number).toFixed(1);
  return [
    `reads checked ${strictReads + defaultReads} (strict ${strictReads}, default ${defaultReads}; L1 ${fromTier[0]}, L2 ${fromTier[1]}, loader ${fromTier[2]})`,
    `invalidations ${invalidations}`,
    `faults ${faults}`,
    `mishaps ${mishaps.length}`,
    `violations ${violations.length}`,
    ...(lost.length > 0 ? [`lost in a failover ${lost.length}, for ${longest(lost)} ms at most`] : []),
    `reads behind ${lags.length}, lag ms p50 ${at(0.5)} p99 ${at(0.99)} max ${at(1)}`,
  ].join(', ');
}

/** For how many milliseconds what a failover had lost was read at most. */
export function longest(lost: readonly Violation[]): string {
  return lost.reduce((most, { read, missed }) => Math.max(most, read.begin - missed.end), 0).toFixed(0);
}

/** What happened to the key around a violation, oldest first, in times relative to the read's beginning. */
export function story({ read, missed }: Violation, operations: readonly Operation[]): string {
  const from = missed.begin - 50;
  const concerned = operations
    .filter(({ key, end, begin }) => key === read.key && end >= from && begin <= read.end)
    .filter((operation) => operation === read || operation === missed || isTelling(operation, read));
  concerned.sort((a, b) => a.begin - b.begin);
  const lines = concerned.slice(-40).map((operation) => line(operation, read, missed));
  return [
    `${NAMES[read.key]}: a ${KIND_NAMES[read.kind]} returned version ${read.version}, ${(read.begin - missed.end).toFixed(1)} ms after version ${missed.version} was invalidated`,
    ...lines,
  ].join('\n');
}

/** Reads by others tell little; loads, sets and invalidations of the key do. */
function isTelling({ kind, version }: Operation, read: Operation): boolean {
  return kind === KIND.invalidation || ((kind === KIND.load || kind === KIND.set) && version === read.version);
}

function line(operation: Operation, read: Operation, missed: Operation): string {
  const { kind, process, begin, end, version, how } = operation;
  const span = `${(begin - read.begin).toFixed(2).padStart(10)} … ${(end - read.begin).toFixed(2).padStart(9)} ms`;
  const what =
    kind === KIND.invalidation
      ? `invalidation by ${BY_NAMES[how]}`
      : `${KIND_NAMES[kind]}${kind <= KIND.defaultRead ? ` from ${TIER_NAMES[how]}` : ''}`;
  const mark = operation === read ? '  <- the read' : operation === missed ? '  <- missed' : '';
  return `  ${span}  process ${process}  ${what}, version ${version}${mark}`;
}

import type { Milliseconds } from '../../src/primitives/units.js';
import type { SetUp } from '../set-ups.js';
import type { Table } from '../table.js';
import type { Tally } from './reads.js';
import { AFTER, type Fault, OUTAGE, type Outcome } from './run.js';

/** A cache and what each fault did to it. */
export interface Row extends SetUp {
  readonly outcomes: readonly (readonly [Fault, Outcome | Error])[];
}

const TITLES: Readonly<Record<Fault, string>> = {
  frozen: 'frozen (SIGSTOP)',
  killed: 'killed (SIGKILL)',
  absent: 'not there at start',
};
/** A cache that works answers most reads from what it has. */
const MOST_LOADS = 0.5;
/** No sooner is it noticed that a cache works again. */
const RESOLUTION: Milliseconds = 500;

export function outcomesTable(rows: readonly Row[]): Table {
  const head = [
    ...['', 'Redis', `what a read got in ${seconds(OUTAGE)}`, 'longest', 'without an answer at the end'],
    ...['heap', 'works again after'],
  ];
  const body = rows.flatMap(({ title, outcomes }) =>
    outcomes.map(([fault, outcome]) => [title, TITLES[fault], ...cellsOf(outcome)]),
  );
  return [head, ...body];
}

function cellsOf(outcome: Outcome | Error): string[] {
  if (outcome instanceof Error) return [`not run: ${plain(outcome.message)}`, '', '', '', ''];
  const { outage, recovery, refused, ended } = outcome;
  if (refused !== undefined) return [`it does not start: ${plain(refused)}`, '', '', '', 'never'];
  if (ended !== undefined) return [`the process ${plain(ended)}`, '', '', '', 'never'];
  if (!outage) return ['nothing: the process did not answer', '', '', '', ''];
  const { tally, heapGrown, errors } = outage;
  if (tally.calls === 0) return ['it waits with its start', `> ${seconds(OUTAGE)}`, '', '', recoveryOf(outcome)];
  return [
    sharesOf(tally, errors),
    `${tally.pending > 0 ? '> ' : ''}${seconds(tally.longest)}`,
    waitingOf(tally, recovery),
    `${heapGrown >= 0 ? '+' : '−'}${Math.abs(heapGrown).toFixed(1)} MiB`,
    recoveryOf(outcome),
  ];
}

function waitingOf({ pending, calls }: Tally, recovery: Outcome['recovery']): string {
  const ever = recovery && recovery.pending > 0 ? `, ${recovery.pending} still ${seconds(AFTER)} later` : '';
  return `${pending} of ${calls}${ever}`;
}

function sharesOf({ calls, values, empty, failed, pending }: Tally, errors: readonly string[]): string {
  const kinds: [string, number][] = [
    ['value', values],
    ['undefined', empty],
    [`error (${errors.map(plain).join(', ')})`, failed],
    ['no answer', pending],
  ];
  const seen = kinds.filter(([, count]) => count > 0);
  return seen.map(([what, count]) => `${what} ${percent(count / calls)}`).join(', ');
}

function recoveryOf({ recovery, askedAfter }: Outcome): string {
  if (!recovery) return 'never';
  if (recovery.after < 0 || recovery.loadsPerCall > MOST_LOADS || askedAfter > AFTER)
    return `not within ${seconds(AFTER)}`;
  const after = Math.max(recovery.after, askedAfter);
  return after < RESOLUTION ? `< ${seconds(RESOLUTION)}` : seconds(after);
}

function percent(share: number): string {
  return share > 0 && share < 0.01 ? '< 1 %' : `${(100 * share).toFixed(0)} %`;
}

function seconds(ms: Milliseconds): string {
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(ms % 1_000 === 0 ? 0 : 1)} s`;
}

/** One line without what Markdown would take for something else. */
function plain(text: string): string {
  return (text.split('\n')[0] ?? '')
    .replaceAll('|', ' ')
    .replaceAll(/[\d.]+:\d+/g, '')
    .trim();
}

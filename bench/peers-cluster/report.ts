import type { Milliseconds } from '../../src/primitives/units.js';
import type { SetUp } from '../set-ups.js';
import type { Table } from '../table.js';
import type { Outcome } from './trial.js';

/** A cache and what came of each number of keys. */
export interface Row extends SetUp {
  readonly call: string;
  readonly outcomes: readonly (readonly [keys: number, outcome: Outcome | Error])[];
}

export function outcomesTable(rows: readonly Row[]): Table {
  const head = ['', 'call', 'stored', 'keys before', 'keys after', 'removed', 'took', 'keys per second', 'error'];
  const body = rows.flatMap(({ title, call, outcomes }) =>
    outcomes.map(([keys, outcome]) => [title, `\`${call}\``, grouped(keys), ...cellsOf(outcome)]),
  );
  return [head, ...body];
}

function cellsOf(outcome: Outcome | Error): string[] {
  if (outcome instanceof Error) return ['', '', '', '', '', `not run: ${plain(outcome.message)}`];
  const { before, after, took, errors } = outcome;
  const removed = before - after;
  const rate = removed === 0 ? '' : grouped(Math.round((1_000 * removed) / took));
  const said = errors.length === 0 ? 'none' : errors.map(plain).join('; ');
  return [grouped(before), grouped(after), grouped(removed), seconds(took), rate, said];
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

function seconds(ms: Milliseconds): string {
  return ms < 1_000 ? `${ms.toFixed(0)} ms` : `${(ms / 1_000).toFixed(1)} s`;
}

/** One line without addresses, and without what Markdown would take for something else. */
function plain(text: string): string {
  return (text.split('\n')[0] ?? '')
    .replaceAll('|', ' ')
    .replaceAll(/[\d.]+:\d+/g, '')
    .trim();
}

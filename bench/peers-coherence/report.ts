import type { Milliseconds } from '../../src/primitives/units.js';
import type { Table } from '../table.js';
import { type Outcome, TTL, WATCHED } from './gate.js';
import { SCENARIOS } from './scenarios.js';
import type { Subject } from './subject.js';

/** A subject and how it came through each scenario, or why it could not be loaded. */
export interface Row {
  readonly name: string;
  readonly subject: Subject | Error;
  readonly outcomes: readonly Outcome[];
}

export function outcomesTable(rows: readonly Row[]): Table {
  const head = ['', ...SCENARIOS.map(({ title }) => title)];
  return [head, ...rows.map(({ name, subject, outcomes }) => [name, ...cellsOf(subject, outcomes)])];
}

export function scenariosTable(): Table {
  return [['scenario', 'what happens'], ...SCENARIOS.map(({ title, meaning }) => [title, `${meaning}.`])];
}

export function setUpsTable(rows: readonly Row[], versions: (subject: Subject) => string): Table {
  const body = rows.map(({ name, subject }) =>
    subject instanceof Error ? [name, '', `not run: ${reasonOf(subject)}`] : [name, versions(subject), subject.options],
  );
  return [['', 'installed', 'set up with'], ...body];
}

function cellsOf(subject: Subject | Error, outcomes: readonly Outcome[]): string[] {
  if (subject instanceof Error) return SCENARIOS.map(() => 'not run');
  return outcomes.map(cellOf);
}

function cellOf(outcome: Outcome): string {
  if (outcome === 'none') return 'none';
  if (outcome instanceof Error) return `not run: ${reasonOf(outcome)}`;
  const [a, b] = [verdictOf(outcome.a), verdictOf(outcome.b)];
  return a === b ? a : `A ${a}, B ${b}`;
}

function verdictOf(stale: Milliseconds): string {
  if (stale === 0) return 'fresh';
  if (stale > WATCHED) return `STALE > ${seconds(WATCHED)}`;
  // What was stored before the acknowledgement, or first came to L1 in the wait after it, lives a little shorter or longer.
  if (Math.abs(stale - TTL) < TTL / 8) return 'STALE full TTL';
  return `STALE ${seconds(stale)}`;
}

/** The first line, without the paths of this machine. */
function reasonOf({ message }: Error): string {
  return (message.split('\n')[0] ?? '').replaceAll(/ imported from .*/g, '').replaceAll('|', ' ');
}

function seconds(ms: Milliseconds): string {
  return `${(ms / 1000).toFixed(1)} s`;
}

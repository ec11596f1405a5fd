import { styleText } from 'node:util';
import { countsOf, type Diagnosis, type Result } from './doctor.js';
import type { Status } from './finding.js';

const SIGNS: Readonly<Record<Status, string>> = { pass: '✓', warn: '!', fail: '✗', unknown: '?' };
const COLOURS = { pass: 'green', warn: 'yellow', fail: 'red', unknown: 'gray' } as const;

/** The worst status that counts: `unknown` says nothing against the patient. */
export function verdictOf({ results }: Diagnosis): 'pass' | 'warn' | 'fail' {
  const { fail, warn } = countsOf(results);
  if (fail > 0) return 'fail';
  return warn > 0 ? 'warn' : 'pass';
}

/** For programs; the form is described in docs/doctor.md, and `version` changes with it. */
export function reportForMachines(diagnosis: Diagnosis): string {
  const { target, results } = diagnosis;
  const checks = results.map(({ id, title, status, observed, remedy }) => ({
    ...{ id, title, status, observed },
    remedy: remedy ?? null,
  }));
  const report = {
    version: 1,
    target: target ?? null,
    verdict: verdictOf(diagnosis),
    counts: countsOf(results),
    checks,
  };
  return `${JSON.stringify(report, undefined, 2)}\n`;
}

/** For people: a line for each check, then what to do, then how many. */
export function reportForPeople({ target, results }: Diagnosis, colours: boolean): string {
  const sign = ({ status }: Result): string =>
    colours ? styleText(COLOURS[status], SIGNS[status], { validateStream: false }) : SIGNS[status];
  const width = Math.max(...results.map(({ title }) => title.length));
  const lines = results.map((result) => `${sign(result)} ${result.title.padEnd(width)}  ${result.observed}`);
  const todo = ORDER.flatMap((status) =>
    results.filter((result) => result.status === status && result.remedy !== undefined),
  );
  const remedies = todo.map((result) => `${sign(result)} ${result.title}: ${result.remedy ?? ''}`);
  const parts = [
    target === undefined ? 'No Redis' : `Redis at ${target}`,
    lines.join('\n'),
    ...(remedies.length > 0 ? [['What to do', ...remedies].join('\n')] : []),
    summaryOf(results),
  ];
  return `${parts.join('\n\n')}\n`;
}

const ORDER: readonly Status[] = ['fail', 'warn', 'unknown'];

function summaryOf(results: readonly Result[]): string {
  const { pass, warn, fail, unknown } = countsOf(results);
  return `${results.length} checks: ${pass} passed, ${warn} warned, ${fail} failed, ${unknown} unknown.`;
}

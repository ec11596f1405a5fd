import { mkdirSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Spread } from '../support.js';
import { type Table, textOf } from '../table.js';
import type { Findings, Outcome, Standing, Verdict } from './contest.js';

const FOLDER = new URL('../results/', import.meta.url);

/** The findings of one bench as Markdown. */
export function textOfFindings({ outcomes = [], text = [] }: Findings): string {
  return [...outcomes.map((outcome) => `${outcome.title}\n\n${textOf(tableOf(outcome))}`), ...text].join('\n\n');
}

/** Targets beside figures. */
export function textOfVerdicts(verdicts: readonly Verdict[]): string {
  const rows = verdicts.map((verdict) => {
    const { what, relation, target, figure, spread = '' } = verdict;
    const shown = figure === undefined ? 'none' : text(figure);
    return [what, `${relation === '>=' ? '≥' : '≤'} ${target}`, shown, spread, isMet(verdict) ? 'met' : 'MISSED'];
  });
  return textOf([['work', 'target', 'measured', 'spread', ''], ...rows]);
}

export function isMet({ relation, target, figure = NaN }: Verdict): boolean {
  return relation === '>=' ? figure >= target : figure <= target;
}

/** Writes what was found where git does not look. */
export function keepFindings(name: string, about: object, findings: Findings): void {
  mkdirSync(FOLDER, { recursive: true });
  const path = fileURLToPath(new URL(`${name.replaceAll(' ', '-')}.json`, FOLDER));
  writeFileSync(path, `${JSON.stringify({ ...about, ...findings }, undefined, 2)}\n`);
}

function tableOf({ standings }: Outcome): Table {
  const head = ['', 'per second', '÷ base', 'CPU µs', '÷ base', 'p50 µs', 'p99 µs', ''];
  return [head, ...standings.map((standing, i) => [...cellsOf(standing), i === 0 ? 'the base' : remark(standing)])];
}

function cellsOf({ title, rate, ratio, cpu, cpuRatio, p50, p99 }: Standing): string[] {
  const ratioText = `${text(ratio.median)} (${text(ratio.min)} to ${text(ratio.max)})`;
  const figures = [cpu, cpuRatio, p50, p99].map(({ median }) => text(median));
  return [title, Math.round(rate.median).toLocaleString('en-US'), ratioText, ...figures];
}

/** A difference that is smaller than the spread tells nothing. */
function remark({ ratio }: Standing): string {
  return widthOf(ratio) > Math.abs(ratio.median - 1) ? 'spread larger than the difference' : '';
}

function widthOf({ min, max }: Spread): number {
  return max - min;
}

function text(figure: number): string {
  return figure >= 100 ? figure.toFixed(0) : figure >= 10 ? figure.toFixed(1) : figure.toFixed(figure < 0.1 ? 3 : 2);
}

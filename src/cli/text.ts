import type { Milliseconds } from '../index.js';

/** A column of a table. */
export interface Column {
  readonly title: string;
  /** Numbers stand at the right. @default left */
  readonly align?: 'right';
}

/** Rows below their titles, two blanks between columns. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const cells = [columns.map(({ title }) => title), ...rows.map((row) => row.map(printable))];
  const widths = columns.map((_, i) => Math.max(...cells.map((row) => (row[i] ?? '').length)));
  const line = (row: readonly string[]): string => {
    const padded = columns.map(({ align }, i) => {
      const [cell, width] = [row[i] ?? '', widths[i] as number];
      return align === 'right' ? cell.padStart(width) : cell.padEnd(width);
    });
    return `${padded.join('  ').trimEnd()}\n`;
  };
  return cells.map(line).join('');
}

/** Names and what is told of them, one on each line. */
export function facts(rows: readonly (readonly [string, string])[]): string {
  const width = Math.max(...rows.map(([name]) => name.length));
  return rows.map(([name, value]) => `${name.padEnd(width)}  ${printable(value)}\n`).join('');
}

/** Text from Redis, which anybody may have written: what would steer a terminal is shown as `·`. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '·');
}

/** The answer for programs. */
export function document(answer: object): string {
  return `${JSON.stringify({ version: 1, ...answer }, undefined, 2)}\n`;
}

const KIB = 1_024;

/** `512 B`, `1.4 KiB`, `12 MiB`. */
export function bytes(count: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB'];
  let [amount, unit] = [count, 0];
  while (amount >= KIB && unit < units.length - 1) {
    amount /= KIB;
    unit += 1;
  }
  return `${unit > 0 && amount < 10 ? amount.toFixed(1) : Math.round(amount)} ${units[unit]}`;
}

const SPANS: readonly (readonly [Milliseconds, string])[] = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'min'],
  [1_000, 's'],
  [1, 'ms'],
];

/** `3 s`, `12 min`, `4 d`. */
export function span(duration: Milliseconds): string {
  const long = Math.max(0, Math.round(duration));
  const [size, unit] = SPANS.find(([least]) => long >= 2 * least) ?? [1, 'ms'];
  return `${Math.round(long / size)} ${unit}`;
}

/** An instant to the second, in UTC. */
export function instant(at: Milliseconds): string {
  return new Date(at).toISOString().replace('T', ' ').replace(/\..*/, 'Z');
}

/** `12.5 %`. */
export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

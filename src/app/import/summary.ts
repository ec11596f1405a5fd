import { systemNow } from '../analytics/now.js';
import type { ImportResult } from './importer.js';

const DAY_MS = 86_400_000;

/** What an import did, in lines for people. */
export function summaryOf({ files, runs, syntheticRemoved, newest }: ImportResult, databasePath: string): string {
  const lines = files.map(({ file, rows, notes }) => `${file}: ${rows.toLocaleString('en')} rows: ${notes.join('; ')}`);
  if (syntheticRemoved > 0)
    lines.push(
      `${syntheticRemoved.toLocaleString('en')} synthetic runs made room: real and invented runs are not mixed.`,
    );
  lines.push(`${runs.toLocaleString('en')} runs imported into ${databasePath}.`);
  if (newest === null) lines.push('No run has a time: ask with timeframe=all.');
  else if (isPast(newest))
    lines.push(`The newest run started at ${newest}: such data answer with ANALYTICS_NOW=latest.`);
  return lines.join('\n');
}

function isPast(instant: string): boolean {
  return Date.parse(instant) < systemNow().getTime() - DAY_MS;
}

import type { ImportResult } from './importer.js';

/** What an import did, in lines for people. */
export function summaryOf({ files, runs, syntheticRemoved, newest }: ImportResult, databasePath: string): string {
  const lines = files.map(({ file, rows, notes }) => `${file}: ${rows.toLocaleString('en')} rows: ${notes.join('; ')}`);
  if (syntheticRemoved > 0)
    lines.push(
      `${syntheticRemoved.toLocaleString('en')} synthetic runs made room: real and invented runs are not mixed.`,
    );
  lines.push(`${runs.toLocaleString('en')} runs imported into ${databasePath}.`);
  lines.push(
    newest === null
      ? 'No run has a time: ask with timeframe=all.'
      : `The newest run started at ${newest}: data of the past answer with ANALYTICS_NOW=latest.`,
  );
  return lines.join('\n');
}

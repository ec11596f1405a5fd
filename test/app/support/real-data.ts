import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';

/** A file of the shared data, which lie beside the project and are not part of it. */
export function dataFile(name: string): string {
  return fileURLToPath(new URL(`../../../../shared/data/${name}`, import.meta.url));
}

/** Its rows, read the plain way: none of these files quotes anything. */
export function rowsOf(name: string): Record<string, string>[] {
  const [header = '', ...lines] = gunzipSync(readFileSync(dataFile(name)))
    .toString('utf8')
    .trim()
    .split(/\r?\n/);
  const names = header.split(',');
  return lines.map((line) => {
    const values = line.split(',');
    return Object.fromEntries(names.map((column, i) => [column, values[i] ?? '']));
  });
}

export function sumOf(rows: readonly Record<string, string>[], column: string): number {
  return rows.reduce((sum, row) => sum + Number(row[column]), 0);
}

/** Says nothing. */
export const SILENT = { began: (): void => undefined, ended: (): void => undefined };

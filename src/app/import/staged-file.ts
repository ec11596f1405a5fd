import { stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { Session } from '../database/session.js';
import { type Findings, ImportRefusedError, MOST_NAMED } from './import-problem.js';

/** A file as it lies in a table of the transaction: its columns as text, and `line` beside them. */
export interface StagedFile {
  /** Without its folder: messages and ids do not depend on where it lay. */
  readonly file: string;
  readonly table: string;
  readonly columns: readonly string[];
  readonly rows: number;
}

// Fixed rather than guessed: a sniffer that may skip lines or change the delimiter loses rows without a word.
const CSV = `SELECT row_number() OVER () + 1 AS line, * FROM read_csv($path, all_varchar = true, header = true, delim = ',', quote = '"',
  escape = '"', skip = 0, null_padding = false, store_rejects = true, rejects_table = 'REJECTS', rejects_scan = 'REJECTS_scan')`;
const PARQUET = 'SELECT row_number() OVER () AS line, COLUMNS(*)::VARCHAR FROM read_parquet($path)';

/** Reads the file at `path` into a temporary table. @throws ImportRefusedError when it cannot be read as rows and columns */
export async function stage(session: Session, path: string, index: number): Promise<StagedFile> {
  const file = basename(path);
  const table = `staged_${index}`;
  const rejects = `rejects_${index}`;
  const select = await readerOf(path, file);
  try {
    await session.query(`CREATE TEMP TABLE ${table} AS ${select.replaceAll('REJECTS', rejects)}`, { path });
  } catch (error) {
    throw refused(file, error instanceof Error ? error.message.split('\n', 2).join(' ') : String(error));
  }
  if (select === CSV) await refuseBrokenLines(session, file, rejects);
  const [counted] = await session.query<{ rows: number }>(`SELECT count(*) AS rows FROM ${table}`);
  return { file, table, columns: await columnsOf(session, table), rows: counted?.rows ?? 0 };
}

async function readerOf(path: string, file: string): Promise<string> {
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) throw refused(file, `there is no such file (${path})`);
  if (/\.csv(\.gz)?$/i.test(path)) return CSV;
  if (/\.parquet$/i.test(path)) return PARQUET;
  throw refused(file, 'the name must end in .csv, .csv.gz or .parquet');
}

async function refuseBrokenLines(session: Session, file: string, rejects: string): Promise<void> {
  const broken = await session.query<{ line: number; reason: string }>(
    `SELECT line, error_message AS reason FROM ${rejects} ORDER BY line`,
  );
  if (broken.length === 0) return;
  const first = broken.slice(0, MOST_NAMED).map(({ line, reason }) => ({ file, line, reason }));
  throw new ImportRefusedError([{ count: broken.length, first }]);
}

async function columnsOf(session: Session, table: string): Promise<string[]> {
  const rows = await session.query<{ name: string }>(`SELECT column_name AS name FROM (DESCRIBE ${table})`);
  return rows.map(({ name }) => name).filter((name) => name !== 'line');
}

/** One problem of the whole file. */
export function refused(file: string, reason: string): ImportRefusedError {
  const findings: Findings = { count: 1, first: [{ file, reason }] };
  return new ImportRefusedError([findings]);
}

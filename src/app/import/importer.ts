import { basename } from 'node:path';
import type { Database } from '../database/database.js';
import type { Session } from '../database/session.js';
import { type Findings, ImportRefusedError } from './import-problem.js';
import { type Recognised, recognise } from './mappings.js';
import { MACROS, importRuns } from './run-import.js';
import { type StagedFile, stage } from './staged-file.js';
import { importToolCalls } from './tool-call-import.js';

/** What became of one file. */
interface ImportedFile {
  readonly file: string;
  readonly rows: number;
  /** For people: what was read, what was assumed, what has no place. */
  readonly notes: readonly string[];
}

/** What an import did. */
export interface ImportResult {
  readonly files: readonly ImportedFile[];
  readonly runs: number;
  /** Invented runs that made room for real ones. */
  readonly syntheticRemoved: number;
  /** When the newest run of the database started. */
  readonly newest: string | null;
}

/** Hears how far an import is: each file is read, then written. */
export interface ImportProgress {
  /** `what` is being done to `path`; `percentDone` tells how far that is, whenever asked. */
  began(what: 'reading' | 'writing', file: string, percentDone: () => number): void;
  ended(): void;
}

const PREPARATION = `
SET TimeZone = 'UTC';
SET enable_progress_bar = true;
SET enable_progress_bar_print = false;
SET progress_bar_time = 0;
${MACROS}`;

interface Opened {
  readonly staged: StagedFile;
  readonly recognised: Recognised;
}

/**
 * Loads files into the database: all of all files, or nothing. Runs come before tool calls, whatever the order of the files.
 * @throws ImportRefusedError listing the problems of every file
 */
export async function importFiles(
  database: Database,
  paths: readonly string[],
  progress: ImportProgress,
): Promise<ImportResult> {
  return database.withSession(async (session) => {
    await session.query(PREPARATION);
    const opened = await collect(paths, (path, index) => open(session, path, index, progress));
    return session.transaction(() => takeAll(session, opened, progress));
  });
}

/** Outside the transaction: a file that cannot be read would end it, and the files after it would not be looked at. */
async function open(session: Session, path: string, index: number, progress: ImportProgress): Promise<Opened> {
  progress.began('reading', basename(path), () => session.percentDone);
  const staged = await stage(session, path, index);
  progress.ended();
  return { staged, recognised: recognise(staged) };
}

async function takeAll(session: Session, opened: readonly Opened[], progress: ImportProgress): Promise<ImportResult> {
  const syntheticRemoved = await removeSynthetic(session);
  const runs = opened.filter(({ recognised }) => recognised.kind === 'runs');
  const toolCalls = opened.filter(({ recognised }) => recognised.kind === 'tool-calls');
  const files = await collect([...runs, ...toolCalls], async (file) => {
    progress.began('writing', file.staged.file, () => session.percentDone);
    const imported = await take(session, file);
    progress.ended();
    return imported;
  });
  const [found] = await session.query<{ newest: string | null }>('SELECT max(started_at) AS newest FROM agent_runs');
  return {
    files,
    runs: runs.reduce((sum, { staged }) => sum + staged.rows, 0),
    syntheticRemoved,
    newest: found?.newest ?? null,
  };
}

async function take(session: Session, { staged, recognised }: Opened): Promise<ImportedFile> {
  const { file, rows } = staged;
  if (recognised.kind === 'tool-calls') {
    const { runs } = await importToolCalls(session, staged);
    return {
      file,
      rows,
      notes: [`tool calls, counted into their ${runs.toLocaleString('en')} runs`, 'not kept: which tools'],
    };
  }
  const { renamedIds } = await importRuns(session, staged, recognised);
  const ignored = recognised.ignored.length === 0 ? [] : [`not kept: ${recognised.ignored.join(', ')}`];
  const renamed =
    renamedIds === 0
      ? []
      : [
          `${renamedIds.toLocaleString('en')} ids with other characters than a-z A-Z 0-9 _ . - were renamed (table renamed_ids)`,
        ];
  return { file, rows, notes: [recognised.description, ...ignored, ...renamed] };
}

/** Real and invented runs are not mixed: an answer would be neither. */
async function removeSynthetic(session: Session): Promise<number> {
  const [found] = await session.query<{ count: number }>(
    "SELECT count(*) AS count FROM agent_runs WHERE starts_with(run_id, 'synthetic-')",
  );
  if (found === undefined || found.count === 0) return 0;
  await session.query("DELETE FROM agent_runs WHERE starts_with(run_id, 'synthetic-')");
  return found.count;
}

/** Does `work` for each item in turn; refusals are gathered, so that all files are mended in one go. */
async function collect<T, R>(items: readonly T[], work: (item: T, index: number) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  const findings: Findings[] = [];
  for (const [index, item] of items.entries()) {
    try {
      results.push(await work(item, index));
    } catch (error) {
      if (!(error instanceof ImportRefusedError)) throw error;
      findings.push(...error.findings);
    }
  }
  if (findings.length > 0) throw new ImportRefusedError(findings);
  return results;
}

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Database } from '../../src/app/database/database.js';
import { ImportRefusedError } from '../../src/app/import/import-problem.js';
import { importFiles, type ImportResult } from '../../src/app/import/importer.js';
import { dataFile, SILENT } from './support/real-data.js';

const HEADER = 'run_id,agent_id,status';
let directory: string;
let database: Database;

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'import-'));
  database = await Database.open(':memory:');
});

afterEach(() => {
  database.close();
  rmSync(directory, { recursive: true });
});

function file(name: string, content: string | Buffer): string {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
}

function csv(...lines: string[]): string {
  return file(`runs-${String(lines.length)}.csv`, `${lines.join('\n')}\n`);
}

function load(...paths: string[]): Promise<ImportResult> {
  return importFiles(database, paths, SILENT);
}

/** The reasons for which an import is refused, and that it wrote nothing. */
async function refusal(...paths: string[]): Promise<string[]> {
  const before = await stored();
  const refused: unknown = await load(...paths).catch((error: unknown) => error);
  if (!(refused instanceof ImportRefusedError)) throw new Error('The import was not refused', { cause: refused });
  expect(await stored()).toEqual(before);
  return refused.message
    .split('\n')
    .slice(1)
    .map((line) => line.trim());
}

async function stored(): Promise<object[]> {
  return database.query('SELECT * FROM agent_runs ORDER BY run_id');
}

describe('a file with our own columns', () => {
  it('is imported with every column it has', async () => {
    await load(
      csv(
        'run_id,agent_id,user_id,workspace_id,status,started_at,runtime_seconds,tokens_in,tokens_out,model,tool_calls,credits',
        'r1,a,u,w,failed,2026-01-02T03:04:05Z,1.25,10,20,large,3,0.1234',
      ),
    );
    expect(await stored()).toEqual([
      {
        run_id: 'r1',
        agent_id: 'a',
        user_id: 'u',
        workspace_id: 'w',
        status: 'failed',
        started_at: '2026-01-02T03:04:05.000Z',
        runtime_seconds: 1.25,
        tokens_in: 10,
        tokens_out: 20,
        model: 'large',
        tool_calls: 3,
        credits: 0.1234,
      },
    ]);
  });

  it('is imported without those it has not: unknown people, and null for figures', async () => {
    const { files } = await load(csv(`${HEADER},comment`, 'r1,a,completed,hello'));
    expect(await stored()).toMatchObject([
      {
        user_id: 'unknown',
        workspace_id: 'unknown',
        started_at: null,
        tokens_in: null,
        tool_calls: null,
        credits: null,
      },
    ]);
    expect(files[0]?.notes.join('; ')).toContain('not kept: comment');
  });

  it('reads an offset as one, and a time without as UTC', async () => {
    await load(csv(`${HEADER},started_at`, 'r1,a,failed,2026-01-02T03:04:05+02:00', 'r2,a,failed,2026-01-02 03:04:05'));
    expect(await stored()).toMatchObject([
      { started_at: '2026-01-02T01:04:05.000Z' },
      { started_at: '2026-01-02T03:04:05.000Z' },
    ]);
  });

  it('is read from gzip and from Parquet too', async () => {
    const zipped = file('zipped.csv.gz', gzipSync(`${HEADER}\nr1,a,completed\n`));
    const parquet = join(directory, 'table.parquet');
    await database.query(`COPY (SELECT 'r2' AS run_id, 'b' AS agent_id, 'failed' AS status, 7 AS tokens_in,
      TIMESTAMP '2026-01-02 03:04:05.5' AS started_at) TO '${parquet}'`);
    await load(zipped, parquet);
    expect(await stored()).toMatchObject([
      { run_id: 'r1', agent_id: 'a', tokens_in: null },
      { run_id: 'r2', agent_id: 'b', tokens_in: 7, started_at: '2026-01-02T03:04:05.500Z' },
    ]);
  });
});

it('tells which file is being read and written, and how far that is', async () => {
  const told: string[] = [];
  let ends = 0;
  await importFiles(database, [csv(HEADER, 'r1,a,completed'), file('b.csv', `${HEADER}\nr2,a,failed\n`)], {
    began: (what, name, percentDone) => {
      told.push(`${what} ${name}`);
      expect(percentDone()).toBeGreaterThanOrEqual(0);
    },
    ended: () => (ends += 1),
  });
  expect(told).toEqual(['reading runs-2.csv', 'reading b.csv', 'writing runs-2.csv', 'writing b.csv']);
  expect(ends).toBe(4);
});

describe('ids that a cache key cannot hold', () => {
  it('are renamed in one way for ever, differently for different ids, and can be told back', async () => {
    const { files } = await load(csv(`${HEADER},user_id`, 'r1,my agent,completed,José', 'r2,my:agent,completed,plain'));
    const rows = (await stored()) as { agent_id: string; user_id: string }[];
    expect(rows[0]?.agent_id).toMatch(/^my_agent-[0-9a-f]{12}$/);
    expect(rows[0]?.agent_id).not.toBe(rows[1]?.agent_id);
    expect(rows[1]?.user_id).toBe('plain');
    expect(files[0]?.notes.join('; ')).toContain('3 ids');
    expect(await database.query('SELECT original FROM renamed_ids ORDER BY original')).toEqual(
      ['José', 'my agent', 'my:agent'].map((original) => ({ original })),
    );
    await load(csv(`${HEADER},user_id`, 'r3,my agent,completed,José', 'r4,x,failed,', 'r5,x,failed,'));
    const again = await database.query<{ agent_id: string }>("SELECT agent_id FROM agent_runs WHERE run_id = 'r3'");
    expect(again[0]?.agent_id).toBe(rows[0]?.agent_id);
  });

  it('are renamed where they are too long', async () => {
    await load(csv(HEADER, `r1,${'x'.repeat(300)},completed`));
    const [row] = (await stored()) as { agent_id: string }[];
    expect(row?.agent_id).toMatch(/^x{80}-[0-9a-f]{12}$/);
  });
});

describe('a row that breaks a rule', () => {
  it('is reported with its line, the rule and the value, and nothing is imported', async () => {
    const path = csv(
      `${HEADER},started_at,runtime_seconds,tokens_in,tool_calls,credits`,
      'r1,a,completed,2026-01-01,1,1,1,1',
      'r2,a,done,yesterday,-1,1.5,many,0.12345',
      ',,failed,,,,,',
      'r1,a,failed,,,,,',
    );
    expect(await refusal(path)).toEqual([
      'runs-5.csv:3: credits must be an amount from 0 with at most 4 decimals; received "0.12345"',
      'runs-5.csv:3: runtime_seconds must be a number of seconds from 0; received "-1"',
      'runs-5.csv:3: started_at must be a timestamp (UTC where it has no offset); received "yesterday"',
      'runs-5.csv:3: status must be one of completed, failed, cancelled, timeout; received "done"',
      'runs-5.csv:3: tokens_in must be a whole number from 0; received "1.5"',
      'runs-5.csv:3: tool_calls must be a whole number from 0; received "many"',
      'runs-5.csv:4: agent_id must be given; received nothing',
      'runs-5.csv:4: run_id must be given; received nothing',
      'runs-5.csv:5: run_id must be given once; received "r1" a second time',
    ]);
  });

  it('is found deep in a large file', async () => {
    const lines = Array.from({ length: 50_000 }, (_, i) => `r${i},a,${i === 43_210 ? 'lost' : 'completed'}`);
    expect(await refusal(csv(HEADER, ...lines))).toEqual([
      'runs-50001.csv:43212: status must be one of completed, failed, cancelled, timeout; received "lost"',
    ]);
  });

  it('keeps every other file of the command out', async () => {
    const good = file('good.csv', `${HEADER}\nr9,a,completed\n`);
    expect(await refusal(good, csv(HEADER, 'r1,a,lost'))).toHaveLength(1);
  });

  it('is named twenty times and then counted', async () => {
    const reasons = await refusal(csv(HEADER, ...Array.from({ length: 30 }, (_, i) => `r${i},a,lost`)));
    expect(reasons).toHaveLength(21);
    expect(reasons.at(-1)).toBe('… and 10 more of this kind');
  });
});

describe('a file that cannot be read', () => {
  it.each([
    [
      'broken.csv',
      `${HEADER}\nr1,a,completed\nr2,a,completed,extra\nr3,a\n`,
      'broken.csv:3: Expected Number of Columns: 3',
    ],
    ['quotes.csv', `${HEADER}\nr1,"a,completed\nr2,b,failed\n`, 'quotes.csv'],
    ['latin1.csv', Buffer.from(`${HEADER}\nr1,Jos\xe9,completed\n`, 'latin1'), 'not utf-8'],
    ['semicolons.csv', 'run_id;agent_id;status\nr1;a;completed\n', 'the header must be that of runs'],
    ['empty.csv', '', 'the header must be that of runs'],
    ['plain.csv.gz', `${HEADER}\nr1,a,completed\n`, 'not a GZIP stream'],
    ['table.parquet', 'PAR? no', 'table.parquet'],
    ['runs.xlsx', 'x', 'must end in .csv, .csv.gz or .parquet'],
  ])('%s is refused with the reason', async (name, content, reason) => {
    const reasons = await refusal(file(name, content), file('good.csv', `${HEADER}\nr9,a,completed\n`));
    expect(reasons.join('\n')).toContain(reason);
  });

  it('and one that is not there is named', async () => {
    expect(await refusal(join(directory, 'gone.csv'), directory)).toHaveLength(2);
  });
});

describe('importing again', () => {
  it('refuses runs that are there already', async () => {
    const path = csv(HEADER, 'r1,a,completed');
    await load(path);
    expect(await refusal(path)).toEqual(['runs-2.csv:2: run "r1" is in the database already']);
  });

  it('refuses one run in two files', async () => {
    expect(await refusal(csv(HEADER, 'r1,a,completed'), csv(HEADER, 'r2,a,failed', 'r1,a,completed'))).toHaveLength(1);
  });
});

describe('tool calls', () => {
  const CALLS = 'run_id,step,tool';

  it('are counted into runs that do not say, in this import or an earlier one', async () => {
    await load(csv(HEADER, 'r1,a,completed', 'r2,a,completed'));
    await load(file('calls.csv', `${CALLS}\nr1,1,search\nr1,2,book\n`));
    expect(await stored()).toMatchObject([{ tool_calls: 2 }, { tool_calls: null }]);
  });

  it('of a run that nobody knows are refused', async () => {
    expect(await refusal(dataFile('tau-airline-tool-calls.csv.gz'))).toContainEqual(
      expect.stringContaining('no run "airline-0-0" is known'),
    );
  });

  it('must agree with what the run says', async () => {
    const runs = csv(`${HEADER},tool_calls`, 'r1,a,completed,3');
    const calls = file('calls.csv', `${CALLS}\nr1,1,search\n`);
    expect(await refusal(runs, calls)).toEqual(['calls.csv:2: run "r1" says 3 tool calls, the file has 1']);
  });
});

describe('a database of synthetic runs', () => {
  it('loses them to real ones', async () => {
    await database.query(
      "INSERT INTO agent_runs (run_id, agent_id, user_id, workspace_id, status) VALUES ('synthetic-0000001', '1', '1', '701', 'failed')",
    );
    expect(await load(csv(HEADER, 'r1,a,completed'))).toMatchObject({ syntheticRemoved: 1, runs: 1 });
    expect(await stored()).toMatchObject([{ run_id: 'r1' }]);
  });

  it('keeps them when the import is refused', async () => {
    await database.query(
      "INSERT INTO agent_runs (run_id, agent_id, user_id, workspace_id, status) VALUES ('synthetic-0000001', '1', '1', '701', 'failed')",
    );
    expect(await refusal(csv(HEADER, 'r1,a,lost'))).toHaveLength(1);
  });
});

import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { type Files, type Outcome, run, TREE } from '../guards/sandbox.js';
import { nodePath } from './nodes.js';
import { ProjectCopy } from './project-copy.js';
import type { Row } from './rows.js';
import type { Seen } from './seen.js';
import { serverPath } from './servers.js';

/** Contracts, topologies, faults. The soak is a run of its own. */
const SUITES = ['src/stores/redis', 'test/cache/', 'test/topology/', 'test/faults/', '--exclude', 'test/faults/soak*'];

/** What a row came to. */
export interface Result {
  readonly name: string;
  readonly seen: Seen;
  readonly passed: number;
  readonly failed: number;
  readonly seconds: number;
  /** What did not pass, and where the whole output is; empty when all passed. */
  readonly complaints: readonly string[];
}

/** A node, a directory and an environment to run things with. */
interface Setting {
  readonly directory: string;
  readonly node: string;
  readonly env: Files;
}

/** Gets what a row names, and runs the suites on it. */
export async function runRow(row: Row): Promise<Result> {
  const copy = row.packages && new ProjectCopy(row.packages);
  try {
    return await runIn(settingOf(row, copy?.directory ?? TREE), row);
  } finally {
    await copy?.remove();
  }
}

function settingOf({ node: line, server }: Row, directory: string): Setting {
  const node = line === undefined ? process.execPath : nodePath(line);
  const path = [dirname(node), process.env['PATH']].join(delimiter);
  return {
    directory,
    node,
    env: { PATH: path, CONTRACT_MODES: 'all', ...(server && { TEST_REDIS_SERVER: serverPath(server) }) },
  };
}

async function runIn(setting: Setting, { name, packages, also = [] }: Row): Promise<Result> {
  const seen = await versionsSeen(setting);
  const begun = performance.now();
  const outcomes = [await runSuites(setting, also), ...(packages ? [await checkTypes(setting)] : [])];
  const seconds = (performance.now() - begun) / 1_000;
  return { name, seen, seconds, ...verdictOn(name, outcomes) };
}

async function versionsSeen({ directory, node, env }: Setting): Promise<Seen> {
  const { code, stdout, output } = await run(directory, node, ['--import', 'tsx', 'test/matrix/seen.ts'], env);
  if (code !== 0) throw new Error(`The versions cannot be seen:\n${output}`);
  return JSON.parse(stdout) as Seen;
}

function runSuites({ directory, node, env }: Setting, also: readonly string[]): Promise<Outcome> {
  const vitest = ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--root', '.'];
  return run(directory, node, [...vitest, ...SUITES, ...also], env);
}

/** Type-checks what is published: its declarations name types of these packages. */
async function checkTypes({ directory, node, env }: Setting): Promise<Outcome> {
  const exclude = ['src/app', 'src/main.ts', 'src/dashboard/page', '**/*.spec.ts'];
  const project = { extends: './tsconfig.json', include: ['src'], exclude };
  writeFileSync(join(directory, 'tsconfig.matrix.json'), JSON.stringify(project));
  const compiler = ['node_modules/typescript/bin/tsc', '--noEmit', '--project', 'tsconfig.matrix.json'];
  const outcome = await run(directory, node, compiler, env);
  const tally = outcome.code === 0 ? '1 passed, 0 failed' : '  not passed: the types\n0 passed, 1 failed';
  return { ...outcome, output: `${outcome.output}${tally}\n` };
}

/** Adds up the last lines of the runs. One that ends badly without a failure is a failure. */
function verdictOn(name: string, outcomes: readonly Outcome[]): Pick<Result, 'passed' | 'failed' | 'complaints'> {
  const tallies = outcomes.map(({ code, output }) => {
    const [, passed, failed] = [...output.matchAll(/^(\d+) passed, (\d+) failed$/gm)].at(-1) ?? [];
    return { passed: Number(passed ?? 0), failed: Number(failed ?? 0) || Number(code !== 0 || passed === undefined) };
  });
  const passed = tallies.reduce((sum, tally) => sum + tally.passed, 0);
  const failed = tallies.reduce((sum, tally) => sum + tally.failed, 0);
  if (failed === 0) return { passed, failed, complaints: [] };
  const output = outcomes.map((outcome) => outcome.output).join('\n');
  const file = join(mkdtempSync(join(tmpdir(), 'matrix-log-')), `${name}.txt`);
  writeFileSync(file, output);
  const complaints = [...output.matchAll(/^ {2}not passed: (.*)$/gm)].map(([, complaint = '']) => complaint);
  return { passed, failed, complaints: [...complaints, `all that was said: ${file}`] };
}

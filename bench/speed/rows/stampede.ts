import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Milliseconds } from '../../../src/primitives/units.js';
import { versionOf } from '../../setting.js';
import { type Spread, spreadOf } from '../../support.js';
import { textOf } from '../../table.js';
import { OURS } from '../contenders.js';
import type { Bench } from '../contest.js';
import { PEERS } from '../peers.js';
import { onServer } from '../server.js';
import { CALLERS, LOADER_MS, type Report } from '../stampede-worker.js';

const PROCESSES = 4;
const WORKER = fileURLToPath(new URL('../stampede-worker.ts', import.meta.url));

interface Run {
  readonly loads: number;
  readonly took: Milliseconds;
}

/** Many callers in several processes who want one key at one instant that nobody has. */
export const stampede: Bench = {
  name: 'stampede',
  async run({ passes }) {
    const subjects = [
      OURS,
      ...PEERS.filter(({ sharesLoads }) => sharesLoads).map(({ packages }) => versionOf(packages[0])),
    ];
    const rows: (readonly [string, Spread, Spread])[] = [];
    for (const subject of subjects) {
      const runs = await runsOf(subject, passes);
      rows.push([subject, spreadOf(runs.map(({ loads }) => loads)), spreadOf(runs.map(({ took }) => took))]);
    }
    const [[, loads, took]] = rows as [(typeof rows)[0]];
    const what = `stampede, ${PROCESSES} processes of ${CALLERS} callers`;
    return {
      text: [
        textOf([
          ['', 'loads', 'all answered after, ms'],
          ...rows.map(([title, ...spreads]) => [title, ...spreads.map(cell)]),
        ]),
      ],
      verdicts: [
        { what: `${what}: loads, most of ${passes} runs`, relation: '<=', target: 1, figure: loads.max },
        {
          what: `${what}: all answered, ÷ the loader's ${LOADER_MS} ms`,
          ...{ relation: '<=', target: 1.3, figure: took.median / LOADER_MS },
          spread: `${(took.min / LOADER_MS).toFixed(2)} to ${(took.max / LOADER_MS).toFixed(2)}`,
        },
      ],
    };
  },
};

function cell({ min, median, max }: Spread): string {
  return `${median.toFixed(0)} (${min.toFixed(0)} to ${max.toFixed(0)})`;
}

/** A run to warm up, then `passes` of them, each on a key of its own. */
async function runsOf(subject: string, passes: number): Promise<Run[]> {
  return onServer(async ({ url }) => {
    const workers = Array.from({ length: PROCESSES }, () =>
      fork(WORKER, [subject, url, ...process.argv.filter((word) => word === '--source')], {
        execArgv: ['--import', 'tsx'],
      }),
    );
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    const runs: Run[] = [];
    for (let pass = -1; pass < passes; pass += 1) {
      const run = await rush(workers, `agent:7:report:${pass + 1}`);
      if (pass >= 0) runs.push(run);
    }
    await Promise.all(workers.map((worker) => ended(worker)));
    return runs;
  });
}

async function rush(workers: readonly ChildProcess[], key: string): Promise<Run> {
  const answers = workers.map((worker) => once(worker, 'message') as Promise<[Report]>);
  for (const worker of workers) worker.send(key);
  const reports = (await Promise.all(answers)).map(([report]) => report);
  const loads = reports.reduce((sum, report) => sum + report.loads, 0);
  return { loads, took: Math.max(...reports.map(({ took }) => took)) };
}

async function ended(worker: ChildProcess): Promise<void> {
  const exited = once(worker, 'exit');
  worker.disconnect();
  await exited;
}

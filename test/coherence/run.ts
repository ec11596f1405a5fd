import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RedisServer } from '../support/redis-server.js';
import { Chance } from './chance.js';
import { inflict, type Inflicted } from './faults.js';
import { type Operation, readHistory } from './history.js';
import type { Fault, RunOptions } from './options.js';
import { openPlace } from './places.js';
import { judge, type Verdict } from './verdict.js';
import type { Assignment } from './worker.js';
import { WRITERS } from './writers.js';

/** A run and what it showed. */
export interface RunResult {
  readonly verdict: Verdict;
  readonly operations: readonly Operation[];
  readonly faults: number;
  /** Promises of the module that were rejected and that nobody caught, workers that died, and faults that never came about. */
  readonly mishaps: readonly string[];
}

/** After these a replica serves that may not have all that was acknowledged. */
const LOSING: ReadonlySet<Fault> = new Set<Fault>(['failover', 'kill-primary', 'freeze-primary']);

/** Starts servers and workers, lets them run, does the faults, and judges what they noted. */
export async function runOnce(options: RunOptions): Promise<RunResult> {
  const directory = mkdtempSync(join(tmpdir(), 'coherence-'));
  const proxied = options.faults.includes('partition') || options.faults.includes('delay');
  const place = await openPlace({ ...options, proxied });
  const source = await RedisServer.start();
  const mishaps: string[] = [];
  try {
    const workers = Array.from({ length: options.processes }, (_, process) =>
      startWorker(mishaps, {
        ...{
          process,
          seed: options.seed * 100 + process,
          seconds: options.seconds,
          mode: options.mode,
          mutant: options.mutant,
        },
        rhythm: options.rhythm,
        writePause: (1_000 * WRITERS * options.processes) / options.writes,
        redis: place.redisOf(process),
        sourceUrl: source.url,
        historyFile: join(directory, `${process}.history`),
      }),
    );
    const end = performance.now() + options.seconds * 1_000;
    const victims = { place, workers, isOver: () => performance.now() > end };
    const exits = workers.map((worker) => once(worker, 'exit'));
    const inflicted = await Promise.all(
      options.faults.map((fault, i) => inflict(fault, victims, new Chance(options.seed + i))),
    );
    await Promise.all(exits);
    const operations = workers.flatMap((_, i) => histories(join(directory, `${i}.history`)));
    mishaps.push(...inflicted.filter(({ spans, done }) => spans.length > 0 && done === 0).map(neverDone));
    const failovers = options.waitReplicas > 0 ? [] : inflicted.filter(({ fault }) => LOSING.has(fault));
    const verdict = judge(
      operations,
      failovers.flatMap(({ spans }) => spans),
    );
    return { verdict, operations, faults: inflicted.reduce((sum, { done }) => sum + done, 0), mishaps };
  } finally {
    await Promise.all([place.stop(), source.stop()]);
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Without the fault the run shows nothing. */
function neverDone({ fault, spans, refusal }: Inflicted): string {
  return `${fault} was tried ${spans.length} times and never done: ${String(refusal)}`;
}

function startWorker(mishaps: string[], assignment: Assignment): ChildProcess {
  const file = fileURLToPath(new URL('./worker.ts', import.meta.url));
  const worker = fork(file, [JSON.stringify(assignment)], { execArgv: ['--import', 'tsx'] });
  worker.on('message', (message: { unhandled?: string }) => {
    if (message.unhandled !== undefined) mishaps.push(`unhandled rejection: ${message.unhandled}`);
  });
  worker.on('exit', (code, signal) => {
    if (code !== 0) mishaps.push(`worker ${assignment.process} ended with ${String(code ?? signal)}`);
  });
  return worker;
}

function histories(file: string): Operation[] {
  return existsSync(file) ? [...readHistory(file)] : [];
}

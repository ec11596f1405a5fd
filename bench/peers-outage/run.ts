import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import type { Milliseconds } from '../../src/primitives/units.js';
import { until } from '../../test/support/caches.js';
import { RedisServer } from '../../test/support/redis-server.js';
import type { Assignment, Order, Report } from './driver.js';

/** How Redis fails. `absent`: it is not there when the cache starts. */
export type Fault = 'frozen' | 'killed' | 'absent';

/** What is known of a cache at the end. */
export interface Outcome {
  readonly outage: Extract<Report, { type: 'outage' }> | undefined;
  readonly recovery: Extract<Report, { type: 'recovery' }> | undefined;
  /** Why it did not start. */
  readonly refused: string | undefined;
  /** How the process ended, where it did so before its time. */
  readonly ended: string | undefined;
  /** After Redis was back: how long until reads asked it again, for good. */
  readonly askedAfter: Milliseconds;
}

export const WARM: Milliseconds = 3_000;
export const OUTAGE: Milliseconds = 20_000;
export const AFTER: Milliseconds = 20_000;
const START_LIMIT: Milliseconds = 60_000;
const TALLY_LIMIT: Milliseconds = 5_000;
const BETWEEN_LOOKS: Milliseconds = 250;
/** Keys that were loaded together are asked for together, once in a TTL. */
const LONGEST_LULL: Milliseconds = 3_000;

/** Runs a cache in a process of its own through one fault of a Redis of its own. */
export async function runThrough(name: string, fault: Fault): Promise<Outcome> {
  const server = await RedisServer.start();
  if (fault === 'absent') await server.kill();
  const run = new Run({ name, url: server.url });
  try {
    const started = run.heard('started', START_LIMIT);
    // One that waits for Redis with its start has its outage all the same.
    await (fault === 'absent' ? started.catch(() => undefined) : started.then(() => pause(WARM)));
    const answered = fault === 'frozen' ? await answeredReads(server) : 0;
    if (fault === 'frozen') server.freeze();
    if (fault === 'killed') await server.kill();
    run.send('fault');
    await pause(OUTAGE);
    // Before Redis answers again: on a busy machine its answers could come before the question.
    run.send('tally');
    await run.heard('outage', TALLY_LIMIT).catch(() => undefined);
    if (fault === 'frozen') server.resume();
    else await server.restart();
    run.send('back');
    const askedAfter = await watch(server, answered);
    run.send('end');
    await run.over();
    return run.outcome(askedAfter);
  } finally {
    run.kill();
    await server.stop();
  }
}

/** How long after now Redis begins to answer reads and goes on to until the end; endless where it does not. */
async function watch(server: RedisServer, before: number): Promise<Milliseconds> {
  const start = performance.now();
  let [answered, grown, began, now] = [before, -Infinity, Infinity, 0];
  while (now < AFTER) {
    const count = await answeredReads(server);
    now = performance.now() - start;
    if (count > answered && now > grown + LONGEST_LULL) began = now;
    if (count > answered) grown = now;
    answered = count;
    await pause(BETWEEN_LOOKS);
  }
  return now > grown + LONGEST_LULL ? Infinity : began;
}

async function answeredReads({ url }: RedisServer): Promise<number> {
  const admin = new Redis(url, { disableClientInfo: true });
  const stats = await admin.info('commandstats');
  admin.disconnect();
  return [...stats.matchAll(/cmdstat_m?get:calls=(\d+)/g)].reduce((sum, [, calls]) => sum + Number(calls), 0);
}

class Run {
  readonly #child: ChildProcess;
  readonly #reports: Report[] = [];
  #spoken = '';
  #isEnding = false;
  #ended: string | undefined;

  constructor(assignment: Assignment) {
    const file = fileURLToPath(new URL('./driver.ts', import.meta.url));
    this.#child = fork(file, [JSON.stringify(assignment)], {
      execArgv: ['--expose-gc', '--import', 'tsx'],
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    });
    this.#child.on('message', (report: Report) => this.#reports.push(report));
    this.#child.stderr?.on('data', (chunk: Buffer) => (this.#spoken = (this.#spoken + chunk.toString()).slice(-4_000)));
    this.#child.on('exit', (code, signal) => {
      if (!this.#isEnding) this.#ended = `ended with ${String(code ?? signal)}: ${lastError(this.#spoken)}`;
    });
  }

  send(order: Order): void {
    if (order === 'end') this.#isEnding = true;
    if (this.#child.connected) this.#child.send(order);
  }

  async heard(type: Report['type'], limit: Milliseconds): Promise<void> {
    await until(() => this.#find(type) !== undefined || this.#find('refused') !== undefined || this.#isGone, limit);
  }

  /** Resolves when it has ended; one that is too busy to end is not waited for. */
  async over(): Promise<void> {
    await until(() => this.#isGone, 5_000).catch(() => undefined);
  }

  kill(): void {
    this.#isEnding = true;
    this.#child.kill('SIGKILL');
  }

  outcome(askedAfter: Milliseconds): Outcome {
    const refused = this.#find('refused')?.reason;
    return { outage: this.#find('outage'), recovery: this.#find('recovery'), refused, ended: this.#ended, askedAfter };
  }

  get #isGone(): boolean {
    return this.#child.exitCode !== null || this.#child.signalCode !== null;
  }

  #find<T extends Report['type']>(type: T): Extract<Report, { type: T }> | undefined {
    return this.#reports.find((report): report is Extract<Report, { type: T }> => report.type === type);
  }
}

/** The line of an uncaught error, without addresses and paths. */
function lastError(spoken: string): string {
  const line = spoken.split('\n').findLast((text) => /^\w*Error\b/.test(text)) ?? 'no word';
  return line.replaceAll(/(\/[\w.@-]+)+|[\d.]+:\d+/g, '').slice(0, 80);
}

function pause(ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

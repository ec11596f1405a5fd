import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { CacheModuleOptions } from '../../src/cache/cache-options.js';
import type { Milliseconds } from '../../src/primitives/units.js';
import { until } from '../support/caches.js';
import type { Assignment, CallOrder, Order, Outcomes, ReadOrder, Reads, Report } from './orders.js';

/** One run of a loader. */
export interface Load {
  readonly key: string;
  readonly process: number;
  readonly began: Milliseconds;
  /** Endless while it runs, and for ever where its process was killed. */
  ended: Milliseconds;
}

const START_LIMIT: Milliseconds = 80_000;
const ANSWER_LIMIT: Milliseconds = 80_000;
const STOP_LIMIT: Milliseconds = 15_000;

/** Several processes with an instance of the cache each, and what they load. */
export class Fleet {
  readonly #loads: Load[] = [];

  private constructor(private readonly members: readonly Member[]) {}

  /** Resolves when all of them are connected. */
  static async start(count: number, options: CacheModuleOptions): Promise<Fleet> {
    const members = Array.from({ length: count }, (_, process) => new Member({ process, options }));
    const fleet = new Fleet(members);
    for (const member of members) member.onLoad = (load) => fleet.#loads.push(load);
    try {
      await Promise.all(members.map((member) => member.ready()));
      return fleet;
    } catch (error) {
      for (const { child } of members) child.kill('SIGKILL');
      throw error;
    }
  }

  /** Loads of a key by all processes, in the order in which they were heard of. */
  loadsOf(key: string): readonly Load[] {
    return this.#loads.filter((load) => load.key === key);
  }

  /** What the callers in each process got; empty where it was killed meanwhile. */
  async call(order: Omit<CallOrder, 'type'>): Promise<Outcomes[]> {
    const reports = await this.#tellAll({ ...order, type: 'call' });
    return reports.map((report) => (report?.type === 'called' ? report.outcomes : {}));
  }

  async read(order: Omit<ReadOrder, 'type'>): Promise<Reads[]> {
    const reports = await this.#tellAll({ ...order, type: 'read' });
    return reports.flatMap((report) => (report?.type === 'read' ? [report.reads] : []));
  }

  /** Ends one process as a crash would. */
  kill(process: number): void {
    this.members[process]?.child.kill('SIGKILL');
  }

  /** Lets each process close its cache; resolves with how they ended: 0, or the signal. */
  async stop(): Promise<(number | NodeJS.Signals | null)[]> {
    return Promise.all(this.members.map((member) => member.stop()));
  }

  #tellAll(order: Order): Promise<(Report | undefined)[]> {
    return Promise.all(this.members.map((member) => member.ask(order)));
  }
}

/** The most loads that were under way at one instant. */
export function mostAtOnce(loads: readonly Load[]): number {
  const counts = loads.map(({ began }) => loads.filter((other) => other.began <= began && began < other.ended).length);
  return Math.max(0, ...counts);
}

class Member {
  readonly child: ChildProcess;
  onLoad: (load: Load) => void = () => undefined;
  /** What it has said, but for its loads. */
  readonly #reports: Report[] = [];
  readonly #loads = new Map<number, Load>();

  constructor({ process, options }: Assignment) {
    const file = fileURLToPath(new URL('./worker.ts', import.meta.url));
    this.child = fork(file, [JSON.stringify({ process, options })], { execArgv: ['--import', 'tsx'] });
    this.child.on('message', (report: Report) => this.#hear(process, report));
  }

  async ready(): Promise<void> {
    await until(() => this.#reports.length > 0 || this.#hasEnded, START_LIMIT);
    if (this.#hasEnded) throw new Error('a process of the fleet ended before it was ready');
  }

  /** Its next answer; `undefined` when it ends before. */
  async ask(order: Order): Promise<Report | undefined> {
    const answers = this.#reports.length;
    if (this.child.connected) this.child.send(order);
    await until(() => this.#reports.length > answers || this.#hasEnded, ANSWER_LIMIT);
    return this.#reports[answers];
  }

  async stop(): Promise<number | NodeJS.Signals | null> {
    if (this.child.connected) this.child.send({ type: 'stop' } satisfies Order);
    const timer = setTimeout(() => this.child.kill('SIGKILL'), STOP_LIMIT);
    await until(() => this.#hasEnded, 2 * STOP_LIMIT);
    clearTimeout(timer);
    return this.child.exitCode ?? this.child.signalCode;
  }

  get #hasEnded(): boolean {
    return this.child.exitCode !== null || this.child.signalCode !== null;
  }

  #hear(process: number, report: Report): void {
    if (report.type === 'began') {
      const load = { process, key: report.key, began: report.at, ended: Infinity };
      this.#loads.set(report.load, load);
      this.onLoad(load);
    } else if (report.type === 'ended') {
      const load = this.#loads.get(report.load);
      if (load) load.ended = report.at;
    } else this.#reports.push(report);
  }
}

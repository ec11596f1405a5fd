import { Chance } from '../coherence/chance.js';
import { pause } from '../coherence/context.js';
import type { Flaw } from './flaws.js';
import type { ModeName } from './settings.js';
import { Stage } from './stage.js';
import { DAMAGE } from './damage.js';
import { type Fault, faultsIn } from './fault.js';
import { OUTAGES } from './outages.js';
import { REFUSALS } from './refusals.js';
import { HEAP_GROWTH, RECOVERY_LIMIT_MS, RESIDENT_GROWTH } from './verdict.js';
import type { WorkerProcess } from './worker-process.js';

/** How a soak is done. Durations are milliseconds. */
export interface SoakOptions {
  readonly lasts: number;
  readonly seed: number;
  readonly workers: number;
  /** From one fault to the next. */
  readonly every: number;
  /** @default 'standalone' */
  readonly mode?: ModeName;
  readonly flaw?: Flaw;
  /** Gets a line for each fault. */
  readonly print: (line: string) => void;
}

/** Resident and heap bytes of one process, when it had warmed up and at its end. */
export interface Growth {
  readonly worker: number;
  readonly resident: readonly [start: number, end: number];
  readonly heap: readonly [start: number, end: number];
}

/** What a soak has shown. */
export interface SoakResult {
  readonly reads: number;
  readonly faults: number;
  readonly wrong: readonly string[];
  /** Unhandled rejections and exceptions, unexpected errors, processes that did not end, faults without recovery. */
  readonly mishaps: readonly string[];
  readonly growth: readonly Growth[];
}

const WARM_UP_MS = 3_000;
const LASTS_MS = [300, 4_000] as const;

/** A worker with what is known of it. */
interface Member {
  readonly index: number;
  process: WorkerProcess;
  growth: Growth | undefined;
}

/** Faults that need no server of their own kind. */
function redisFaults(mode: ModeName): readonly Fault[] {
  const all = faultsIn(mode, [...OUTAGES, ...REFUSALS, ...DAMAGE]);
  return all.filter(({ stage, prepare, atStart }) => !stage && !prepare && !atStart);
}

/** Several workers under steady traffic, and one fault after the other, chosen by chance. */
export class Soak {
  readonly #chance: Chance;
  readonly #wrong: string[] = [];
  readonly #mishaps: string[] = [];
  readonly #members: Member[] = [];
  readonly #growth: Growth[] = [];
  #reads = 0;
  #faults = 0;
  #started = 0;

  private constructor(
    private readonly stage: Stage,
    private readonly options: SoakOptions,
  ) {
    this.#chance = new Chance(options.seed);
  }

  static async run(options: SoakOptions): Promise<SoakResult> {
    const stage = await Stage.open({}, options.mode);
    try {
      return await new Soak(stage, options).#run();
    } finally {
      await stage.close();
    }
  }

  async #run(): Promise<SoakResult> {
    const { lasts, every, workers } = this.options;
    for (let index = 0; index < workers; index += 1)
      this.#members.push({ index, process: await this.#start(index), growth: undefined });
    await pause(Math.min(WARM_UP_MS, lasts));
    await this.#collect();
    const end = performance.now() + lasts;
    while (performance.now() < end) {
      const next = performance.now() + every;
      await this.#oneFault();
      await pause(Math.max(0, Math.min(next, end) - performance.now()));
    }
    await this.#collect();
    for (const member of this.#members) await this.#stop(member);
    return {
      ...{ reads: this.#reads, faults: this.#faults, wrong: this.#wrong, mishaps: this.#mishaps },
      growth: this.#growth,
    };
  }

  async #start(index: number): Promise<WorkerProcess> {
    const { seed, workers, flaw } = this.options;
    this.#started += 1;
    const process = await this.stage.startWorker({
      ...{ worker: index, workers, seed: seed * 1_000 + this.#started },
      ...(flaw && { flaw }),
    });
    await process.ask('traffic', {});
    return process;
  }

  /** Hurts something for a while, heals it, and waits until every worker uses Redis again. */
  async #oneFault(): Promise<void> {
    const { name, inflict } = this.#choose();
    const heal = await inflict(this.stage);
    await pause(this.#chance.between(...LASTS_MS));
    await heal();
    await this.stage.setting.untilHealthy();
    this.#faults += 1;
    const recovered = await Promise.all(
      this.#members.map(({ process }) => process.ask('recovered', { limit: RECOVERY_LIMIT_MS })),
    );
    for (const [i, after] of recovered.entries())
      if (after === null) this.#mishaps.push(`worker ${i} did not recover after: ${name}`);
    await this.#collect();
    const slowest = Math.max(...recovered.map((after) => after ?? Infinity));
    this.options.print(
      `${name}: recovered after ${Math.round(slowest)} ms; ${this.#reads} reads, ${this.#wrong.length} wrong, ${this.#mishaps.length} mishaps so far`,
    );
  }

  #choose(): Pick<Fault, 'name' | 'inflict'> {
    const member = this.#chance.pick(this.#members);
    return this.#chance.pick([
      ...redisFaults(this.options.mode ?? 'standalone'),
      this.#frozen(member),
      this.#killed(member),
    ]);
  }

  #frozen({ process: worker, index }: Member): Pick<Fault, 'name' | 'inflict'> {
    return {
      name: `worker ${index} is frozen`,
      inflict: () => {
        process.kill(worker.pid, 'SIGSTOP');
        return Promise.resolve(() => {
          process.kill(worker.pid, 'SIGCONT');
          return Promise.resolve();
        });
      },
    };
  }

  #killed(member: Member): Pick<Fault, 'name' | 'inflict'> {
    return {
      name: `worker ${member.index} is killed and another takes its place`,
      inflict: async () => {
        await member.process.kill();
        this.#ended(member);
        return async () => {
          member.process = await this.#start(member.index);
        };
      },
    };
  }

  async #collect(): Promise<void> {
    for (const member of this.#members) {
      const { reads, wrong, mishaps, resident, heap } = await member.process.ask('phase', {});
      this.#reads += reads;
      this.#wrong.push(...wrong.map((what) => `worker ${member.index}: ${what}`));
      this.#mishaps.push(...mishaps.map((what) => `worker ${member.index}: ${what}`));
      const { growth = { resident: [resident], heap: [heap] } } = member;
      member.growth = {
        worker: member.index,
        resident: [growth.resident[0], resident],
        heap: [growth.heap[0], heap],
      };
    }
  }

  async #stop(member: Member): Promise<void> {
    const exit = await member.process.stop();
    if (exit !== 0) this.#mishaps.push(`worker ${member.index} ended with ${exit}`);
    if (member.process.output !== '') this.#mishaps.push(`worker ${member.index} printed: ${member.process.output}`);
    this.#ended(member);
  }

  #ended(member: Member): void {
    if (member.growth) this.#growth.push(member.growth);
    member.growth = undefined;
  }
}

/** Everything that makes a soak a failure; nothing, as a rule. */
export function faultsOf({ reads, wrong, mishaps, growth }: SoakResult): string[] {
  const found = [...wrong.map((what) => `wrong answer: ${what}`), ...mishaps];
  if (reads === 0) found.push('nothing was read');
  for (const { worker, heap, resident } of growth) {
    if (heap[1] - heap[0] > HEAP_GROWTH)
      found.push(`the heap of worker ${worker} grew from ${heap.join(' to ')} bytes`);
    if (resident[1] - resident[0] > RESIDENT_GROWTH)
      found.push(`resident memory of worker ${worker} grew from ${resident.join(' to ')} bytes`);
  }
  return found;
}

/** The last line of a soak. */
export function summaryOf({ reads, faults, wrong, mishaps, growth }: SoakResult): string {
  const unhandled = mishaps.filter((what) => what.includes('unhandled')).length;
  const memory = growth.map(
    ({ worker, resident: [start, end] }) => `${worker}: ${megabytes(start)} → ${megabytes(end)} MB`,
  );
  return `${reads} reads, ${faults} faults, ${wrong.length} wrong answers, ${unhandled} unhandled rejections, ${mishaps.length} mishaps in all; resident memory of worker ${memory.join(', ')}`;
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1e6);
}

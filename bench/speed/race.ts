import { setTimeout } from 'node:timers/promises';
import type { Milliseconds } from '../../src/primitives/units.js';
import { spreadOf } from '../support.js';
import type { Contender, Contest, Outcome, Pace, Standing } from './contest.js';

/** What one slice of time showed of one contender. */
interface Slice {
  readonly rate: number;
  readonly cpu: number;
  readonly p50: number;
  readonly p95: number;
  readonly p99: number;
}

interface Samples {
  readonly slices: Slice[];
  /** The mean of the base's slices before and after each of them. */
  readonly bases: Pick<Slice, 'rate' | 'cpu'>[];
}

const MOST_TURNS = 1_000_000;
/** Hits in memory alone never let the event loop turn, and then nobody would follow the ledger for the length of a pass. */
const PAUSE: Milliseconds = 5;
/** Slices of each before any counts: an engine compiles a long path only once it has been gone some thousand times. */
const WARM_UP = 10;

/** Runs a contest: all warm up, then passes in which a slice of the base lies between any two of the others. */
export async function compete(contest: Contest, { passes, slice: time }: Pace): Promise<Outcome> {
  const { title, base, others } = contest;
  const track = new Track(contest, time);
  const samples = new Map<Contender, Samples>([base, ...others].map((each) => [each, { slices: [], bases: [] }]));
  try {
    await track.warmUp();
    for (let pass = 0; pass < passes; pass += 1)
      for (const { contender, slice, around } of await track.pass()) add(samples.get(contender), slice, around);
    return { title, standings: [...samples].map(([each, seen]) => standing(each.title, seen)) };
  } finally {
    for (const each of [base, ...others]) await each.close?.();
  }
}

/** A slice, and those of the base before and after it. */
interface Lap {
  readonly contender: Contender;
  readonly slice: Slice;
  readonly around: readonly [Slice, Slice];
}

/** Where slices are run; each contender's turns are counted on from slice to slice. */
class Track {
  readonly #turns = new Map<Contender, number>();
  readonly #took = new Float64Array(MOST_TURNS);

  constructor(
    private readonly contest: Contest,
    private readonly time: Milliseconds,
  ) {}

  async warmUp(): Promise<void> {
    for (const contender of [this.contest.base, ...this.contest.others])
      for (let i = 0; i < WARM_UP; i += 1) await this.#slice(contender);
  }

  async pass(): Promise<Lap[]> {
    const { base, others } = this.contest;
    let before = await this.#slice(base);
    const laps: Lap[] = [{ contender: base, slice: before, around: [before, before] }];
    for (const contender of others) {
      const slice = await this.#slice(contender);
      const after = await this.#slice(base);
      laps.push({ contender, slice, around: [before, after] });
      before = after;
    }
    return laps;
  }

  async #slice(contender: Contender): Promise<Slice> {
    await setTimeout(PAUSE);
    const { callers, operations = 1 } = this.contest;
    let next = this.#turns.get(contender) ?? 0;
    let count = 0;
    const [start, cpu] = [performance.now(), process.cpuUsage()];
    const end = start + this.time;
    const caller = async (): Promise<void> => {
      for (let begun = start; begun < end && count < MOST_TURNS;) {
        await contender.work(next++);
        const ended = performance.now();
        this.#took[count++] = ended - begun;
        begun = ended;
      }
    };
    await Promise.all(Array.from({ length: callers }, caller));
    const [took, { user, system }] = [performance.now() - start, process.cpuUsage(cpu)];
    this.#turns.set(contender, next);
    const sorted = this.#took.subarray(0, count).sort();
    const at = (share: number): number => (1_000 * (sorted[Math.floor(count * share)] ?? NaN)) / operations;
    const done = count * operations;
    return { rate: (1_000 * done) / took, cpu: (user + system) / done, p50: at(0.5), p95: at(0.95), p99: at(0.99) };
  }
}

function add(samples: Samples | undefined, slice: Slice, [before, after]: readonly [Slice, Slice]): void {
  samples?.slices.push(slice);
  samples?.bases.push({ rate: (before.rate + after.rate) / 2, cpu: (before.cpu + after.cpu) / 2 });
}

function standing(title: string, { slices, bases }: Samples): Standing {
  const of = (name: keyof Slice) => spreadOf(slices.map((slice) => slice[name]));
  const toBase = (name: 'rate' | 'cpu') => spreadOf(slices.map((slice, i) => slice[name] / (bases[i]?.[name] ?? NaN)));
  return {
    title,
    ...{ rate: of('rate'), ratio: toBase('rate'), cpu: of('cpu'), cpuRatio: toBase('cpu') },
    ...{ p50: of('p50'), p95: of('p95'), p99: of('p99') },
  };
}

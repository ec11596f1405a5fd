/* One cache in a process of its own, which is read all the time while its Redis fails and comes back. */
import type { Milliseconds } from '../../src/primitives/units.js';
import { Reads, type Tally } from './reads.js';
import type { Read } from './subject.js';
import { findSubjects } from './subjects.js';

/** What it is told in its first argument. */
export interface Assignment {
  readonly name: string;
  readonly url: string;
}

/** What it is told later: that the fault has begun, to tell what came of it, that Redis is back, that all is over. */
export type Order = 'fault' | 'tally' | 'back' | 'end';

/** What it says. */
export type Report =
  | { readonly type: 'started' }
  | { readonly type: 'refused'; readonly reason: string }
  | { readonly type: 'outage'; readonly tally: Tally; readonly errors: readonly string[]; readonly heapGrown: number }
  | {
      readonly type: 'recovery';
      readonly after: Milliseconds;
      readonly loadsPerCall: number;
      readonly pending: number;
    };

const TTL: Milliseconds = 1_000;
const LOAD_MS: Milliseconds = 2;
/** An answer later than this is none that a user waits for. */
const PROMPT: Milliseconds = 250;
/** At the end of the run the cache has to work for so long. */
const CALM: Milliseconds = 3_000;

const { name, url } = JSON.parse(process.argv[2] as string) as Assignment;
let loads: Milliseconds[] = [];
let reads: Reads | undefined;
const began = { fault: NaN, back: NaN };
let heapBefore = heapUsed();

process.on('message', (order: Order) => {
  if (order === 'fault') {
    heapBefore = heapUsed();
    began.fault = performance.now();
  } else if (order === 'tally') {
    tell({ type: 'outage', ...outage(), heapGrown: heapUsed() - heapBefore });
  } else if (order === 'back') {
    began.back = performance.now();
  } else {
    process.send?.({ type: 'recovery', ...recovery() } satisfies Report, () => process.exit(0));
  }
});
try {
  reads = new Reads(await start());
  heapBefore = heapUsed();
  tell({ type: 'started' });
  void reads.run();
} catch (error) {
  tell({ type: 'refused', reason: error instanceof Error ? error.message : String(error) });
}

async function start(): Promise<Read> {
  const subject = (await findSubjects())[name];
  if (!subject) throw new Error('no such cache');
  return subject.start({ url, ttl: TTL, load });
}

async function load(): Promise<object> {
  loads.push(performance.now());
  await new Promise((resolve) => setTimeout(resolve, LOAD_MS));
  return { runs: 1234, success_rate: 0.97, note: 'x'.repeat(100) };
}

function outage(): { tally: Tally; errors: readonly string[] } {
  loads = [];
  const none = { calls: 0, values: 0, empty: 0, failed: 0, pending: 0, longest: 0 };
  // What has only just been asked is no sign of anything.
  const until = performance.now() - PROMPT;
  return { tally: reads?.tally(began.fault, until) ?? none, errors: reads?.errors ?? [] };
}

function recovery(): { after: Milliseconds; loadsPerCall: number; pending: number } {
  if (!reads) return { after: Infinity, loadsPerCall: 1, pending: 0 };
  const now = performance.now();
  const { calls } = reads.tally(now - CALM);
  const lastBad = reads.lastBad(began.back, PROMPT);
  return {
    after: lastBad > now - CALM ? -1 : lastBad - began.back,
    loadsPerCall: loads.filter((at) => at > now - CALM).length / calls,
    pending: reads.tally(began.fault, began.back - PROMPT).pending,
  };
}

function heapUsed(): number {
  globalThis.gc?.();
  return process.memoryUsage().heapUsed / 1_048_576;
}

function tell(report: Report): void {
  process.send?.(report);
}

/* One process of a stampede: an instance of the cache that does what it is told, and tells of each load as it happens. */
import type { Milliseconds } from '../../src/primitives/units.js';
import { startCache } from '../support/caches.js';
import type { Assignment, CallOrder, Order, Outcomes, ReadOrder, Reads, Report } from './orders.js';

const BETWEEN_READS: Milliseconds = 3;

const assignment = JSON.parse(process.argv[2] as string) as Assignment;
const instance = await startCache(assignment.options);
let loads = 0;

process.on('message', (order: Order) => {
  void obey(order);
});
tell({ type: 'ready' });

async function obey(order: Order): Promise<void> {
  if (order.type === 'call') tell({ type: 'called', outcomes: await call(order) });
  if (order.type === 'read') tell({ type: 'read', reads: await read(order) });
  if (order.type !== 'stop') return;
  await instance.close();
  process.disconnect();
}

/** All callers ask before the first of them can have got anything. */
async function call({ key, callers, loadMs, fails = false, entry }: CallOrder): Promise<Outcomes> {
  const one = (): Promise<string> =>
    instance.cache.getOrLoad(key, () => load(key, loadMs, fails), entry).catch((error: unknown) => String(error));
  const outcomes: Record<string, number> = {};
  for (const outcome of await Promise.all(Array.from({ length: callers }, one)))
    outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
  return outcomes;
}

async function read({ key, readers, seconds, loadMs, entry }: ReadOrder): Promise<Reads> {
  const end = monotonic() + 1_000 * seconds;
  const took: Milliseconds[] = [];
  let waited = 0;
  const reader = async (): Promise<void> => {
    while (monotonic() < end) {
      const start = monotonic();
      const { source } = await instance.cache.lookup(key, () => load(key, loadMs), entry);
      took.push(monotonic() - start);
      if (source === 'loader') waited += 1;
      await pause(BETWEEN_READS);
    }
  };
  await Promise.all(Array.from({ length: readers }, reader));
  took.sort((a, b) => a - b);
  return { count: took.length, waited, p99: took[Math.floor(took.length * 0.99)] ?? NaN, max: took.at(-1) ?? NaN };
}

/** The source: its value names the load that made it. */
async function load(key: string, takes: Milliseconds, fails = false): Promise<string> {
  loads += 1;
  const load = loads;
  tell({ type: 'began', load, key, at: monotonic() });
  await pause(takes);
  tell({ type: 'ended', load, key, at: monotonic() });
  if (fails) throw new Error('the source is away');
  return `load ${load} of process ${assignment.process}`;
}

function tell(report: Report): void {
  process.send?.(report);
}

function monotonic(): Milliseconds {
  return Number(process.hrtime.bigint()) / 1e6;
}

function pause(ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

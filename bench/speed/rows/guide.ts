import { Redis } from 'ioredis';
import { seed, type Spread, spreadOf, timed } from '../../support.js';
import { textOf } from '../../table.js';
import { startOursOn } from '../contenders.js';
import type { Bench } from '../contest.js';
import type { Ours } from '../product.js';
import { onServer } from '../server.js';
import { analyticsOf } from '../values.js';

const SAMPLES = 2_000;
const SCANS = 20;
const SCANNED = [1_000, 10_000, 100_000];

/** P95 in milliseconds of one caller, with L1 off, beside what the guide expects. */
export const guide: Bench = {
  name: 'guide',
  async run() {
    const [get, set, remove] = await onServer(async ({ url }) =>
      singles(await startOursOn(url, { memory: { maxEntries: 0 } })),
    );
    const scans: Spread[] = [];
    for (const keys of SCANNED) scans.push(await onServer(({ url }) => scan(url, keys)));
    const rows: (readonly [string, Spread | undefined, string])[] = [
      ['get', get, '< 1'],
      ['set', set, '< 2'],
      ['delete', remove, '< 1'],
      ...scans.map((spread, i) => [`clearPattern, 100 of ${SCANNED[i] ?? 0} keys`, spread, '5 to 50'] as const),
    ];
    const table = rows.map(([what, spread, expected]) => [what, ...[spread?.median, spread?.p95].map(cell), expected]);
    return { text: [textOf([['', 'median, ms', 'P95, ms', 'the guide expects'], ...table])], verdicts: [] };
  },
};

async function singles({ cache, close }: Ours): Promise<Spread[]> {
  const value = analyticsOf('200 B');
  const took: [number[], number[], number[]] = [[], [], []];
  for (let i = -200; i < SAMPLES; i += 1) {
    const key = `agent:${i + 200}:stats:7d`;
    const set = await timed(() => cache.set(key, value));
    const get = await timed(() => cache.get(key));
    const remove = await timed(() => cache.delete(key));
    if (i >= 0) for (const [at, ms] of [get, set, remove].entries()) took[at]?.push(ms);
  }
  await close();
  return took.map(spreadOf);
}

/** A pattern of 100 keys among many. */
async function scan(url: string, keys: number): Promise<Spread> {
  const redis = new Redis(url, { disableClientInfo: true });
  const { cache, close } = await startOursOn(url);
  const all = function* (from: number, to: number): Generator<{ key: string; tags: string[] }> {
    for (let i = from; i < to; i += 1) yield { key: `user:${Math.floor(i / 100)}:item:${i}`, tags: [] };
  };
  await seed(redis, all(0, keys));
  const took: number[] = [];
  for (let i = 0; i < SCANS; i += 1) {
    took.push(await timed(() => cache.clearPattern('user:3:*')));
    await seed(redis, all(300, 400));
  }
  await close();
  redis.disconnect();
  return spreadOf(took);
}

function cell(ms: number | undefined): string {
  return ms === undefined ? '' : ms.toFixed(2);
}

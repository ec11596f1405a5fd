/* npm run bench:cluster: hits in L2 on a Cluster of three primaries beside those on one server, in turns. */
import { parseArgs } from 'node:util';
import { Redis } from 'ioredis';
import type { Milliseconds } from '../src/primitives/units.js';
import { startCache, type TestCache } from '../test/support/caches.js';
import { RedisCluster } from '../test/support/redis-cluster.js';
import { RedisServer } from '../test/support/redis-server.js';
import { judge, machine, type Row, spreadOf } from './support.js';
import { textOf } from './table.js';

/** One way to read. */
interface Shape {
  readonly title: string;
  /** How many hits one call is. */
  readonly hits: number;
  readonly read: (instance: TestCache, i: number) => Promise<unknown>;
}

/** What one slice of time showed. */
interface Slice {
  /** Hits per second. */
  readonly rate: number;
  /** Microseconds of this process's time on a core per hit. */
  readonly work: number;
}

const KEYS = 1_000;
const TOGETHER = 50;
const CALLERS = [1, 64, 256];
const VALUE = { runs: 1234, success_rate: 0.97, tokens: 456_789, runtime_p95: 12.5, note: 'x'.repeat(100) };

const SHAPES: readonly Shape[] = [
  { title: 'default', hits: 1, read: async ({ cache }, i) => [await cache.get(keyOf(i))] },
  {
    title: 'strict',
    hits: 1,
    read: async ({ cache }, i) => [await cache.get(keyOf(i), { consistency: 'strict' })],
  },
  {
    title: `getMany of ${TOGETHER}`,
    hits: TOGETHER,
    read: ({ cache }, i) => cache.getMany(Array.from({ length: TOGETHER }, (_, at) => keyOf(i * TOGETHER + at))),
  },
];

/** A key with one tag besides that of everything. */
function keyOf(i: number): string {
  return `agent:${i % KEYS}:stats`;
}

async function slice(instance: TestCache, { read, hits }: Shape, callers: number, time: Milliseconds): Promise<Slice> {
  let count = 0;
  const [start, work] = [performance.now(), process.cpuUsage()];
  const caller = async (number: number): Promise<void> => {
    for (let i = number; performance.now() < start + time; i += callers) {
      const values = await read(instance, i);
      if (!Array.isArray(values) || values.includes(null)) throw new Error('a miss where a hit was set up');
      count += hits;
    }
  };
  await Promise.all(Array.from({ length: callers }, (_, number) => caller(number)));
  const { user, system } = process.cpuUsage(work);
  return { rate: (1_000 * count) / (performance.now() - start), work: (user + system) / count };
}

/** Both in turns: one server, the Cluster, one server. */
async function compare([alone, cluster]: Pair, shape: Shape, callers: number): Promise<[string[], Row]> {
  const ratios: number[] = [];
  const seen = { alone: [] as Slice[], cluster: [] as Slice[] };
  for (let pass = -1; pass < passes; pass += 1) {
    const before = await slice(alone, shape, callers, time);
    const subject = await slice(cluster, shape, callers, time);
    const after = await slice(alone, shape, callers, time);
    // The first pass only warms up.
    if (pass < 0) continue;
    seen.alone.push(before, after);
    seen.cluster.push(subject);
    ratios.push((2 * subject.rate) / (before.rate + after.rate));
  }
  const { min, median, max } = spreadOf(ratios);
  const cells = [
    ...[shape.title, String(callers), rateOf(seen.alone), rateOf(seen.cluster)],
    ...[workOf(seen.alone), workOf(seen.cluster), `${median.toFixed(2)} (${min.toFixed(2)} to ${max.toFixed(2)})`],
  ];
  return [cells, [`${shape.title}, ${callers} at once: Cluster ÷ one server`, median, '>=', 0.8]];
}

type Pair = readonly [alone: TestCache, cluster: TestCache];

function rateOf(slices: readonly Slice[]): string {
  const { min, median, max } = spreadOf(slices.map(({ rate }) => rate));
  return `${thousands(median)} (${thousands(min)} to ${thousands(max)})`;
}

function workOf(slices: readonly Slice[]): string {
  return spreadOf(slices.map(({ work }) => work)).median.toFixed(1);
}

function thousands(rate: number): string {
  return `${(rate / 1_000).toFixed(1)}k`;
}

const { values } = parseArgs({
  options: { passes: { type: 'string', default: '10' }, milliseconds: { type: 'string', default: '400' } },
});
const [passes, time] = [Number(values.passes), Number(values.milliseconds)];
const server = await RedisServer.start();
const servers = await RedisCluster.start({ replicasEach: 0 });
const redis = new Redis(server.url, { disableClientInfo: true });
// No L1: every read goes to Redis. A deadline that a busy machine does not reach.
const common = { memory: { maxEntries: 0 }, defaultTtl: 3_600 };
const pair: Pair = [
  await startCache({ ...common, redis: { url: server.url, commandTimeoutMs: 5_000 } }),
  await startCache({ ...common, redis: { mode: 'cluster', nodes: servers.urls, commandTimeoutMs: 5_000 } }),
];
for (const { cache } of pair) await cache.setMany(Array.from({ length: KEYS }, (_, i) => [keyOf(i), VALUE] as const));

console.log(`# Hits in L2 on three primaries and on one (${await machine(redis)}, ${passes} passes of 3 × ${time} ms)`);
const head = [
  '',
  'at once',
  'one server, hits/s',
  'Cluster, hits/s',
  'µs of work per hit, one server',
  'Cluster',
  'ratio',
];
const [table, rows]: [string[][], Row[]] = [[head], []];
for (const shape of SHAPES) {
  for (const callers of CALLERS) {
    const [cells, row] = await compare(pair, shape, callers);
    table.push(cells);
    rows.push(row);
  }
}
console.log(textOf(table));
judge(rows);
for (const instance of pair) await instance.close();
redis.disconnect();
await server.stop();
await servers.stop();

/*
 * npm run bench:dashboard: the share of a processor that the dashboard costs an instance under traffic, with one page open
 * against none. Interleaved in one run, against a Redis of its own; the page is another process, as a browser is.
 */
import 'reflect-metadata';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { CacheDashboardModule, CacheModule, CacheService, defineKey, InvalidationService } from '../src/index.js';
import { Dashboard } from '../src/dashboard/dashboard.js';
import { RedisServer } from '../test/support/redis-server.js';
import { judge, show, spreadOf } from './support.js';

const PASSES = 30;
const WINDOW_MS = 4_000;
const SETTLE_MS = 500;
const ENTRIES = 10_000;
const READS_PER_SECOND = 2_000;
const INVALIDATIONS_PER_SECOND = 5;
const BEAT_MS = 10;
const TEMPLATES = Array.from({ length: 30 }, (_, i) => defineKey(`thing${i}:{id}:stats`, { ttl: 3_600 }));

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

const redis = await RedisServer.start();
const app = await NestFactory.create(
  {
    module: class Root {
      readonly name = 'bench';
    },
    imports: [
      EventEmitterModule.forRoot(),
      CacheModule.forRoot({ redis: { url: redis.url }, templates: TEMPLATES, memory: { maxEntries: 2 * ENTRIES } }),
      CacheDashboardModule.forRoot(),
    ],
  },
  { logger: false },
);
await app.listen(0, '127.0.0.1');
const [cache, invalidation, { feed }] = [app.get(CacheService), app.get(InvalidationService), app.get(Dashboard)];
const url = `http://127.0.0.1:${((app.getHttpServer() as Server).address() as AddressInfo).port}/cache/stream`;

const read = (n: number): Promise<unknown> => {
  const template = TEMPLATES[n % TEMPLATES.length];
  if (!template) throw new RangeError('no template');
  return cache.getOrLoad(template({ id: Math.floor(n / TEMPLATES.length) }), () => ({
    n,
    note: 'x'.repeat(80),
  }));
};
for (let n = 0; n < ENTRIES; n += 500) await Promise.all(Array.from({ length: 500 }, (_, i) => read(n + i)));

let beats = 0;
/** Most of it is read from memory, as in an instance that is warm. */
const traffic = setInterval(() => {
  beats += 1;
  for (let i = 0; i < (READS_PER_SECOND * BEAT_MS) / 1_000; i += 1) void read((beats * 7_919 + i * 104_729) % ENTRIES);
  if (beats % (1_000 / BEAT_MS / INVALIDATIONS_PER_SECOND) === 0)
    void invalidation.keys([`thing0:${beats % 300}:stats`], { cause: 'bench' });
}, BEAT_MS);

async function opened(): Promise<ChildProcess> {
  const page = spawn(process.execPath, [
    '-e',
    `fetch('${url}').then(async ({ body }) => { for await (const _ of body); })`,
  ]);
  while (feed.clients === 0) await sleep(10);
  return page;
}

async function closed(page: ChildProcess): Promise<void> {
  page.kill();
  await once(page, 'exit');
  while (feed.clients > 0) await sleep(10);
}

/** Percent of one processor, by the time that the process has worked. */
async function share(): Promise<number> {
  const [before, start] = [process.cpuUsage(), performance.now()];
  await sleep(WINDOW_MS);
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 10 / (performance.now() - start);
}

async function withPage(): Promise<number> {
  const page = await opened();
  await sleep(SETTLE_MS);
  const measured = await share();
  await closed(page);
  return measured;
}

async function withoutPage(): Promise<number> {
  await sleep(SETTLE_MS);
  return share();
}

const samples = { open: [] as number[], closed: [] as number[], again: [] as number[] };
await withPage();
for (let pass = 0; pass < PASSES; pass += 1) {
  // Which comes first changes, as whatever the machine does beside it changes slowly.
  const order = [
    async () => samples.closed.push(await withoutPage()),
    async () => samples.open.push(await withPage()),
    async () => samples.again.push(await withoutPage()),
  ];
  for (const measure of pass % 2 === 0 ? order : order.toReversed()) await measure();
}
clearInterval(traffic);
await app.close();
await redis.stop();

const differences = (one: readonly number[], other: readonly number[]): number[] =>
  one.map((each, i) => each - (other[i] ?? NaN));
console.log(`no page open:    ${show(spreadOf(samples.closed), '%')} of a processor`);
console.log(`no page, again:  ${show(spreadOf(samples.again), '%')} of a processor`);
console.log(`one page open:   ${show(spreadOf(samples.open), '%')} of a processor`);
const [cost, noise] = [differences(samples.open, samples.closed), differences(samples.again, samples.closed)].map(
  spreadOf,
);
console.log(
  `the page:        ${show(cost as never, '%')}, where two runs without one differ by ${show(noise as never, '%')}`,
);
judge([['what an open page costs, % of a processor (median of pairs)', cost?.median ?? NaN, '<=', 1]]);

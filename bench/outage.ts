/* npm run bench:outage -- --seconds 60 --rate 500: what readers notice of a Redis that freezes under load and comes back. */
import 'reflect-metadata';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import { Redis } from 'ioredis';
import { type AnyCacheEvent, CacheEvents, CacheModule, CacheService, type Lookup } from '../src/index.js';
import type { Milliseconds } from '../src/primitives/units.js';
import { RedisServer } from '../test/support/redis-server.js';
import { OpenLoop, type Window } from './open-loop.js';
import { judge, machine, show, spreadOf } from './support.js';

const KEYS = 5_000;
const LANES = 10;
const LOAD_MS = 2;
const WARM: Milliseconds = 10_000;
/** The longest pause between two attempts to connect, and a little. */
const RECOVERY: Milliseconds = 33_000;
/** Longer than any run: nothing expires on its own. */
const TTL = { ttl: 3_600 };
const MIB = 1_048_576;
/** Hits are back when so many of the requests of a span are answered from the cache. */
const [SPAN, SHARE] = [100, 0.95];

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, rate: { type: 'string', default: '500' } },
});
const [seconds, rate] = [Number(values.seconds), Number(values.rate)];

/** When the circuit of reads changed, and to what. */
interface Turn {
  readonly at: Milliseconds;
  readonly state: 'closed' | 'open' | 'half-open';
}

const keyOf = (request: number): string => `report:${(request * 7) % KEYS}`;

/** The source: nothing but a wait, so that what is measured is not the source's own work. */
async function load(request: number): Promise<object> {
  await pause(LOAD_MS);
  return { runs: request, success_rate: 0.97, tokens: 456_789, runtime_p95: 12.5, note: 'x'.repeat(100) };
}

function pause(ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What is resident and what of the heap is in use, in MiB, after a collection. */
function memory(): { resident: number; heap: number } {
  globalThis.gc?.();
  const { rss, heapUsed } = process.memoryUsage();
  return { resident: rss / MIB, heap: heapUsed / MIB };
}

const showMemory = ({ resident, heap }: ReturnType<typeof memory>): string =>
  `${resident.toFixed(1)} MiB resident, ${heap.toFixed(1)} MiB of heap in use`;

/** Every key in both tiers, so that the memory of the process is as large as it gets. */
async function fill(cache: CacheService): Promise<void> {
  const lane = async (first: number): Promise<void> => {
    for (let i = first; i < KEYS; i += LANES)
      // Again where a busy machine let the deadline of a command pass.
      while (!(await cache.lookup(keyOf(i), () => load(i), TTL)).stored) await pause(10);
  };
  await Promise.all(Array.from({ length: LANES }, (_, i) => lane(i)));
}

function turnsOf(events: CacheEvents): Turn[] {
  const turns: Turn[] = [];
  events.subscribe((event: AnyCacheEvent) => {
    if (event.type === 'circuit.changed' && event.circuit === 'read')
      turns.push({ at: performance.now(), state: event.state });
  });
  return turns;
}

function tell(title: string, traffic: OpenLoop, window: Window): void {
  const { bare, cached, added } = traffic.loads(window);
  console.log(`${title}: ${window.to - window.from} requests, ${traffic.hits(window)} answered from memory`);
  console.log(`  bare loader:       ${show(spreadOf(bare))}`);
  console.log(`  through the cache: ${show(spreadOf(cached))}`);
  console.log(`  added:             ${show(spreadOf(added))}`);
}

/** Resolves when hits are back, or may be expected no more. */
async function recovery(traffic: OpenLoop, resumed: Milliseconds): Promise<void> {
  const from = traffic.at(resumed);
  while (performance.now() < resumed + RECOVERY && hitsAgain(traffic, { from, to: traffic.issued }) === Infinity)
    await pause(100);
}

/** When requests began to be answered from the cache again. */
function hitsAgain(traffic: OpenLoop, { from, to }: Window): Milliseconds {
  for (let i = from; i + SPAN <= to; i += 1)
    if (traffic.isHit(i) && traffic.hits({ from: i, to: i + SPAN }) >= SHARE * SPAN) return traffic.begun(i);
  return Infinity;
}

const server = await RedisServer.start();
const admin = new Redis(server.url, { disableClientInfo: true });
console.log(`# Redis frozen for ${seconds} s under ${rate} requests/s on ${KEYS} keys (${await machine(admin)})`);
admin.disconnect();
const app = await NestFactory.createApplicationContext(CacheModule.forRoot({ redis: { url: server.url } }), {
  logger: ['error'],
});
const cache = app.get(CacheService);
const turns = turnsOf(app.get(CacheEvents));
await fill(cache);

const cached = (i: number): Promise<Lookup<unknown>> => cache.lookup(keyOf(i), () => load(i), TTL);
const traffic = new OpenLoop(rate, seconds, { cached, bare: load });
const running = traffic.run();
await pause(WARM);
const [frozen, memoryBefore] = [performance.now(), memory()];
server.freeze();
await pause(1_000 * seconds);
const [resumed, memoryAfter] = [performance.now(), memory()];
server.resume();
await recovery(traffic, resumed);
traffic.stop();
await running;
await pause(1_000);

const opened = turns.find(({ at, state }) => state === 'open' && at >= frozen)?.at ?? Infinity;
const [freeze, open, resume] = [traffic.at(frozen), traffic.at(opened), traffic.at(resumed)];
const probes = turns.filter(({ at, state }) => state === 'half-open' && at < resumed).length;
const recovered = hitsAgain(traffic, { from: resume, to: traffic.issued });
const atRest = { from: 0, to: freeze };
const whole = { from: 0, to: traffic.issued };
console.log(`before the freeze: ${traffic.hits(atRest)} of ${freeze} requests answered from the cache`);
tell(`frozen, until the circuit opened after ${((opened - frozen) / 1_000).toFixed(2)} s`, traffic, {
  from: freeze,
  to: Math.min(open, resume),
});
tell(`frozen, the circuit open but for ${probes} probes`, traffic, { from: Math.min(open, resume), to: resume });
console.log(`memory when it froze: ${showMemory(memoryBefore)}; just before it went on: ${showMemory(memoryAfter)}`);
const added = spreadOf(traffic.loads({ from: Math.min(open, resume), to: resume }).added);
judge([
  ['added after the circuit opened, median ms', added.median, '<=', 1],
  ['added after the circuit opened, p99 ms', added.p99, '<=', 5],
  ['resident memory at the end ÷ at the start', memoryAfter.resident / memoryBefore.resident, '<=', 1.1],
  ['requests without an answer', traffic.pending(whole), '<=', 0],
  ['requests answered with an error', traffic.failed, '<=', 0],
  ['seconds from SIGCONT until hits again', (recovered - resumed) / 1_000, '<=', RECOVERY / 1_000],
]);
await app.close();
await server.stop();

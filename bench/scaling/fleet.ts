import { type ChildProcess, fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { Redis } from 'ioredis';
import type { Milliseconds, Seconds } from '../../src/primitives/units.js';
import { startCache, type TestCache, until } from '../../test/support/caches.js';
import { RedisServer } from '../../test/support/redis-server.js';
import { type Spread, spreadOf } from '../support.js';
import { type Assignment, type Drop, monotonic, type Order, type Report } from './fleet-orders.js';
import { type Use, useOf } from './server-meter.js';

/** How large a fleet, and how it is used. */
export interface FleetPlan {
  readonly instances: number;
  readonly processes: number;
  /** Invalidations per second, and for how long. */
  readonly rate: number;
  readonly seconds: Seconds;
}

/** What a fleet on one ledger showed. */
export interface FleetFigures extends FleetPlan {
  readonly connections: number;
  /** Of the server, while nothing happens and while something is invalidated. */
  readonly idle: Use;
  readonly busy: Use;
  /** From the acknowledgement of an invalidation until an instance has dropped its copy; 0 where it had before. */
  readonly lag: Spread;
  /** Copies that had to be dropped, and those that were. */
  readonly expected: number;
  readonly dropped: number;
  /** How often an instance missed something and forgot all. */
  readonly gaps: number;
}

/** An invalidation that was acknowledged. */
interface Invalidation {
  readonly key: string;
  readonly acknowledged: Milliseconds;
}

const START_LIMIT: Milliseconds = 120_000;
const ANSWER_LIMIT: Milliseconds = 120_000;
const IDLE: Seconds = 5;
/** What is on its way still is given so long. */
const SETTLE: Milliseconds = 3_000;

/** Starts a fleet on a server of its own and invalidates, one key after another, what every instance has in memory. */
export async function runFleet(plan: FleetPlan): Promise<FleetFigures> {
  const server = await RedisServer.start();
  const redis = new Redis(server.url, { disableClientInfo: true });
  const options = { redis: { url: server.url, commandTimeoutMs: 5_000 }, defaultTtl: 3_600 };
  const author = await startCache(options);
  const each = Math.ceil(plan.instances / plan.processes);
  const members = Array.from({ length: plan.processes }, () => new Member({ instances: each, options }));
  try {
    await Promise.all(members.map((member) => member.heard('ready', START_LIMIT)));
    return { ...plan, instances: each * plan.processes, ...(await play(plan, { redis, author, members })) };
  } finally {
    for (const member of members) member.stop();
    await author.close();
    redis.disconnect();
    await server.stop();
  }
}

async function play(
  { rate, seconds }: FleetPlan,
  { redis, author, members }: { redis: Redis; author: TestCache; members: readonly Member[] },
): Promise<Omit<FleetFigures, keyof FleetPlan>> {
  const keys = Array.from({ length: rate * seconds }, (_, i) => `item:${i}`);
  // One by one: the first and last records of the ledger are sent at each turn, and are short as a rule.
  for (const key of keys) await author.cache.set(key, { key });
  const warmed = await Promise.all(members.map((member) => member.ask({ type: 'warm', keys }, 'warmed')));
  const connections = Number(/connected_clients:(\d+)/.exec(await redis.info('clients'))?.[1]) - 1;
  const idle = await useOf(redis, () => pause(1_000 * IDLE));
  const invalidations: Invalidation[] = [];
  const busy = await useOf(redis, async () => {
    invalidations.push(...(await invalidateAll(author, keys, 1_000 / rate)));
  });
  await pause(SETTLE);
  const told = await Promise.all(members.map((member) => member.ask({ type: 'tell' }, 'drops')));
  const drops = told.flatMap((report) => report.drops);
  return {
    connections,
    idle,
    busy,
    lag: spreadOf(lagsOf(invalidations, drops)),
    expected: warmed.reduce((sum, { copies }) => sum + copies, 0),
    dropped: drops.length,
    gaps: told.reduce((sum, report) => sum + report.gaps, 0),
  };
}

/** Deletes the keys at an even pace that does not wait for the one before. */
async function invalidateAll(
  { cache }: TestCache,
  keys: readonly string[],
  every: Milliseconds,
): Promise<Invalidation[]> {
  const start = performance.now();
  const pending = keys.map(async (key, i) => {
    await pause(start + i * every - performance.now());
    await cache.delete(key);
    return { key, acknowledged: monotonic() };
  });
  return Promise.all(pending);
}

function lagsOf(invalidations: readonly Invalidation[], drops: readonly Drop[]): Milliseconds[] {
  const acknowledged = new Map(invalidations.map((each) => [each.key, each.acknowledged]));
  return drops.map(([key, at]) => Math.max(0, at - (acknowledged.get(key) ?? NaN)));
}

/** One process of the fleet. */
class Member {
  readonly #child: ChildProcess;
  readonly #reports: Report[] = [];

  constructor(assignment: Assignment) {
    const file = fileURLToPath(new URL('./fleet-worker.ts', import.meta.url));
    this.#child = fork(file, [JSON.stringify(assignment)], { execArgv: ['--import', 'tsx'] });
    this.#child.on('message', (report: Report) => this.#reports.push(report));
  }

  ask<T extends Report['type']>(order: Order, answer: T): Promise<Extract<Report, { type: T }>> {
    this.#child.send(order);
    return this.heard(answer, ANSWER_LIMIT);
  }

  /** Its report of that type. */
  async heard<T extends Report['type']>(type: T, limit: Milliseconds): Promise<Extract<Report, { type: T }>> {
    const find = (): Extract<Report, { type: T }> | undefined =>
      this.#reports.find((report): report is Extract<Report, { type: T }> => report.type === type);
    await until(() => find() !== undefined || this.#child.exitCode !== null, limit);
    const report = find();
    if (!report) throw new Error('a process of the fleet ended before its time');
    return report;
  }

  stop(): void {
    if (this.#child.connected) this.#child.send({ type: 'stop' } satisfies Order);
    setTimeout(() => this.#child.kill('SIGKILL'), SETTLE).unref();
  }
}

function pause(ms: Milliseconds): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, Math.max(0, ms)));
}

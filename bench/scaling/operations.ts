import type { Redis } from 'ioredis';
import type { Milliseconds } from '../../src/primitives/units.js';
import { startCache, type TestCache } from '../../test/support/caches.js';
import { useOf } from './server-meter.js';

/** What one operation costs a server. */
export interface Cost {
  readonly what: string;
  /** Microseconds of its core where each comes by itself, and where 64 callers of one instance ask at once. */
  readonly alone: number;
  readonly together: number;
  /** Bytes that it receives and sends. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly commands: number;
}

/** Every operation whose cost the plan needs. */
export interface OperationCosts {
  readonly hit: Cost;
  readonly strict: Cost;
  readonly load: Cost;
  readonly set: Cost;
  readonly byTag: Cost;
}

/** A value whose JSON has about 200 bytes. */
export const VALUE = { runs: 1234, success_rate: 0.97, tokens: 456_789, runtime_p95: 12.5, note: 'x'.repeat(120) };
const KEYS = 1_000;
const TOGETHER = 64;

type Operation = (instance: TestCache, i: number) => Promise<unknown>;

/** Measures each operation on a server, for `time` alone and as long together. */
export async function measureOperations(redis: Redis, url: string, time: Milliseconds): Promise<OperationCosts> {
  // No L1: every read goes to Redis. No spacing: each invalidation is sent by itself.
  const instance = await startCache({
    redis: { url, commandTimeoutMs: 5_000 },
    memory: { maxEntries: 0 },
    invalidationSpacingMs: 0,
    defaultTtl: 3_600,
  });
  const cost = (what: string, operation: Operation): Promise<Cost> =>
    costOf(what, { redis, time, operate: (i) => operation(instance, i) });
  try {
    await instance.cache.setMany(Array.from({ length: KEYS }, (_, i) => [keyOf(i), VALUE] as const));
    return {
      hit: await cost('a hit', ({ cache }, i) => cache.get(keyOf(i % KEYS))),
      strict: await cost('a strict hit', ({ cache }, i) => cache.get(keyOf(i % KEYS), { consistency: 'strict' })),
      load: await cost('a miss, loaded and stored', ({ cache }, i) => cache.getOrLoad(keyOf(fresh(i)), () => VALUE)),
      set: await cost('a `set`', ({ cache }, i) => cache.set(keyOf(i % KEYS), VALUE)),
      byTag: await cost('an invalidation of a tag', ({ invalidation }, i) => invalidation.tags([`agent:${i % KEYS}`])),
    };
  } finally {
    await instance.close();
  }
}

/** A key with one tag besides that of everything. */
function keyOf(i: number): string {
  return `agent:${i}:stats`;
}

let used = KEYS;

/** A number that no key has had. */
function fresh(_: number): number {
  used += 1;
  return used;
}

async function costOf(
  what: string,
  { redis, time, operate }: { redis: Redis; time: Milliseconds; operate: (i: number) => Promise<unknown> },
): Promise<Cost> {
  const measure = async (callers: number): Promise<Omit<Cost, 'what' | 'alone' | 'together'> & { core: number }> => {
    let count = 0;
    const caller = async (number: number, end: number): Promise<void> => {
      for (let i = number; performance.now() < end; i += callers) {
        await operate(i);
        count += 1;
      }
    };
    const run = (end: number): Promise<unknown> =>
      Promise.all(Array.from({ length: callers }, (_, number) => caller(number, end)));
    await run(performance.now() + time / 10);
    count = 0;
    const use = await useOf(redis, () => run(performance.now() + time));
    return {
      core: (1e6 * use.core) / count,
      bytesIn: use.bytesIn / count,
      bytesOut: use.bytesOut / count,
      commands: use.commands / count,
    };
  };
  const { core: alone, ...traffic } = await measure(1);
  const { core: together } = await measure(TOGETHER);
  return { what, alone, together, ...traffic };
}

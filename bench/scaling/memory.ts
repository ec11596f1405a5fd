import { performance } from 'node:perf_hooks';
import { Redis } from 'ioredis';
import { encodeEnvelope } from '../../src/codec/envelope.js';
import { encodeRecord } from '../../src/engine/invalidation-record.js';
import { EVERYTHING } from '../../src/engine/generations.js';
import { Keyspace } from '../../src/stores/redis/keyspace.js';
import { RedisServer } from '../../test/support/redis-server.js';
import { usedMemory } from './server-meter.js';

/** Bytes of a server's memory. */
export interface MemoryCosts {
  /** One entry by the length of its JSON, with one tag. */
  readonly entries: readonly { readonly payload: number; readonly bytes: number }[];
  /** One generation, with its share of the tables of names and of times to live; and what MEMORY USAGE says. */
  readonly generation: number;
  readonly generationAlone: number;
  /** The whole ledger, and its records. */
  readonly ledger: number;
  readonly records: number;
}

// A little below a power of two, as the tables of names grow in powers of two: like 1,000,000.
const COUNT = 62_500;
const RECORDS = 12_000;
const LEDGER_LENGTH = 10_000;
const DAY_MS = 86_400_000;
const TOKEN = 'seed-token01';

/** Writes what the cache would write into servers of their own, and asks for the memory it took. */
export async function measureMemory(payloads: readonly number[]): Promise<MemoryCosts> {
  const names = new Keyspace('shadower');
  const entries = [];
  for (const payload of payloads)
    entries.push({ payload, bytes: (await grown((i) => [names.entry(keyOf(i)), entryOf(i, payload)])).each });
  const generations = await grown((i) => [names.generation(`agent:${i}`), TOKEN]);
  const { bytes, records } = await ledgerOf(names);
  return { entries, generation: generations.each, generationAlone: generations.alone, ledger: bytes, records };
}

function keyOf(i: number): string {
  return `agent:${i}:stats:30d`;
}

function entryOf(i: number, payload: number): Buffer {
  const now = performance.timeOrigin + performance.now();
  const stamps = [`agent:${i}`, EVERYTHING].map((tag) => ({ tag, token: TOKEN }));
  const head = { key: keyOf(i), version: 1, loadedAt: now, freshUntil: now + 1, keepUntil: now + 2, loadTook: 5 };
  return encodeEnvelope({ ...head, stamps }, JSON.stringify('x'.repeat(payload - 2)));
}

async function grown(pairOf: (i: number) => readonly [string, string | Buffer]) {
  return within(async (redis) => {
    const before = await usedMemory(redis);
    for (let from = 0; from < COUNT; from += 2_500) {
      const pipeline = redis.pipeline();
      for (let i = from; i < from + 2_500; i += 1) pipeline.set(...pairOf(i), 'PX', DAY_MS);
      await pipeline.exec();
    }
    const [name] = pairOf(COUNT / 2);
    return { each: ((await usedMemory(redis)) - before) / COUNT, alone: Number(await redis.memory('USAGE', name)) };
  });
}

async function ledgerOf({ ledger }: Keyspace): Promise<{ bytes: number; records: number }> {
  return within(async (redis) => {
    const pipeline = redis.pipeline();
    for (let i = 0; i < RECORDS; i += 1) {
      const tags = [{ tag: `agent:${i}`, token: TOKEN, cause: 'agent.changed' }];
      const text = encodeRecord({ origin: TOKEN, at: 1.7e12 + i, tags, keys: [], patterns: [], again: false });
      pipeline.xadd(ledger, 'MAXLEN', '~', LEDGER_LENGTH, '*', 'r', text);
    }
    await pipeline.exec();
    const bytes = Number(await redis.memory('USAGE', ledger, 'SAMPLES', 0));
    return { bytes, records: await redis.xlen(ledger) };
  });
}

async function within<T>(work: (redis: Redis) => Promise<T>): Promise<T> {
  const server = await RedisServer.start();
  const redis = new Redis(server.url, { disableClientInfo: true });
  try {
    return await work(redis);
  } finally {
    redis.disconnect();
    await server.stop();
  }
}

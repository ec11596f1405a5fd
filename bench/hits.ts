/* npm run bench:hits: what tags cost a hit in L2, how many commands a hit takes, and what a storm of events costs. */
import { EventEmitter2 } from '@nestjs/event-emitter';
import { Redis } from 'ioredis';
import { EventBinder } from '../src/cache/event-binder.js';
import { resolveOptions } from '../src/cache/cache-options.js';
import { startCache, type TestCache } from '../test/support/caches.js';
import { RedisServer } from '../test/support/redis-server.js';
import { judge, machine, show, spreadOf } from './support.js';

const CALLERS = 64;
const KEYS = 1_000;
const PASSES = 12;
const VALUE = { runs: 1234, success_rate: 0.97, tokens: 456_789, runtime_p95: 12.5, note: 'x'.repeat(100) };

/** Hits per second of 64 callers for a while. */
async function hits(instance: TestCache, keyOf: (i: number) => string, milliseconds: number): Promise<number> {
  let count = 0;
  const start = performance.now();
  const end = start + milliseconds;
  const caller = async (number: number): Promise<void> => {
    for (let i = number; performance.now() < end; i += CALLERS) {
      if ((await instance.cache.get(keyOf(i % KEYS))) === null) throw new Error('a miss where a hit was set up');
      count += 1;
    }
  };
  await Promise.all(Array.from({ length: CALLERS }, (_, number) => caller(number)));
  return (1_000 * count) / (performance.now() - start);
}

async function tagged(instance: TestCache): Promise<number> {
  const keys = {
    tagged: (i: number): string => `user:${i}:agent:${i}:workspace:w`,
    plain: (i: number): string => `item:${i}:of:a:plain:key`,
  };
  for (let i = 0; i < KEYS; i += 1)
    await instance.cache.setMany(
      [
        [keys.tagged(i), VALUE],
        [keys.plain(i), VALUE],
      ],
      { ttl: 3_600 },
    );
  await hits(instance, keys.tagged, 500);
  const ratios: number[] = [];
  for (let pass = 0; pass < PASSES; pass += 1) {
    const [before, ofTagged, after] = [
      await hits(instance, keys.plain, 300),
      await hits(instance, keys.tagged, 300),
      await hits(instance, keys.plain, 300),
    ];
    ratios.push((2 * ofTagged) / (before + after));
  }
  console.log(`  hits with 3 tags ÷ without: ${show(spreadOf(ratios), '')}`);
  return spreadOf(ratios).median;
}

async function commandsPerHit(instance: TestCache, redis: Redis, consistency: 'default' | 'strict'): Promise<number> {
  const calls = async (): Promise<number> =>
    Number(/cmdstat_mget:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  const all = async (): Promise<number> =>
    Number(/total_commands_processed:(\d+)/.exec(await redis.info('stats'))?.[1] ?? 0);
  const [mgets, commands] = [await calls(), await all()];
  for (let i = 0; i < 200; i += 1) await instance.cache.get(`user:${i}:agent:${i}:workspace:w`, { consistency });
  const [moreMgets, moreCommands] = [await calls(), await all()];
  console.log(
    `  ${consistency}: ${(moreMgets - mgets) / 200} MGET per hit; all commands, the ledger's reader included, ${((moreCommands - commands) / 200).toFixed(2)}`,
  );
  return (moreMgets - mgets) / 200;
}

/** 10,000 events a second for 5 s on one emitter; returns changes of generations per second. */
async function storm(instance: TestCache, redis: Redis): Promise<{ changes: number; grown: number }> {
  const emitter = new EventEmitter2();
  const binder = new EventBinder(instance.runtime, resolveOptions({}), emitter);
  binder.onModuleInit();
  const sets = async (): Promise<number> =>
    Number(/cmdstat_set:calls=(\d+)/.exec(await redis.info('commandstats'))?.[1] ?? 0);
  globalThis.gc?.();
  const [memory, before] = [process.memoryUsage().heapUsed, await sets()];
  for (let batch = 0; batch < 500; batch += 1) {
    for (let i = 0; i < 100; i += 1) void emitter.emitAsync('metric.changed', { id: 'cpu' });
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  globalThis.gc?.();
  binder.onModuleDestroy();
  return { changes: ((await sets()) - before) / 5, grown: (process.memoryUsage().heapUsed - memory) / 1_048_576 };
}

const server = await RedisServer.start();
const redis = new Redis(server.url, { disableClientInfo: true });
const instance = await startCache({ redis: { url: server.url, commandTimeoutMs: 5_000 }, memory: { maxEntries: 0 } });
console.log(`# Hits in L2 (${await machine(redis)})`);
const ratio = await tagged(instance);
const byDefault = await commandsPerHit(instance, redis, 'default');
const strictly = await commandsPerHit(instance, redis, 'strict');
const { changes, grown } = await storm(instance, redis);
judge([
  ['hits with tags ÷ without', ratio, '>=', 0.8],
  ['reads of Redis per hit, default', byDefault, '<=', 1],
  ['round trips per hit, strict', strictly, '<=', 1],
  ['generation changes per second under 10,000 events/s on one metric', changes, '<=', 110],
  ['heap grown by 50,000 events, MiB', grown, '<=', 8],
]);
await instance.close();
redis.disconnect();
await server.stop();

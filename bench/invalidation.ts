/* npm run bench:invalidation: what invalidating costs, beside the SCAN + UNLINK recipe, and what a sweep costs readers. */
import { Redis } from 'ioredis';
import { startCache, type TestCache } from '../test/support/caches.js';
import { RedisServer } from '../test/support/redis-server.js';
import { judge, machine, seed, show, spreadOf, timed } from './support.js';

const TAGGED = 10_000;
const SMALL = 20_000;
const LARGE = 1_000_000;
const TAG = 'user:hot';

function* entries(from: number, to: number): Generator<{ key: string; tags: string[] }> {
  for (let i = from; i < to; i += 1) {
    const isTagged = i < TAGGED;
    yield isTagged
      ? { key: `user:hot:item:${i}`, tags: [TAG] }
      : { key: `agent:a${i % 5_000}:item:${i}`, tags: [`agent:a${i % 5_000}`] };
  }
}

/** What people write by hand: walk over everything, delete what matches, pipelined. */
async function scanAndUnlink(redis: Redis): Promise<number> {
  let cursor = '0';
  let deleted = 0;
  do {
    const [next, names] = await redis.scan(cursor, 'MATCH', 'shadower:e:{user:hot:*', 'COUNT', 1_000);
    cursor = next;
    const pipeline = redis.pipeline();
    for (const name of names) pipeline.unlink(name);
    if (names.length > 0) await pipeline.exec();
    deleted += names.length;
  } while (cursor !== '0');
  return deleted;
}

async function compare(instance: TestCache, redis: Redis, rounds: number): Promise<{ tag: number; recipe: number }> {
  const [byTag, byRecipe]: [number[], number[]] = [[], []];
  for (let round = 0; round < rounds; round += 1) {
    for (let i = 0; i < 40; i += 1)
      byTag.push(await timed(() => instance.runtime.invalidator.invalidate({ tags: [TAG], cause: 'bench' })));
    await seed(redis, entries(0, TAGGED));
    byRecipe.push(await timed(() => scanAndUnlink(redis)));
    await seed(redis, entries(0, TAGGED));
  }
  console.log(`  tag:           ${show(spreadOf(byTag))}`);
  console.log(`  SCAN + UNLINK: ${show(spreadOf(byRecipe))}`);
  const [tag, recipe] = [spreadOf(byTag).median, spreadOf(byRecipe).median];
  console.log(`  ratio ${(recipe / tag).toFixed(0)}`);
  return { tag, recipe };
}

/** Latencies of reads from L2 by 16 callers for a while. */
async function read(instance: TestCache, milliseconds: number, latencies: number[]): Promise<void> {
  const end = performance.now() + milliseconds;
  const caller = async (number: number): Promise<void> => {
    for (let i = number; performance.now() < end; i += 16) {
      const key = `agent:a${(TAGGED + (i % 50_000)) % 5_000}:item:${TAGGED + (i % 50_000)}`;
      latencies.push(await timed(() => instance.cache.get(key)));
    }
  };
  await Promise.all(Array.from({ length: 16 }, (_, number) => caller(number)));
}

async function sweepBesideReads(instance: TestCache): Promise<number> {
  const [alone, beside]: [number[], number[]] = [[], []];
  let scanned = 0;
  for (let pass = 0; pass < 10; pass += 1) {
    await read(instance, 700, alone);
    const sweeper = await startCache(options);
    const sweeping = sweeper.invalidation.sweep();
    await read(instance, 700, beside);
    scanned += sweeper.invalidation.sweepProgress().scanned;
    sweeper.runtime.sweeper.stop();
    await sweeping;
    await sweeper.close();
  }
  console.log(`  reads alone:          ${show(spreadOf(alone))}`);
  console.log(`  reads beside a sweep: ${show(spreadOf(beside))} (${scanned} entries swept meanwhile)`);
  return spreadOf(beside).p99 / spreadOf(alone).p99;
}

const server = await RedisServer.start();
const redis = new Redis(server.url, { disableClientInfo: true });
// No L1: every read goes to Redis. No spacing: each invalidation is sent by itself, so its own cost is measured.
const options = {
  redis: { url: server.url, commandTimeoutMs: 5_000 },
  memory: { maxEntries: 0 },
  invalidationSpacingMs: 0,
  sweep: { restMs: 3_600_000 },
};
const instance = await startCache(options);
console.log(`# Invalidation (${await machine(redis)})`);
await seed(redis, entries(0, SMALL));
console.log(`${SMALL} keys, ${TAGGED} of them tagged`);
const small = await compare(instance, redis, 5);
await seed(redis, entries(SMALL, LARGE));
console.log(`${LARGE} keys, ${TAGGED} of them tagged`);
const large = await compare(instance, redis, 5);
console.log(`${LARGE} keys, a sweep`);
const slowdown = await sweepBesideReads(instance);
judge([
  ['SCAN + UNLINK ÷ tag at 1,000,000 keys', large.recipe / large.tag, '>=', 500],
  ['tag at 1,000,000 keys ÷ at 20,000', large.tag / small.tag, '<=', 1.5],
  ['p99 of reads beside a sweep ÷ alone', slowdown, '<=', 1.5],
]);
await instance.close();
redis.disconnect();
await server.stop();

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { LoadOptions } from '../../src/cache/call-options.js';
import { RedisServer } from '../support/redis-server.js';
import { Fleet, type Load, mostAtOnce } from './fleet.js';
import type { Reads } from './orders.js';

/* One key of half a second that three processes read all the time, and a source that takes 100 ms. */
const PROCESSES = 3;
const READERS = 8;
const SECONDS = 5;
const LOAD_MS = 100;
const TTL = 0.5;
const LIMIT = 90_000;

let redis: RedisServer;
let fleet: Fleet;
beforeAll(async () => {
  redis = await RedisServer.start();
  // No deadline of a command may pass on a loaded machine: without Redis each process loads for itself.
  fleet = await Fleet.start(PROCESSES, { redis: { url: redis.url, commandTimeoutMs: 10_000 } });
}, LIMIT);
afterAll(async () => {
  expect(await fleet.stop()).toEqual([0, 0, 0]);
  await redis.stop();
});

async function readOneKey(
  key: string,
  options: LoadOptions,
): Promise<{ loads: readonly Load[]; reads: readonly Reads[] }> {
  const work = { key, loadMs: LOAD_MS, entry: { ttl: TTL, ...options } };
  await fleet.call({ ...work, callers: 1 });
  const reads = await fleet.read({ ...work, readers: READERS, seconds: SECONDS });
  return { loads: fleet.loadsOf(key), reads };
}

/** The key expired again and again while it was read. */
function expectTraffic(loads: readonly Load[], reads: readonly Reads[]): void {
  expect(loads.length).toBeGreaterThan(3);
  for (const { count } of reads) expect(count).toBeGreaterThan(100);
}

describe('a hot key that expires while it is read', { timeout: LIMIT }, () => {
  it('is loaded by one at a time, and nobody waits where a stale value is allowed', async () => {
    const { loads, reads } = await readOneKey('hot:stale', { grace: 60 });

    expectTraffic(loads, reads);
    expect(mostAtOnce(loads)).toBe(1);
    expect(reads.map(({ waited }) => waited)).toEqual([0, 0, 0]);
    for (const { p99 } of reads) expect(p99).toBeLessThan(LOAD_MS);
  });

  it.each([
    ['off', 0],
    ['on', 1],
  ])('is loaded by one at a time where none is, with early expiry by chance %s', async (_, beta) => {
    const { loads, reads } = await readOneKey(`hot:fresh:${beta}`, { grace: 0, beta });

    expectTraffic(loads, reads);
    expect(mostAtOnce(loads)).toBe(1);
  });
});

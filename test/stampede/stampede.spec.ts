import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { Fleet, type Load, mostAtOnce } from './fleet.js';
import type { Outcomes } from './orders.js';

/* Real processes on a real Redis. Loads are counted at the source: a process tells of each as it begins. */
const PROCESSES = 4;
const CALLERS = 1_000;
const ENTRY = { ttl: 300 };
const LIMIT = 90_000;

let redis: RedisServer;
beforeAll(async () => {
  redis = await RedisServer.start();
});
afterAll(() => redis.stop());

function startFleet(leaseMs: number): Promise<Fleet> {
  // No deadline of a command may pass on a loaded machine: without Redis each process loads for itself.
  return Fleet.start(PROCESSES, { redis: { url: redis.url, commandTimeoutMs: 10_000 }, leaseMs, leaseWaitMs: 60_000 });
}

/** What all callers of all processes got. */
function total(outcomes: readonly Outcomes[]): Outcomes {
  const sum: Record<string, number> = {};
  for (const [outcome, count] of outcomes.flatMap((one) => Object.entries(one)))
    sum[outcome] = (sum[outcome] ?? 0) + count;
  return sum;
}

function loadsPerProcess(loads: readonly Load[]): number[] {
  return Array.from({ length: PROCESSES }, (_, process) => loads.filter((load) => load.process === process).length);
}

describe('1,000 callers in each of 4 processes, on a key that nobody has', { timeout: LIMIT }, () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(10_000);
  }, LIMIT);
  afterAll(async () => {
    expect(await fleet.stop()).toEqual([0, 0, 0, 0]);
  });

  it('cause one load of 50 ms in all, and all get its value', async () => {
    const key = 'report:cold';
    const outcomes = await fleet.call({ key, callers: CALLERS, loadMs: 50, entry: ENTRY });

    const loads = fleet.loadsOf(key);
    expect(loads).toHaveLength(1);
    const value = `load 1 of process ${String(loads[0]?.process)}`;
    expect(total(outcomes)).toEqual({ [value]: PROCESSES * CALLERS });
  });

  it('share the rejection of the load they waited for: no process asks a source twice that has failed them', async () => {
    const key = 'report:broken';
    const outcomes = await fleet.call({ key, callers: CALLERS, loadMs: 200, fails: true, entry: ENTRY });

    expect(total(outcomes)).toEqual({ 'Error: the source is away': PROCESSES * CALLERS });
    expect(Math.max(...loadsPerProcess(fleet.loadsOf(key)))).toBe(1);
    expect(mostAtOnce(fleet.loadsOf(key))).toBe(1);
  });
});

describe('a lease of one second', { timeout: LIMIT }, () => {
  let fleet: Fleet;
  beforeAll(async () => {
    fleet = await startFleet(1_000);
  }, LIMIT);
  afterAll(async () => {
    expect((await fleet.stop()).map((end) => end === 0)).toContain(true);
  });

  it('is renewed while a load takes four: one load in all', async () => {
    const key = 'report:slow';
    const outcomes = await fleet.call({ key, callers: CALLERS, loadMs: 4_000, entry: ENTRY });

    expect(fleet.loadsOf(key)).toHaveLength(1);
    expect(Object.values(total(outcomes))).toEqual([PROCESSES * CALLERS]);
  });

  it('ends with the process that holds it: killed in the middle of its load, two loads began, and the other 3,000 get the value', async () => {
    const key = 'report:orphaned';
    const calls = fleet.call({ key, callers: CALLERS, loadMs: 3_000, entry: ENTRY });
    await until(() => fleet.loadsOf(key).length > 0);
    const killed = fleet.loadsOf(key)[0]?.process ?? -1;
    fleet.kill(killed);
    const outcomes = await calls;

    const [first, second, ...others] = fleet.loadsOf(key);
    expect(first?.ended).toBe(Infinity);
    expect(second?.process).not.toBe(killed);
    expect(others).toEqual([]);
    expect(Object.values(total(outcomes))).toEqual([(PROCESSES - 1) * CALLERS]);
    expect(outcomes[killed]).toEqual({});
  });
});

import 'reflect-metadata';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { CacheRuntime } from '../../src/cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../../src/cache/tokens.js';
import { shippedUsers } from '../support/acl.js';
import { until } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { Fleet, gate, type Instance, Page } from './fleet.js';

const HOT = 'shadower:e:{#hot}';
const WARMING = { hotKeys: 5, windowMs: 60_000 };

/** Page 0 is read most, then page 1, and so on. */
async function readMuch(instance: Instance, pages = 20): Promise<void> {
  for (let turn = 0; turn < pages; turn += 1) for (let id = 0; id + turn < pages; id += 1) await instance.read(id);
}

const following = (instance: Instance): Promise<void> =>
  until(() => {
    const { view, clock } = instance.app.get<CacheRuntime>(CACHE_RUNTIME);
    return view.lease.holds(clock.now());
  });

describe('the keys that are read most', () => {
  let server: RedisServer;
  let admin: Redis;
  let fleet: Fleet;
  beforeAll(async () => {
    server = await RedisServer.start();
    admin = new Redis(server.url, { disableClientInfo: true });
  });
  afterAll(async () => {
    admin.disconnect();
    await server.stop();
  });
  beforeEach(() => {
    fleet = new Fleet({ redis: { url: server.url }, warming: WARMING });
  });
  afterEach(async () => {
    fleet.source.gate?.open();
    await fleet.close();
    await admin.flushall();
  });
  /** An instance that follows Redis: what it counts before it would be lost with it. */
  const started = async (): Promise<Instance> => {
    const instance = await fleet.start();
    await following(instance);
    return instance;
  };
  const stored = async (): Promise<string> => (await admin.get(HOT)) ?? '';
  /** All that was cached is gone, as after a night, and what was counted is not. */
  const expire = async (): Promise<void> => {
    const entries = (await admin.keys('shadower:e:*')).filter((name) => !name.includes('#'));
    if (entries.length > 0) await admin.del(...entries);
  };

  it('are written when an instance stops, a few and none of the others', async () => {
    const first = await started();
    await readMuch(first);
    await first.app.close();
    const { keys } = JSON.parse((await stored()).slice(12)) as { keys: [string, number][] };
    expect(keys.map(([name]) => name)).toEqual([0, 1, 2, 3, 4].map((id) => `page:${id}`));
    expect((await stored()).length).toBeLessThan(300);
  });

  it('are loaded again when an instance starts, hottest first, before anybody asks', async () => {
    const first = await started();
    await readMuch(first);
    await first.app.close();
    await expire();
    fleet.source.asked.length = 0;
    const second = await fleet.start();
    expect(await second.ended()).toMatchObject({ plan: 'preloading', how: 'done', progress: { keys: 5, loaded: 5 } });
    expect(fleet.source.asked.slice(0, 2).toSorted()).toEqual(['0', '1']);
    expect(second.cache.peek(Page({ id: 4 }))).toBe('page 4');
  });

  it('come into memory from Redis where that has them, with no load', async () => {
    const first = await started();
    await readMuch(first);
    await first.app.close();
    fleet.source.asked.length = 0;
    const second = await fleet.start();
    await until(() => second.cache.peek(Page({ id: 0 })) !== undefined);
    expect(fleet.source.asked).toEqual([]);
    expect(second.of('warm-up.began')).toHaveLength(0);
  });

  it('are loaded once by two instances after everything was invalidated', async () => {
    const [one, two] = [await started(), await started()];
    await readMuch(one);
    // What was counted is written by whoever stops.
    const third = await started();
    await readMuch(third);
    await third.app.close();
    fleet.source.asked.length = 0;
    await two.invalidation.all();
    await until(() => [one, two].every((each) => each.cache.peek(Page({ id: 0 })) !== undefined), 8_000);
    expect(fleet.source.asked.toSorted()).toEqual(['0', '1', '2', '3', '4']);
  });

  it('stay where they are after an invalidation that concerns few of them', async () => {
    const first = await started();
    await readMuch(first);
    await first.app.close();
    const second = await fleet.start();
    await until(() => second.cache.peek(Page({ id: 0 })) !== undefined);
    fleet.source.asked.length = 0;
    await second.invalidation.pattern('page:1');
    await new Promise((resolve) => setTimeout(resolve, 2_500));
    expect(fleet.source.asked).toEqual([]);
  });

  it('are loaded again where they are invalidated meanwhile, and nothing stale is left', async () => {
    const first = await started();
    await readMuch(first);
    await first.app.close();
    await expire();
    fleet.source.asked.length = 0;
    fleet.source.gate = gate();
    const second = await fleet.start();
    await until(() => fleet.source.asked.length === 2);
    await second.invalidation.all();
    fleet.source.gate.open();
    await second.ended();
    // What was being loaded is not cached, and what is loaded after it is.
    expect(await second.cache.get(Page({ id: 0 }))).toBeNull();
    expect(await second.cache.get(Page({ id: 4 }))).toBe('page 4');
  });

  it('of several instances are added up', async () => {
    const [one, two] = [await started(), await started()];
    for (let i = 0; i < 6; i += 1) await one.read(1);
    for (let i = 0; i < 4; i += 1) await one.read(2);
    for (let i = 0; i < 4; i += 1) await two.read(2);
    await one.app.close();
    await two.app.close();
    const { keys } = JSON.parse((await stored()).slice(12)) as { keys: [string, number][] };
    expect(keys.map(([name, weight]) => [name, Math.round(weight)])).toEqual([
      ['page:2', 8],
      ['page:1', 6],
    ]);
  });

  it('are neither counted nor written where the option is 0', async () => {
    const first = await fleet.start([], { warming: { hotKeys: 0 } });
    await readMuch(first);
    await first.app.close();
    expect(await stored()).toBe('');
  });

  it('that nobody can load any more, or that are not ours, are left out', async () => {
    const list = {
      at: Date.now(),
      keys: [
        ['page:7', 9],
        ['gone:1', 8],
        ['page:1:2', 7],
      ],
    };
    await admin.set(HOT, `${'x'.repeat(12)}${JSON.stringify(list)}`);
    const first = await started();
    expect(await first.ended()).toMatchObject({ progress: { keys: 1, loaded: 1 } });
    expect(fleet.source.asked).toEqual(['7']);
  });

  it('are forgotten where what is written cannot be read', async () => {
    await admin.set(HOT, 'no');
    const first = await started();
    await readMuch(first);
    await first.app.close();
    expect(await stored()).toContain('page:0');
  });

  it("are the process's own without Redis, and loaded again after everything was invalidated", async () => {
    const alone = new Fleet({ warming: { hotKeys: 5, windowMs: 100 } });
    const only = await alone.start();
    await readMuch(only);
    await new Promise((resolve) => setTimeout(resolve, 400));
    alone.source.asked.length = 0;
    await only.invalidation.all();
    await until(() => only.cache.peek(Page({ id: 0 })) !== undefined);
    await only.ended();
    expect(alone.source.asked.toSorted()).toEqual(['0', '1', '2', '3', '4']);
    await alone.close();
  });
});

it('what is warmed and counted needs no right that the shipped user has not', async () => {
  const server = await RedisServer.start({ users: shippedUsers() });
  const fleet = new Fleet({ redis: { url: server.url }, warming: WARMING });
  const first = await fleet.start();
  await following(first);
  await readMuch(first);
  await first.invalidation.all();
  await first.app.close();
  const second = await fleet.start();
  expect(await second.ended()).toMatchObject({ how: 'done', progress: { loaded: 5 } });
  const failed = [...first.events, ...second.events].filter((event) => event.type === 'remote.failed');
  expect(failed).toEqual([]);
  await fleet.close();
  await server.stop();
});

import 'reflect-metadata';
import type { INestApplication } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it } from 'vitest';
import { Caches } from '../../src/cache/caches.js';
import {
  CacheEvents,
  CacheModule,
  CacheService,
  cacheToken,
  type InvalidationService,
  invalidationToken,
  type RedisOptions,
} from '../../src/index.js';
import { passwordOf, serverUsers } from '../support/acl.js';
import { until } from '../support/caches.js';
import { RedisCluster } from '../support/redis-cluster.js';

let cluster: RedisCluster;
beforeAll(async () => {
  cluster = await RedisCluster.start({ users: serverUsers('shadower') });
});
afterAll(() => cluster.stop());

const apps: INestApplication[] = [];
/** What the servers could not make sense of, such as a command on names of several slots. */
const refused: string[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

async function application(names: readonly string[]): Promise<INestApplication> {
  // Primaries only: the client stays connected to whatever it is told of.
  const nodes = (await cluster.primaries()).map(({ server }) => server.address);
  const redis: RedisOptions = { mode: 'cluster', nodes, username: 'app', password: passwordOf('app') };
  const features = names.map((name) => CacheModule.forFeature({ name }));
  const module = await Test.createTestingModule({ imports: [CacheModule.forRoot({ redis }), ...features] })
    .setLogger(false as never)
    .compile();
  const app = await module.createNestApplication().init();
  apps.push(app);
  app.get(CacheEvents).subscribe((event, cache) => {
    if (event.type === 'remote.failed' && event.failure === 'protocol') refused.push(`${event.operation} of ${cache}`);
  });
  await until(() => [...app.get(Caches)].every(([, { runtime }]) => runtime.view.lease.holds(runtime.clock.now())));
  return app;
}

const cacheOf = (app: INestApplication, name: string): CacheService =>
  app.get<CacheService>(name === 'default' ? CacheService : cacheToken(name));

async function onEach<T>(work: (admin: Redis) => Promise<T>): Promise<T[]> {
  return Promise.all(
    cluster.nodes.map(async (node) => {
      const admin = new Redis({ ...node.admin, host: '127.0.0.1', disableClientInfo: true });
      try {
        return await work(admin);
      } finally {
        admin.disconnect();
      }
    }),
  );
}

/** How many connections of the application each node has. */
const connections = (): Promise<number[]> =>
  onEach(async (admin) => (String(await admin.client('LIST')).match(/user=app /g) ?? []).length);

const NAMES = ['default', 'reports', 'sessions', 'prices'];
const KEYS = Array.from({ length: 60 }, (_, i) => `user:${i}:profile`);

it('are apart and coherent on a Cluster, where their ledgers are followed by one command', async () => {
  const [a, b] = [await application(NAMES.slice(1)), await application(NAMES.slice(1))];
  for (const name of NAMES) {
    await cacheOf(a, name).setMany(KEYS.map((key) => [key, name] as const));
    await until(async () => {
      const found = await Promise.all(KEYS.map((key) => cacheOf(b, name).lookup(key, () => 'loaded')));
      return found.every(({ source, value }) => source === 'l1' && value === name);
    });
  }
  // Longer than the window after the last news: memory is trusted only if the news of every ledger was read.
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  for (const name of NAMES)
    await until(async () => (await cacheOf(b, name).lookup(KEYS[0] as string, () => 'loaded')).source === 'l1');
  const start = performance.now();
  await a.get<InvalidationService>(invalidationToken('reports')).all();
  await until(async () => (await cacheOf(b, 'reports').getMany(KEYS)).every((value) => value === null), 2_000);
  // A blocked reader hears of it at once; a turn without news takes half a second.
  expect(performance.now() - start).toBeLessThan(450);
  for (const name of ['default', 'sessions', 'prices'])
    expect(await cacheOf(b, name).getMany(KEYS, { consistency: 'strict' })).toEqual(KEYS.map(() => name));
  expect(await cacheOf(a, 'sessions').clearPattern('user:*')).toBe(KEYS.length);
  expect(await cacheOf(b, 'prices').getMany(KEYS, { consistency: 'strict' })).toEqual(KEYS.map(() => 'prices'));

  expect(refused).toEqual([]);
  expect((await onEach((admin) => admin.acl('LOG'))).flat()).toEqual([]);
});

/** How many connections all servers have, without those by which a client asks for the slots once more. */
async function atRest(): Promise<number> {
  const counts: number[] = [];
  for (let i = 0; i < 5; i += 1) counts.push((await connections()).reduce((sum, count) => sum + count));
  return Math.min(...counts);
}

it('take no connection more than one cache does on a Cluster', async () => {
  const areGone = async (): Promise<boolean> => (await connections()).every((count) => count === 0);
  await until(areGone);
  const alone = await application([]);
  const ofOne = await atRest();
  await alone.close();
  apps.length = 0;
  await until(areGone);
  await application(NAMES.slice(1));
  const ofAll = await atRest();
  // Four to the primaries, and at times one to the node that was asked for the slots first, by each of the two clients.
  expect(ofOne).toBeGreaterThanOrEqual(4);
  expect(ofAll).toBeGreaterThanOrEqual(4);
  expect(Math.max(ofOne, ofAll)).toBeLessThanOrEqual(6);
});

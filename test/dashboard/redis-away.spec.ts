import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { KeyDetails, KeysPage } from '../../src/dashboard/contract.js';
import { RedisServer } from '../support/redis-server.js';
import { Note, Profile, Servers } from './support/dashboard.js';

describe('the dashboard without Redis', () => {
  const servers = new Servers();
  let redis: RedisServer;
  beforeEach(async () => {
    redis = await RedisServer.start();
  });
  afterEach(async () => {
    await servers.close();
    await redis.stop();
  });

  it('tells what memory knows, and that Redis is away', async () => {
    const served = await servers.start(
      {},
      { redis: { url: redis.url, commandTimeoutMs: 400 }, coherenceWindowMs: 60_000 },
    );
    await served.cache.set(Note({ id: 1 }), 'kept');
    const page = await served.open();
    await page.first('tick');
    await redis.kill();

    const { health } = await page.first('tick', (tick) => tick.health.status === 'degraded');
    expect(health.message).toContain('Redis');
    expect(await served.get<KeysPage>('keys')).toMatchObject({
      ...{ source: 'memory', next: null, entries: [{ key: 'note:1', state: 'fresh', template: Note.template }] },
    });
    expect(await served.get<KeyDetails>('key?key=note:1')).toMatchObject({
      explanation: { state: 'unknown', inMemory: true },
      value: { shown: true, value: 'kept' },
    });
    expect((await served.get<KeyDetails>('key?key=note:2')).value).toEqual({ shown: false, why: 'away' });
    for (const path of ['history', 'findings']) {
      const body: unknown = (await served.server.ask(`/cache/${path}`).expect(503)).body;
      expect(body).toMatchObject({ code: 'REMOTE_STORE', status: 503 });
    }
    for (const path of ['coverage', 'warm-ups']) await served.server.ask(`/cache/${path}`).expect(200);
    await served.post('dry-run', { tags: ['user:1'] }).expect(503);
    const body: unknown = (await served.post('invalidate', { keys: ['note:1'] }).expect(200)).body;
    expect(body).toMatchObject({ acknowledged: false, queued: 1 });
    expect(await served.cache.get('note:1')).toBeNull();

    await redis.restart();
    await page.first('invalidation', ({ name, cause }) => name === 'note:1' && cause === 'dashboard');
  });

  it('serves a page that opens while it is away, and tells of invalidations when it is back', async () => {
    const retry = { attempts: 20, baseMs: 50 };
    const served = await servers.start({}, { redis: { url: redis.url, commandTimeoutMs: 400, retry } });
    await redis.kill();
    const page = await served.open();
    await page.first('snapshot');
    await page.first('tick', ({ health }) => health.status === 'degraded');

    await redis.restart();
    await page.first('tick', ({ health }) => health.status === 'up');
    for (let i = 0; page.of('invalidation').length === 0; i += 1) {
      expect(i).toBeLessThan(20);
      await served.post('invalidate', { tags: [`user:${i}`] }).expect(200);
      await new Promise((resolve) => setTimeout(resolve, 300));
    }
  });

  it('tells of a cache that is in memory only', async () => {
    const served = await servers.start();
    await served.cache.getOrLoad(Profile({ userId: 1 }), () => ({ plan: 'pro' }));
    const page = await served.open();

    const { caches, health } = await page.first('snapshot');
    expect(health).toMatchObject({ status: 'up', tiers: 'memory' });
    expect(caches['default']?.overview).toMatchObject({ coherenceLag: null, coherenceWindow: 0 });
    expect(await served.get<KeysPage>('keys?pattern=user:*')).toMatchObject({
      ...{ source: 'memory', entries: [{ key: 'user:1:profile', tags: ['user:1'] }] },
    });
    expect(await served.get('key?key=user:1:profile')).toMatchObject({
      value: { shown: true, value: { plan: 'pro' } },
    });
    expect((await served.post('dry-run', { tags: ['user:1'] })).body).toMatchObject({ entries: 1, basis: 'counted' });
    await served.post('invalidate', { tags: ['user:1'] }).expect(200);
    expect(await page.first('invalidation')).toMatchObject({ name: 'user:1', cause: 'dashboard', isOwn: true });
    expect(await served.cache.get(Profile({ userId: 1 }))).toBeNull();
  });
});

import { get } from 'node:http';
import { type CanActivate, Injectable, Logger } from '@nestjs/common';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { CacheHealthIndicator } from '../../src/cache/cache-health.js';
import type { CacheRuntime } from '../../src/cache/cache-runtime.js';
import { CACHE_RUNTIME } from '../../src/cache/tokens.js';
import { Dashboard } from '../../src/dashboard/dashboard.js';
import type { KeyDetails, KeysPage, WarmUpRow } from '../../src/dashboard/contract.js';
import {
  CacheModule,
  type CacheService,
  cacheToken,
  type HistoryEntry,
  InvalidationService,
  WarmUp,
} from '../../src/index.js';
import { ADAPTERS } from '../http/adapters.js';
import { gate, until } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';
import { portOf } from './support/open-page.js';
import { Note, OWN, Profile, Servers, source } from './support/dashboard.js';

describe('the stream of the dashboard', () => {
  const suite = redisOfSuite();
  const servers = new Servers();
  let prefixes = 0;
  afterEach(async () => servers.close());
  const redisOf = (): { redis: { url: string; commandTimeoutMs: number }; prefix: string } => ({
    redis: { url: suite.url, commandTimeoutMs: 5_000 },
    prefix: `live-${(prefixes += 1)}`,
  });

  it('tells everything at once, then each second what is new', async () => {
    const served = await servers.start({}, redisOf());
    await served.cache.set(Note({ id: 1 }), 'one');
    const page = await served.open();

    const { caches, target, values, visitor, health } = await page.first('snapshot');
    expect({ target, values, visitor, status: health.status }).toEqual({
      ...{ target: 0.8, values: 'plain', visitor: 'dashboard', status: 'up' },
    });
    expect(caches['default']?.templates.map(({ template }) => template)).toEqual([
      ...[Profile.template, Note.template, 'other'],
    ]);
    expect(caches['default']?.templates[0]).toMatchObject({ ttl: 600, hasLoader: true, hitRatio: null, advice: null });
    expect(caches['default']?.templates[1]).toMatchObject({ hasLoader: false, memory: { entries: 1 } });

    await page.first('tick');
    await served.cache.get(Note({ id: 1 }));
    await served.cache.get(Note({ id: 2 }));
    const { caches: now } = await page.first('tick', ({ caches: each }) => each['default']?.overview.misses === 1);
    expect(now['default']?.overview).toMatchObject({ hits: 1, misses: 1, hitRatio: 0.5, errors: {} });
    expect(now['default']?.overview.latency?.count).toBeGreaterThanOrEqual(2);
    expect(now['default']?.overview.coherenceLag).toBeLessThan(2);
    expect(now['default']?.templates).toMatchObject([
      { template: Note.template, hits: { l1: 1, l2: 0 }, misses: 1, missesByCause: { absent: 1 } },
    ]);
    const quiet = page.of('tick').length;
    await until(() => page.of('tick').length > quiet + 1, 5_000);
    expect(page.of('tick').at(-1)?.caches['default']?.templates).toEqual([]);
  });

  it.each(ADAPTERS)(
    'ends with its last page: no timer goes on, and nothing is asked of Redis, on %s',
    async (adapter) => {
      const served = await servers.start({}, redisOf(), adapter);
      const { server } = served;
      const { feed } = server.app.get(Dashboard);
      const { ledger } = server.app.get<CacheRuntime>(CACHE_RUNTIME);
      const ticks = vi.spyOn(server.app.get(CacheHealthIndicator), 'check');
      const looks = vi.spyOn(ledger, 'latest');
      const [one, other] = [await served.open(), await served.open()];
      await Promise.all([one.first('tick'), other.first('tick')]);
      expect(feed.clients).toBe(2);
      // One for each page, and one each second for both.
      expect(ticks.mock.calls.length).toBeLessThanOrEqual(4);

      one.close();
      await until(() => feed.clients === 1, 5_000);
      const told = other.of('tick').length;
      await until(() => other.of('tick').length > told, 5_000);
      other.close();
      await until(() => !feed.isWatching, 5_000);
      const [ticked, looked] = [ticks.mock.calls.length, looks.mock.calls.length];
      expect(looked).toBeGreaterThan(4);
      await new Promise((resolve) => setTimeout(resolve, 1_500));
      expect(ticks.mock.calls.length).toBe(ticked);
      // One may have been under way.
      expect(looks.mock.calls.length).toBeLessThanOrEqual(looked + 1);
    },
  );

  it.each(ADAPTERS)('does not keep an application from closing, on %s', async (adapter) => {
    const served = await servers.start({}, redisOf(), adapter);
    const page = await served.open();
    await page.first('snapshot');

    await served.server.app.close();
    await until(() => page.isEnded, 5_000);
  });

  it('tells of an eviction on another instance, who made it, and what it may have taken', async () => {
    const options = redisOf();
    const [here, there] = [
      await servers.start({}, options),
      await servers.start({}, { ...options, instance: 'there' }),
    ];
    const page = await there.open();
    await page.first('tick');
    await here.cache.set(Profile({ userId: 7 }), { plan: 'old' });
    // The ledger tells of the set too: what was read before that came is dropped.
    await until(async () => {
      expect(await there.cache.get(Profile({ userId: 7 }))).toEqual({ plan: 'old' });
      await new Promise((resolve) => setTimeout(resolve, 50));
      return there.cache.peek(Profile({ userId: 7 })) !== undefined;
    });

    const as = { ...OWN, authorization: `Basic ${Buffer.from('ada:').toString('base64')}` };
    const body: unknown = (
      await here.post('invalidate', { tags: ['user:7'], because: 'support case 12' }, as).expect(200)
    ).body;
    expect(body).toMatchObject({ acknowledged: true, tags: ['user:7'], cause: 'dashboard (ada): support case 12' });

    const told = await page.first('invalidation', ({ name }) => name === 'user:7');
    expect(told).toMatchObject({
      ...{ kind: 'tag', cause: 'dashboard (ada): support case 12', cache: 'default', isOwn: false },
      ...{ templates: [Profile.template], inMemory: 1 },
    });
    expect(await there.cache.get(Profile({ userId: 7 }))).toBeNull();
    const [newest] = await there.get<HistoryEntry[]>('history?tag=user:7&limit=5');
    expect(newest).toMatchObject({ name: 'user:7', cause: 'dashboard (ada): support case 12', origin: told.origin });
    const tick = await page.first('tick', ({ caches }) => (caches['default']?.overview.instances.length ?? 0) > 1);
    expect(tick.caches['default']?.overview.instances[0]).toMatchObject({ isThis: true });
    expect(tick.caches['default']?.overview.instances[0]?.origin).toMatch(/^there#/);
  });

  it('names who made a change as the application says it', async () => {
    const whoIs = (request: { headers: Record<string, string> }): string | undefined => request.headers['x-user'];
    const served = await servers.start({ whoIs }, redisOf());

    await served.post('invalidate', { keys: ['note:1'] }, { ...OWN, 'x-user': 'grace' }).expect(200);
    await served.post('invalidate', { pattern: 'note:2*' }).expect(200);
    await served
      .post('invalidate', { everything: true, force: true }, { ...OWN, 'x-user': 'g'.repeat(500) })
      .expect(200);

    const history = await served.server.app.get(InvalidationService).history();
    expect(history.map(({ kind, cause }) => [kind, cause])).toEqual([
      ['everything', `dashboard (${'g'.repeat(80)})`],
      ['pattern', 'dashboard'],
      ['key', 'dashboard (grace)'],
    ]);
  });

  it('loads a key anew where a loader is known, and says so where none is', async () => {
    const served = await servers.start({}, redisOf());
    await served.cache.set(Profile({ userId: 1 }), { plan: 'old' });
    source.broken = false;

    const body: unknown = (await served.post('reload', { key: 'user:1:profile' }).expect(200)).body;
    expect(body).toMatchObject({
      explanation: { state: 'fresh', lastInvalidation: { cause: 'dashboard: reload' } },
      value: { shown: true, redacted: false, value: { userId: '1', loads: source.loads } },
    });
    const none = await served.post('reload', { key: 'note:1' }).expect(422);
    expect(none.body).toMatchObject({ code: 'NO_LOADER', detail: expect.stringContaining('@LoaderFor') as string });
    source.broken = true;
    const log = vi.spyOn(Logger.prototype, 'error').mockReturnValue();
    const failed = await served.post('reload', { key: 'user:1:profile' }).expect(502);
    expect(failed.text).not.toContain('secret of user');
    expect(log).toHaveBeenCalledOnce();
    log.mockRestore();
    source.broken = false;
  });

  it('tells a large cache of keys a page at a time, each once where nothing moves', async () => {
    const served = await servers.start({}, { ...redisOf(), scanCount: 50 });
    const ids = Array.from({ length: 700 }, (_, id) => id);
    const stored = await served.cache.setMany(ids.map((id) => [Note({ id }), id] as const));
    expect(stored).not.toContain(false);
    await served.cache.setMany(ids.slice(0, 30).map((userId) => [Profile({ userId }), userId] as const));

    const found: string[] = [];
    let next: string | null = '';
    for (let pages = 0; next !== null; pages += 1) {
      const page: KeysPage = await served.get(`keys?pattern=note:*&limit=100&after=${next}`);
      expect(page.entries.length).toBeLessThanOrEqual(100);
      expect(page.source).toBe('redis');
      expect(pages).toBeLessThan(50);
      found.push(...page.entries.map(({ key }) => key));
      next = page.next;
    }
    expect(new Set(found)).toEqual(new Set(ids.map((id) => `note:${id}`)));
  });

  it('says that a page is forgotten, and refuses what it cannot understand', async () => {
    const served = await servers.start({}, redisOf());

    for (const path of ['keys?limit=0', 'keys?limit=x', 'keys?pattern=*', 'key', 'key?key=a%20b', 'keys?cache=nobody'])
      await served.server.ask(`/cache/${path}`).expect(400);
    await served.server.ask('/cache/keys?after=gone').expect(410);
    const wrong = [
      {},
      { keys: [] },
      { keys: [1] },
      { keys: ['a'], tags: ['b'] },
      { everything: false },
      { pattern: '*' },
    ];
    for (const body of [...wrong, { keys: ['a'], because: 'x'.repeat(101) }])
      await served.post('invalidate', body).expect(400);
  });

  it('shows of values what it is let to, and nothing of them anywhere else', async () => {
    const canary = { password: 'canary-password', tenant: 'canary-tenant', plan: 'pro' };
    const showValue = (value: unknown, { key }: { key: string }): unknown => {
      if (key === 'note:broken') throw new Error('canary-password');
      return { plan: (value as typeof canary).plan };
    };
    const options = redisOf();
    const [redacted, never] = [
      await servers.start({ showValue }, options),
      await servers.start({ showValue: 'never' }, options),
    ];
    for (const id of ['a', 'broken']) await redacted.cache.set(Note({ id }), canary);

    expect(await redacted.get<KeyDetails>('key?key=note:a')).toMatchObject({
      explanation: { state: 'fresh', template: Note.template },
      value: { shown: true, redacted: true, value: { plan: 'pro' } },
    });
    expect((await redacted.get<KeyDetails>('key?key=note:broken')).value).toEqual({ shown: false, why: 'failed' });
    expect((await never.get<KeyDetails>('key?key=note:a')).value).toEqual({ shown: false, why: 'never' });
    expect((await redacted.get<KeyDetails>('key?key=note:none')).value).toEqual({ shown: false, why: 'absent' });

    const answers: string[] = [];
    for (const served of [redacted, never]) {
      const page = await served.open();
      await page.first('tick');
      await served.post('invalidate', { keys: ['note:c'] });
      await page.first('invalidation');
      answers.push(JSON.stringify(page.told));
      for (const path of [
        'keys',
        'key?key=note:a',
        'key?key=note:broken',
        'history',
        'coverage',
        'warm-ups',
        'findings',
      ])
        answers.push((await served.server.ask(`/cache/${path}`)).text);
      answers.push((await served.post('dry-run', { everything: true })).text);
    }
    expect(answers.join('\n')).not.toMatch(/canary/);
  });

  it('keeps named caches apart', async () => {
    const imports = [CacheModule.forFeature({ name: 'reports', templates: [Note] })];
    const served = await servers.start({}, redisOf(), 'express', { imports });
    const reports = served.server.app.get<CacheService>(cacheToken('reports'));
    await until(
      async () => (await reports.set(Note({ id: 1 }), 'report')) && served.cache.set(Note({ id: 1 }), 'note'),
    );
    const page = await served.open();

    const { caches } = await page.first('snapshot');
    expect(Object.keys(caches)).toEqual(['default', 'reports']);
    expect(await served.get('key?key=note:1&cache=reports')).toMatchObject({ value: { value: 'report' } });
    await served.post('invalidate?cache=reports', { keys: ['note:1'] }).expect(200);
    expect(await page.first('invalidation')).toMatchObject({ cache: 'reports', name: 'note:1', isOwn: true });
    expect([await reports.get(Note({ id: 1 })), await served.cache.get(Note({ id: 1 }))]).toEqual([null, 'note']);
  });

  it('tells of warm-ups as they go on', async () => {
    @WarmUp({ template: Profile, keys: [{ userId: 1 }, { userId: 2 }], name: 'profiles', every: 1 })
    @Injectable()
    class Plan {}
    const served = await servers.start({}, redisOf(), 'express', { providers: [Plan] });
    const page = await served.open();

    const told = await page.first('warm-up', ({ lastEnding }) => lastEnding === 'done');
    expect(told).toMatchObject({ cache: 'default', plan: 'profiles', state: 'idle', progress: { keys: 2, failed: 0 } });
    const [row] = await served.get<WarmUpRow[]>('warm-ups');
    expect(row).toMatchObject({ plan: 'profiles', keys: { loaded: 2 }, lastEnding: 'done' });
  });

  it('begins nothing for a page that has gone while a guard was deciding', async () => {
    const [asked, decided] = [gate(), gate()];
    const guard: CanActivate = {
      canActivate: async () => {
        asked.open();
        await decided.opened;
        return true;
      },
    };
    const served = await servers.start({ guards: [guard] }, redisOf());
    const asking = get(`http://127.0.0.1:${portOf(served.server.app)}/cache/stream`);
    asking.on('error', () => undefined);
    await asked.opened;
    asking.destroy();
    await new Promise((resolve) => setTimeout(resolve, 200));
    decided.open();
    await new Promise((resolve) => setTimeout(resolve, 200));

    expect(served.server.app.get(Dashboard).feed).toMatchObject({ clients: 0, isWatching: false });
  });
});

import { createServer } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { type INestApplicationContext, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { EventEmitterModule } from '@nestjs/event-emitter';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MACHINE_CLOCK } from '../../src/cli/clock.js';
import {
  CacheModule,
  type CacheService,
  cacheToken,
  defineKey,
  type InvalidationService,
  invalidationToken,
} from '../../src/index.js';
import { Turns } from '../../src/cache/warming/turns.js';
import { gate, startCache, type TestCache, until } from '../support/caches.js';
import type { RedisServer } from '../support/redis-server.js';
import { type Run, run } from './doctor-run.js';
import { CANARY, variablesOf, Ward } from './servers.js';

const PROFILE = defineKey('user:{userId}:profile');
const WINDOW_MS = 2_000;

const ward = new Ward();
let server: RedisServer;
let instance: TestCache;
let variables: Record<string, string>;
beforeAll(async () => {
  server = await ward.open();
  variables = variablesOf(server, 'app');
  const url = `redis://app:${CANARY}@127.0.0.1:${server.port}/0`;
  instance = await startCache({ redis: { url, commandTimeoutMs: 10_000 }, templates: [PROFILE] });
});
afterAll(async () => {
  await instance.close();
  await ward.close();
});

const ask = (...args: string[]): Promise<Run> => run(args, variables);
async function answer<T>(...args: string[]): Promise<T> {
  const { code, out, err } = await ask(...args, '--json');
  expect(code, err).toBe(0);
  return JSON.parse(out) as T;
}
const rowsOf = ({ out }: Run): string[] => out.trimEnd().split('\n');
const store = async (key: string, value: unknown = 1, tags: string[] = []): Promise<void> => {
  expect(await instance.cache.set(key, value, { tags })).toBe(true);
};

describe('keys', () => {
  beforeAll(async () => {
    for (let id = 1; id <= 30; id += 1) await store(`user:${id}:profile`, 'x'.repeat(id * 100));
    await store('agent:1:stats:7d');
    // What others have in the same database, and what only looks like ours.
    const client = ward.client(server);
    await client.mset(
      'other:e:{user:1:profile}',
      'theirs',
      'shadower2:e:{user:1:profile}',
      'theirs',
      'user:1:profile',
      'x',
    );
  });

  it('are those under the prefix, each once, with state and tags', async () => {
    const { keys, more } = await answer<{ keys: { key: string; state: string; tags: string[] }[]; more: boolean }>(
      'keys',
    );
    expect(keys).toHaveLength(31);
    expect(new Set(keys.map(({ key }) => key)).size).toBe(31);
    expect(more).toBe(false);
    expect(keys.find(({ key }) => key === 'agent:1:stats:7d')).toMatchObject({ state: 'fresh', tags: ['agent:1'] });
  });

  it('are chosen by a glob and limited', async () => {
    const chosen = await answer<{ keys: { key: string }[] }>('keys', 'user:1?:*');
    expect(chosen.keys.map(({ key }) => key).toSorted()).toEqual(
      Array.from({ length: 10 }, (_, i) => `user:1${i}:profile`),
    );
    const { keys, more } = await answer<{ keys: unknown[]; more: boolean }>('keys', 'user:*', '--limit', '5');
    expect([keys.length, more]).toEqual([5, true]);
    const shown = await ask('keys', 'user:*', '--limit', '5');
    expect(rowsOf(shown)).toHaveLength(6);
    expect(shown.err).toBe('5 keys, and there are more: --limit.\n');
  });

  it('are those of the prefix that the variables name', async () => {
    const { out } = await run(['keys', '--json'], { ...variables, CACHE_PREFIX: 'shadower:staging' });
    expect(JSON.parse(out)).toMatchObject({ keys: [], more: false });
  });

  it.each(['*', '[ab]:*', 'user:\n*'])('by the glob %j are refused', async (glob) => {
    const { code, err } = await ask('keys', glob);
    expect(code).toBe(2);
    expect(err).toContain('pattern must be 1 to 256 characters');
  });
});

describe('stats and top', () => {
  it('tell entries by the form of their keys, or by template', async () => {
    type Stats = { entries: { count: number; basis: string }; templates: { template: string; entries: number }[] };
    const stats = await answer<Stats & Record<string, unknown>>('stats');
    expect(stats.entries).toMatchObject({ count: 31, looked: 31, basis: 'counted' });
    const groups = stats.templates.map(({ template, entries }) => `${template} ${entries}`);
    expect(groups).toEqual(['user:*:profile 30', 'agent:*:stats:* 1']);
    expect(stats['ledger']).toMatchObject({ length: expect.any(Number) as number });
    expect(stats['memory']).toMatchObject({ limit: 256 * 1_048_576, policy: 'allkeys-lru' });
    expect(stats['hitRatio']).toBeNull();
    const named = await answer<Stats>('stats', '--template', 'user:{userId}:profile');
    expect(named.templates[0]).toMatchObject({ template: 'user:{userId}:profile', entries: 30 });
  });

  it('estimate from a sample', async () => {
    const { entries } = await answer<{ entries: { looked: number; basis: string } }>('stats', '--sample', '1');
    // One page of SCAN has them all here; that there may be more is not known.
    expect(entries).toMatchObject({ looked: 31, basis: 'estimated' });
  });

  it('count the instances that follow, for a user that may ask', async () => {
    const mine = await answer<{ followers: number | null }>('stats');
    expect(mine.followers).toBeNull();
    await ward.client(server).acl('SETUSER', 'lister', 'on', `>${CANARY}`, '~shadower:*', '+@all');
    const { out } = await run(['stats', '--json'], variablesOf(server, 'lister'));
    expect(JSON.parse(out)).toMatchObject({ followers: 1 });
  });

  it('read the hit ratio where the application tells its metrics', async () => {
    const pages: Record<string, string> = {
      '/metrics':
        '# TYPE cache_hits_total counter\ncache_hits_total{operation="get",key_pattern="a"} 6\ncache_hits_total{operation="get",key_pattern="b"} 3\n' +
        '# TYPE cache_misses_total counter\ncache_misses_total{operation="get"} 1\n',
      '/other': '# TYPE something counter\n',
    };
    const http = createServer(({ url = '' }, response) => response.end(pages[url]));
    await once(http.listen(0, '127.0.0.1'), 'listening');
    const base = `http://me:${CANARY}@127.0.0.1:${(http.address() as AddressInfo).port}`;
    expect(await answer('stats', '--metrics-url', `${base}/metrics`)).toMatchObject({
      hitRatio: { hits: 9, misses: 1, ratio: 0.9 },
    });
    const other = await ask('stats', '--metrics-url', `${base}/other`);
    expect([other.code, other.err]).toEqual([1, expect.stringContaining('/other are not of this cache.')]);
    expect(other.err + other.out).not.toContain(CANARY);
    http.close();
    expect((await ask('stats', '--metrics-url', `${base}/metrics`)).err).toContain('cannot be read.');
  });

  it('show the largest, and those with the most tags', async () => {
    await store('report:2026', 'x', ['a', 'b', 'c']);
    const { rows } = await answer<{ rows: { key: string }[] }>('top', '--limit', '2');
    expect(rows.map(({ key }) => key)).toEqual(['user:30:profile', 'user:29:profile']);
    const tagged = await answer<{ rows: { key: string; tags: string[] }[] }>('top', '--by', 'tags', '--limit', '1');
    expect(tagged.rows).toMatchObject([{ key: 'report:2026', tags: ['a', 'b', 'c'] }]);
    const groups = await ask('top', '--by', 'template', '--limit', '1');
    expect(rowsOf(groups)[1]).toMatch(/^ +30 .* user:\*:profile$/);
  });
});

describe('invalidate', () => {
  it('is seen by a running instance within the coherence window, and told with cause and who did it', async () => {
    const read = (): Promise<unknown> => instance.cache.get('user:7:profile');
    expect(await read()).not.toBeNull();
    expect((await instance.cache.explain('user:7:profile')).inMemory).toBe(true);
    const { code, out } = await ask('invalidate', 'user', '7', '--cause', 'ticket 4711');
    const acknowledged = MACHINE_CLOCK.now();
    expect(code).toBe(0);
    expect(out).toContain('Invalidated user 7; 0 entries removed at once.');
    await until(async () => (await read()) === null, WINDOW_MS);
    expect(MACHINE_CLOCK.now() - acknowledged).toBeLessThan(WINDOW_MS);
    const [told] = await instance.invalidation.history({ tag: 'user:7' });
    expect(told).toMatchObject({ kind: 'tag', name: 'user:7', cause: 'ticket 4711' });
    expect(told?.origin).toMatch(/^cli:tester@here#[\w-]{12,}$/);
  });

  it('counts with --dry-run, and changes nothing', async () => {
    const before = await instance.invalidation.history();
    const found = await answer<Record<string, unknown>>('invalidate', 'pattern', 'user:1?:*', '--dry-run');
    expect(found).toMatchObject({ version: 1, dryRun: true, entries: 10, basis: 'counted', templates: { other: 10 } });
    const named = await ask('invalidate', 'all', '--dry-run', '--template', 'user:{userId}:profile');
    expect(named.out).toMatch(/^ +30 {2}user:\{userId\}:profile$/m);
    expect(named.out).toContain('Nothing was invalidated.');
    expect(await instance.invalidation.history()).toEqual(before);
  });

  it.each([
    [['tag', 'region:eu', 'region:us'], ['offers:eu', 'offers:us'], ['offers:jp']],
    [['key', 'offers:eu', 'offers:us'], ['offers:eu', 'offers:us'], ['offers:jp']],
    [['pattern', 'offers:?u'], ['offers:eu'], ['offers:us', 'offers:jp']],
    [['all', '--yes'], ['offers:eu', 'offers:us', 'offers:jp', 'user:1:profile'], []],
  ])('takes %j', async (args, gone, left) => {
    for (const region of ['eu', 'us', 'jp']) await store(`offers:${region}`, region, [`region:${region}`]);
    await store('user:1:profile');
    const result = await answer<Record<string, unknown>>('invalidate', ...args);
    expect(result).toMatchObject({ version: 1, dryRun: false, acknowledged: true, swept: null });
    const strictly = (key: string): Promise<unknown> => instance.cache.get(key, { consistency: 'strict' });
    for (const key of gone) expect([key, await strictly(key)]).toEqual([key, null]);
    for (const key of left) expect([key, await strictly(key)]).not.toEqual([key, null]);
  });

  it('frees the memory with --sweep, and shows how far it is where a person looks', async () => {
    for (let id = 1; id <= 200; id += 1) await store(`user:${id}:profile`);
    let err = '';
    const { code, out } = await run(['invalidate', 'all', '--yes', '--sweep', '--json'], variables, {
      isErrTerminal: true,
      err: (text) => (err += text),
    });
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ acknowledged: true, swept: { state: 'done' } });
    expect((JSON.parse(out) as { swept: { removed: number } }).swept.removed).toBeGreaterThanOrEqual(200);
    expect(err).toMatch(/Sweeping \[█*·*\] +\d+ % .* freed/);
    // Nothing of it stays on the screen.
    expect(err.endsWith('\r\u001b[2K')).toBe(true);
    expect((await answer<{ keys: unknown[] }>('keys')).keys).toEqual([]);
  });

  it('does not touch what is not under the prefix', async () => {
    const client = ward.client(server);
    expect(await client.mget('other:e:{user:1:profile}', 'shadower2:e:{user:1:profile}', 'user:1:profile')).toEqual([
      'theirs',
      'theirs',
      'x',
    ]);
  });

  it.each([
    [['user', 'a:b'], 'user id must be'],
    [['pattern', '*'], 'pattern must be'],
    [['tag', 'a b'], 'tag must be'],
    [['user', '1', '--cause', 'x'.repeat(201)], 'cause must be a string of at most 200 characters'],
  ])('refuses %j and invalidates nothing', async (args, message) => {
    const before = await instance.invalidation.history({ limit: 1 });
    const { code, err, out } = await ask('invalidate', ...args);
    expect([code, out]).toEqual([2, '']);
    expect(err).toContain(message);
    expect(await instance.invalidation.history({ limit: 1 })).toEqual(before);
  });

  it('says so when it is not acknowledged', async () => {
    const { code, out } = await run(['invalidate', 'user', '1', '--json'], { ...variables, REDIS_WAIT_REPLICAS: '1' });
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({ acknowledged: false });
  });
});

describe('explain', () => {
  it('tells of an entry, of one that was invalidated, and of none', async () => {
    await store('user:5:profile');
    const explained = async (): Promise<Record<string, unknown>> =>
      (await answer<{ explanation: Record<string, unknown> }>('explain', 'user:5:profile')).explanation;
    expect(await explained()).toMatchObject({ key: 'user:5:profile', template: 'other', state: 'fresh', lease: null });
    const { out: fresh } = await ask('explain', 'user:5:profile');
    expect(fresh).toMatch(/^Template +user:\*:profile$/m);
    expect(fresh).toMatch(/^Loaded +\d{4}-.* \(.* ago\)$/m);
    expect(fresh).toContain('If its source has changed since, no event said so.');
    await ask('invalidate', 'user', '5', '--cause', 'by hand');
    expect(await explained()).toMatchObject({ state: 'invalidated', lastInvalidation: { cause: 'by hand' } });
    const { out } = await ask('explain', 'user:5:profile', '--template', 'user:{userId}:profile');
    expect(out).toMatch(/^Template +user:\{userId\}:profile$/m);
    expect(out).toMatch(/^user:5 +\S+ +\S+ +changed$/m);
    expect(out).not.toContain('no event said so');
    expect(await answer('explain', 'nobody')).toMatchObject({ explanation: { state: 'absent', tags: [] } });
    expect((await ask('explain', 'a b')).code).toBe(2);
  });

  it('leaves versions of values to the application', async () => {
    const versioned = defineKey('versioned:{id}', { version: 3 });
    expect(await instance.cache.set(versioned({ id: '1' }), 'x', { tags: ['some'] })).toBe(true);
    const state = async (): Promise<unknown> =>
      (await answer<{ explanation: { state: string } }>('explain', 'versioned:1')).explanation.state;
    expect(await state()).toBe('fresh');
    await ask('invalidate', 'tag', 'some');
    expect(await state()).toBe('invalidated');
  });
});

describe('history', () => {
  it('has the newest first, by tag, since when, and how many', async () => {
    for (const id of ['1', '2', '3']) await ask('invalidate', 'agent', id, '--cause', `change ${id}`);
    const causes = async (...args: string[]): Promise<string[]> =>
      (await answer<{ records: { cause: string }[] }>('history', ...args)).records.map(({ cause }) => cause);
    expect(await causes('--limit', '2')).toEqual(['change 3', 'change 2']);
    expect((await causes('--tag', 'agent:2'))[0]).toBe('change 2');
    expect(await causes('--since', '2001-01-01', '--limit', '1')).toEqual(['change 3']);
    expect(await causes('--since', '2999-01-01T00:00:00Z')).toEqual([]);
    expect((await causes('--since', '1h')).length).toBeGreaterThan(2);
    const [head, first] = rowsOf(await ask('history', '--limit', '1'));
    expect(head).toMatch(/^When +Kind +Name +Cause +By$/);
    expect(first).toMatch(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\dZ +tag +agent:3 +change 3 +cli:tester@here#/);
  });

  it('shows nothing that would steer a terminal', async () => {
    await instance.invalidation.user('9', { cause: '\u001b[31m red\u202e\nnext' });
    const { out } = await ask('history', '--tag', 'user:9', '--limit', '1');
    expect(out).toContain('·[31m red··next');
    expect(out).not.toContain('\u001b');
  });
});

describe('watch', () => {
  it.each([
    ['for people', [], /^\S+ \S+ {2}tag +user:77 {2}\(live\) {2}by \S+$/m],
    ['for programs', ['--json'], /^\{"id":.*"kind":"tag","name":"user:77","cause":"live".*\}$/m],
  ])('tells what another instance invalidates, %s, until it is interrupted', async (_for, args, line) => {
    let [out, err] = ['', ''];
    const interrupted = gate();
    const ended = run(['watch', ...args], variables, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      onInterrupt: (listener) => void interrupted.opened.then(listener),
    });
    await until(() => err.includes('Following the ledger of shadower'));
    await instance.invalidation.user('77', { cause: 'live' });
    await until(() => line.test(out));
    interrupted.open();
    expect((await ended).code).toBe(0);
  });

  it('goes on where it was when Redis is back, says so, and writes nothing', async () => {
    const other = await ward.open();
    const url = `redis://app:${CANARY}@127.0.0.1:${other.port}/0`;
    const writer = await startCache({ redis: { url } });
    await until(async () => (await writer.invalidation.user('1')).acknowledged);
    let [out, err] = ['', ''];
    const interrupted = gate();
    const ended = run(['watch', '--json'], variablesOf(other, 'app'), {
      out: (text) => (out += text),
      err: (text) => (err += text),
      onInterrupt: (listener) => void interrupted.opened.then(listener),
    });
    await until(() => err.includes('Following'));
    const written = await ward.client(other).xlen('shadower:ledger');
    await ward.client(other).call('CLIENT', 'KILL', 'TYPE', 'normal');
    await until(() => err.includes('Redis is back.'), 10_000);
    await until(async () => (await writer.invalidation.user('2')).acknowledged, 10_000);
    await until(() => out.includes('user:2'), 10_000);
    // One that was tried while Redis was away is written again, and is told a moment after it is there.
    const told = async (): Promise<boolean> =>
      (await ward.client(other).xlen('shadower:ledger')) <= written + out.trim().split('\n').length;
    await until(told, 10_000);
    interrupted.open();
    expect((await ended).code).toBe(0);
    await writer.close();
  }, 40_000);
});

describe('a named cache', () => {
  @Module({})
  class AppModule {}
  const named: { app?: INestApplicationContext } = {};
  let reports: CacheService;
  beforeAll(async () => {
    const url = `redis://app:${CANARY}@127.0.0.1:${server.port}/0`;
    const imports = [CacheModule.forRoot({ redis: { url } }), CacheModule.forFeature({ name: 'reports' })];
    named.app = await NestFactory.createApplicationContext(
      { module: AppModule, imports: [EventEmitterModule.forRoot(), ...imports] },
      { logger: false },
    );
    reports = named.app.get<CacheService>(cacheToken('reports'));
    await until(async () => reports.set('user:3:profile', 'x', { tags: ['only'] }));
    await store('user:4:profile');
  });
  afterAll(() => named.app?.close());

  const keysIn = async (...args: string[]): Promise<string[]> =>
    (await answer<{ keys: { key: string }[] }>('keys', 'user:*', ...args)).keys.map(({ key }) => key);

  it('has its own keys, and the default cache does not show them', async () => {
    expect(await keysIn('--cache', 'reports')).toEqual(['user:3:profile']);
    expect(await keysIn()).not.toContain('user:3:profile');
    expect(await keysIn('--cache', 'default')).toEqual(await keysIn());
    const { rows } = await answer<{ rows: { key: string }[] }>('top', '--cache', 'reports');
    expect(rows.map(({ key }) => key)).toEqual(['user:3:profile']);
  });

  it('has its own ledger, announcements and tags', async () => {
    const invalidated = await answer<Record<string, unknown>>('invalidate', 'tag', 'only', '--cache', 'reports');
    expect(invalidated).toMatchObject({ acknowledged: true });
    expect(await reports.get('user:3:profile', { consistency: 'strict' })).toBeNull();
    const causes = async (...args: string[]): Promise<string[]> =>
      (await answer<{ records: { name: string }[] }>('history', '--tag', 'only', ...args)).records.map(
        ({ name }) => name,
      );
    expect(await causes('--cache', 'reports')).toEqual(['only']);
    expect(await causes()).not.toContain('only');
    type Stats = Record<'ledger' | 'announcements', { appended: number }> & { prefix: string; caches: string[] };
    const [mine, theirs] = [await answer<Stats>('stats', '--cache', 'reports'), await answer<Stats>('stats')];
    expect(mine).toMatchObject({ prefix: 'shadower:@reports', caches: ['reports'], entries: { count: 1 } });
    expect(theirs).toMatchObject({ prefix: 'shadower', caches: ['reports'] });
    expect(mine.announcements).toMatchObject({ length: expect.any(Number) as number });
    const client = ward.client(server);
    for (const [stream, { appended }] of [
      ['shadower:ledger', theirs.ledger],
      ['shadower:announced:{shadower:ledger}', theirs.announcements],
      ['shadower:@reports:announced:{shadower:ledger}', mine.announcements],
    ] as const)
      expect([stream, appended]).toEqual([stream, await client.xlen(stream)]);
    const { out } = await ask('stats', '--cache', 'reports');
    expect(out).toMatch(/^Named caches +reports: --cache NAME$/m);
  });

  it('is watched by itself', async () => {
    let [out, err] = ['', ''];
    const interrupted = gate();
    const ended = run(['watch', '--cache', 'reports', '--json'], variables, {
      out: (text) => (out += text),
      err: (text) => (err += text),
      onInterrupt: (listener) => void interrupted.opened.then(listener),
    });
    await until(() => err.includes('Following the ledger of shadower:@reports'));
    await instance.invalidation.tags(['of-the-default']);
    await named.app?.get<InvalidationService>(invalidationToken('reports')).tags(['of-reports']);
    await until(() => out.includes('of-reports'));
    interrupted.open();
    expect((await ended).code).toBe(0);
    expect(out).not.toContain('of-the-default');
  });

  it('needs a name that one can have', async () => {
    const { code, err } = await ask('keys', '--cache', 'a:b');
    expect(code).toBe(2);
    expect(err).toContain('the name of a cache must be 1 to 64 characters');
  });
});

describe('advise', () => {
  const Watched = defineKey('watched:{id}', { ttl: 60, advice: { auto: { minTtl: 10, maxTtl: 600 } } });

  it('says that there is none where no instance has written any', async () => {
    const { code, out } = await ask('advise');
    expect([code, out.slice(0, 27)]).toEqual([0, 'No instance has written any']);
    expect(await answer('advise')).toEqual({ version: 1, advice: [] });
  });

  it('tells what instances have written', async () => {
    const url = `redis://app:${CANARY}@127.0.0.1:${server.port}/0`;
    const redis = { url, commandTimeoutMs: 10_000 };
    const writer = await startCache({ redis, ttlJitter: 0, adviceWindowMs: 3_600_000 });
    const read = (id: number, value: number): Promise<number> =>
      writer.cache.getOrLoad(Watched({ id }), (context) => {
        context.setTtl(0.05);
        return value;
      });
    for (let id = 0; id < 60; id += 1) await read(id, 1);
    await new Promise((resolve) => setTimeout(resolve, 100));
    for (let id = 0; id < 60; id += 1) await read(id, id < 30 ? 2 : 1);
    await writer.close();

    const { advice } = await answer<{ advice: Record<string, unknown>[] }>('advise');
    expect(advice).toHaveLength(1);
    expect(advice[0]).toMatchObject({ template: 'watched:{id}', mode: 'auto', observations: 60, changes: 30 });
    const rows = rowsOf(await ask('advise'));
    expect(rows[0]).toMatch(
      /^Template +Mode +TTL +Advised +Grace +Ahead +Compared +Changed +Stale now +Then +Loads saved$/,
    );
    expect(rows[1]).toMatch(/^watched:\{id\} +auto +\d+ .* 60 +30 +/);
    expect(rows.at(-1)).toMatch(/^watched:\{id\} +Values change every /);
  });
});

describe('warm', () => {
  it('tells of plans when they were done, and which is under way', async () => {
    const { store: remote, random, clock } = instance.runtime;
    const turns = new Turns({ remote, random, clock, duration: 3_000 });
    const { signal } = new AbortController();
    expect(await answer('warm')).toEqual({ version: 1, plans: [] });
    expect(await ask('warm')).toMatchObject({ code: 0, out: expect.stringContaining('No instance has') as string });
    await turns.take('done-once', 0, signal, () => Promise.resolve(true));
    const under = gate();
    const running = turns.take('slow', 0, signal, () => under.opened.then(() => true));
    await until(async () => (await instance.cache.warmUps()).length === 2);

    const { plans } = await answer<{ plans: unknown[] }>('warm');
    expect(plans).toEqual([
      { plan: 'done-once', doneAt: expect.any(Number) as number, isRunning: false },
      { plan: 'slow', doneAt: null, isRunning: true },
    ]);
    const rows = rowsOf(await ask('warm'));
    expect(rows[1]).toMatch(/^done-once +done +\d{4}-.* ago$/);
    expect(rows[2]).toMatch(/^slow +under way$/);
    under.open();
    await running;
    expect(rowsOf(await ask('warm', 'slow'))).toHaveLength(2);
    const other = await ask('warm', 'other');
    expect([other.code, other.out, other.err.slice(0, 11)]).toEqual([1, '', 'No instance']);
  });
});

describe('without a usable Redis', () => {
  const COMMANDS = [
    ['stats'],
    ['top'],
    ['keys'],
    ['explain', 'a'],
    ['history'],
    ['watch'],
    ['advise'],
    ['warm'],
    ['invalidate', 'user', '1'],
  ];

  it.each(COMMANDS)('%s %s fails, says why, and prints nothing', async (...args) => {
    const nowhere = { REDIS_URL: `redis://app:${CANARY}@127.0.0.1:1/0` };
    const cases: [Record<string, string>, RegExp][] = [
      [nowhere, /^Redis at redis:\/\/app@127\.0\.0\.1:1\/0 cannot be used \(unavailable\): /],
      [{ ...variables, REDIS_PASSWORD: `${CANARY}-wrong` }, /\(authentication\): check REDIS_PASSWORD/],
      [{}, /^No Redis: set REDIS_URL/],
      [{ ...nowhere, CACHE_SCAN_COUNT: 'many' }, /^The variables cannot be used:\n- CACHE_SCAN_COUNT/],
    ];
    for (const [given, why] of cases) {
      const { code, out, err } = await run(args.filter(Boolean), given);
      expect([code, out]).toEqual([1, '']);
      expect(err).toMatch(why);
      expect(err).not.toContain(CANARY);
    }
  });

  it('a user that may not read or write is told of it', async () => {
    await ward
      .client(server)
      .acl('SETUSER', 'bare', 'on', `>${CANARY}`, '~shadower:*', '-@all', '+@connection', '+info');
    const bare = variablesOf(server, 'bare');
    const { code, err } = await run(['keys'], bare);
    expect(code).toBe(1);
    expect(err).toMatch(/^Redis scan.* failed \(permission\)/);
    expect((await run(['invalidate', 'user', '1'], bare)).code).toBe(1);
  }, 20_000);
});

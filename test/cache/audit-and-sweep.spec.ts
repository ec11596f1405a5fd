import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { defineKey, InvalidationTooBroadError } from '../../src/index.js';
import { startCache, type TestCache, until } from '../support/caches.js';
import { redisOfSuite } from '../support/suite-redis.js';

const AgentStats = defineKey('agent:{agentId}:stats:{timeframe}');
const UserProfile = defineKey('user:{userId}:profile');

const server = redisOfSuite();
let instance: TestCache;

beforeEach(async () => {
  // Before it is started: one that finds its ledger lost invalidates again what it has just set.
  await server.redis.flushall();
  instance = await startCache({
    redis: { url: server.url },
    templates: [AgentStats, UserProfile],
    sweep: { restMs: 3_600_000 },
  });
  for (let id = 0; id < 30; id += 1) await instance.cache.set(AgentStats({ agentId: id % 3, timeframe: '7d' }), { id });
  for (let id = 0; id < 7; id += 1) await instance.cache.set(UserProfile({ userId: id }), { id });
});

afterEach(async () => {
  await instance.close();
});

describe('a dry run', () => {
  it('counts the entries, bytes and templates that would go, and leaves them', async () => {
    const { blastRadius, acknowledged } = await instance.invalidation.agent(1, { dryRun: true });
    expect(acknowledged).toBe(false);
    expect(blastRadius).toMatchObject({
      entries: 1,
      share: 0.1,
      basis: 'counted',
      templates: { 'agent:{agentId}:stats:{timeframe}': 1 },
    });
    expect(blastRadius?.bytes).toBeGreaterThan(50);
    expect(await instance.cache.get(AgentStats({ agentId: 1, timeframe: '7d' }))).not.toBeNull();
  });

  it('counts what a pattern matches and what everything is', async () => {
    expect((await instance.invalidation.pattern('user:*', { dryRun: true })).blastRadius).toMatchObject({
      entries: 7,
      share: 0.7,
    });
    expect((await instance.invalidation.all({ dryRun: true })).blastRadius).toMatchObject({ entries: 10, share: 1 });
  });

  it('counts entries with names that are no keys under the label other', async () => {
    await server.redis.set('shadower:e:{user:1 *}', 'not ours');
    await server.redis.set('shadower:e:{}x{}', 'nor this');

    const { blastRadius } = await instance.invalidation.all({ dryRun: true });

    expect(blastRadius).toMatchObject({ entries: 12, share: 1, basis: 'counted' });
    expect(blastRadius?.templates).toMatchObject({ 'user:{userId}:profile': 7, other: 2 });
  });
});

describe('with a blast limit', () => {
  it('refuses what would take more, says how much, and obeys force', async () => {
    const limited = await startCache({ redis: { url: server.url }, blastLimit: 0.5, sweep: { restMs: 3_600_000 } });
    await expect(limited.invalidation.all()).rejects.toThrow(InvalidationTooBroadError);
    await expect(limited.invalidation.pattern('user:*')).rejects.toThrow('7 entries, 70.0 % of the cache');
    expect(await limited.cache.get(UserProfile({ userId: 1 }))).toEqual({ id: 1 });
    expect(await limited.invalidation.agent(1)).toMatchObject({ acknowledged: true });
    expect(await limited.invalidation.pattern('user:*', { force: true })).toMatchObject({
      acknowledged: true,
      removed: 7,
    });
    await limited.close();
  });

  it('is not stopped by a name that is no key', async () => {
    await server.redis.set('shadower:e:{user:1 *}', 'not ours');
    const limited = await startCache({ redis: { url: server.url }, blastLimit: 1, sweep: { restMs: 3_600_000 } });

    expect(await limited.invalidation.pattern('user:*')).toMatchObject({ acknowledged: true, removed: 8 });
    await limited.close();
  });
});

describe('a cause', () => {
  it.each([[1n], [7], [null], [['a', 'b']], [{ toJSON: () => 'x' }], [new String('x')], ['x'.repeat(201)]])(
    'that is no string of at most 200 characters is refused, and others are done (case %#)',
    async (cause) => {
      const { invalidation } = instance;
      const others = ['user:4', 'user:5'].map((tag) => invalidation.tags([tag], { cause: 'x'.repeat(200) }));
      const refused = [{}, { dryRun: true }, { force: true }].map((options) =>
        invalidation.user(3, { ...options, cause: cause as string }),
      );

      for (const each of refused)
        await expect(each).rejects.toMatchObject({ name: 'InvalidOptionError', family: 'usage' });
      for (const each of others) expect(await each).toMatchObject({ acknowledged: true });
      expect((await invalidation.history({ limit: 2 })).map(({ name }) => name).sort()).toEqual(['user:4', 'user:5']);
    },
  );
});

describe('the history', () => {
  it('tells what was invalidated, when and why, newest first', async () => {
    const before = Date.now();
    await instance.invalidation.user(3, { cause: 'ticket 42' });
    await instance.invalidation.pattern('user:1*');
    await instance.cache.delete(UserProfile({ userId: 5 }));
    const history = await instance.invalidation.history({ since: before - 1_000, limit: 3 });
    expect(history.map(({ kind, name, cause }) => [kind, name, cause])).toEqual([
      ['key', 'user:5:profile', 'delete'],
      ['pattern', 'user:1*', 'invalidation.pattern'],
      ['tag', 'user:3', 'ticket 42'],
    ]);
    expect(Math.abs((history[0]?.at ?? 0) - before)).toBeLessThan(5_000);
  });

  it('finds what touched a tag or a key, everything included', async () => {
    await instance.invalidation.user(3);
    await instance.invalidation.user(4);
    await instance.invalidation.all();
    expect((await instance.invalidation.history({ tag: 'user:3' })).map(({ name }) => name)).toEqual(['*', 'user:3']);
    const ofKey = await instance.invalidation.history({ key: UserProfile({ userId: 4 }) });
    expect(ofKey.map(({ kind, name }) => `${kind} ${name}`)).toEqual([
      'everything *',
      'tag user:4',
      'key user:4:profile',
    ]);
  });

  it('refuses a limit that is none, and what is no tag or key', async () => {
    const { invalidation } = instance;
    await expect(invalidation.history({ limit: 0 })).rejects.toThrow('limit must be a whole number from 1');
    await expect(invalidation.history({ tag: 'a b' })).rejects.toThrow('tag must be 1 to 256 characters');
    await expect(invalidation.history({ key: 'a b' })).rejects.toThrow('key must be 1 to 256 characters');
  });
});

describe('explain', () => {
  it('refuses what is no key by a rejection', async () => {
    await expect(instance.cache.explain('a b')).rejects.toThrow('key must be 1 to 256 characters');
  });

  it('tells age, tags with generations and the last invalidation of an entry', async () => {
    const fresh = await instance.cache.explain(UserProfile({ userId: 2 }));
    expect(fresh).toMatchObject({ state: 'fresh', inMemory: true, template: 'user:{userId}:profile', lease: null });
    expect(fresh.tags.map(({ tag }) => tag)).toEqual(['user:2', '*']);
    expect(fresh.tags.every(({ stamped, current }) => stamped === current)).toBe(true);
    await instance.invalidation.user(2, { cause: 'corrected' });
    const invalidated = await instance.cache.explain('user:2:profile');
    expect(invalidated).toMatchObject({
      state: 'invalidated',
      inMemory: false,
      lastInvalidation: { cause: 'corrected', name: 'user:2' },
    });
    expect(invalidated.tags.find(({ tag }) => tag === 'user:2')).toSatisfy(
      (t: { stamped: string; current: string }) => t.stamped !== t.current,
    );
    expect(await instance.cache.explain('user:none:profile')).toMatchObject({ state: 'absent', tags: [] });
  });
});

describe('a sweep', () => {
  it('frees exactly the invalidated entries and says so', async () => {
    const client = instance.runtime.connection?.client;
    await instance.invalidation.user(2);
    await instance.invalidation.agent(0);
    expect(await client?.exists('shadower:e:{user:2:profile}')).toBe(1);
    const progress = await instance.invalidation.sweep();
    expect(progress).toMatchObject({ state: 'done', scanned: 10, removed: 2 });
    expect(progress.freed).toBeGreaterThan(100);
    expect(await client?.exists('shadower:e:{user:2:profile}', 'shadower:e:{agent:0:stats:7d}')).toBe(0);
    expect(await instance.cache.get(UserProfile({ userId: 1 }))).toEqual({ id: 1 });
    expect(instance.invalidation.sweepProgress()).toEqual(progress);
  });

  it('leaves an entry that was loaded again under the same key', async () => {
    await instance.invalidation.user(2);
    await instance.cache.getOrLoad(UserProfile({ userId: 2 }), () => 'anew');
    await instance.invalidation.sweep();
    expect(await instance.cache.get(UserProfile({ userId: 2 }), { consistency: 'strict' })).toBe('anew');
  });

  it('begins by itself after a rest, once for all that was invalidated', async () => {
    const sweeping = await startCache({ redis: { url: server.url }, sweep: { restMs: 50, duty: 1 } });
    await sweeping.invalidation.user(2);
    await sweeping.invalidation.user(3);
    await until(() => sweeping.invalidation.sweepProgress().state === 'done');
    expect(sweeping.events.filter(({ type }) => type === 'sweep.ended')).toMatchObject([{ removed: 2 }]);
    await sweeping.close();
  });

  it('is done by one instance at a time', async () => {
    const other = await startCache({ redis: { url: server.url }, sweep: { restMs: 3_600_000, duty: 0.01 } });
    const slow = other.invalidation.sweep();
    await until(() => other.invalidation.sweepProgress().state === 'running');
    expect(await instance.invalidation.sweep()).toMatchObject({ state: 'elsewhere' });
    await slow;
    await other.close();
  });
});

describe('with an indexed pattern', () => {
  const options = { indexedPatterns: ['agent:*:stats:*'], sweep: { restMs: 3_600_000 } };

  it('invalidates exactly what the pattern matches without a walk', async () => {
    const indexed = await startCache({ redis: { url: server.url }, ...options });
    const client = indexed.runtime.connection?.client;
    await indexed.cache.setMany([
      [AgentStats({ agentId: 'a', timeframe: '7d' }), 1],
      ['agent:b:deeper:stats:raw', 2],
      ['agent:a:profile', 3],
    ]);
    await client?.config('RESETSTAT');
    expect(await indexed.invalidation.pattern('agent:*:stats:*')).toMatchObject({ acknowledged: true });
    expect(await client?.info('commandstats')).not.toContain('cmdstat_scan:');
    const keys = [AgentStats({ agentId: 'a', timeframe: '7d' }), 'agent:b:deeper:stats:raw', 'agent:a:profile'];
    expect(await indexed.cache.getMany(keys, { consistency: 'strict' })).toEqual([null, null, 3]);
    await indexed.close();
  });

  it('trusts no entry that was stored without its tag', async () => {
    const indexed = await startCache({ redis: { url: server.url }, ...options });
    expect(await indexed.cache.get(AgentStats({ agentId: 1, timeframe: '7d' }))).toBeNull();
    expect(await indexed.cache.get(UserProfile({ userId: 1 }))).toEqual({ id: 1 });
    await indexed.close();
  });
});

import { describe, expect, it } from 'vitest';
import { defineKey, type KeyTemplate } from '../keys/template.js';
import { InvalidOptionError } from '../primitives/errors.js';
import { type CacheModuleOptions, resolveOptions, resolveTtl } from './cache-options.js';
import type { RedisOptions } from './redis-options.js';

const REDIS = { url: 'redis://host' };

describe('resolveOptions', () => {
  it('takes every default', () => {
    expect(resolveOptions({})).toMatchObject({
      redis: undefined,
      prefix: 'shadower',
      memory: { maxEntries: 10_000, maxBytes: 67_108_864 },
      defaultTtl: 300_000,
      ttlJitter: 0.1,
      policy: {
        grace: 0,
        softTimeout: 0,
        hardTimeout: 30_000,
        refreshAhead: 1,
        beta: 1,
        throttle: 5_000,
        source: undefined,
      },
      sources: new Map(),
      consistency: 'default',
      coherenceWindow: 2_000,
      lease: 3_000,
      leaseWait: 10_000,
      scanCount: 500,
      maxEntryBytes: 1_048_576,
      compressAbove: Infinity,
      templates: [],
      rules: [],
      invalidationSpacing: 10,
      blastLimit: undefined,
      sweep: { rest: 60_000, duty: 0.1 },
    });
  });

  it('takes the schedule of the guide for Redis: 5 retries from 2 s', () => {
    const retry = { attempts: 5, base: 2_000, cap: 600_000, jitter: 0 };
    const { redis } = resolveOptions({ redis: REDIS });
    expect(redis?.target()).toEqual({
      servers: { mode: 'standalone', url: 'redis://host', replicas: [] },
      username: undefined,
      password: undefined,
      tls: {},
      commandTimeout: 200,
      retry,
    });
    expect(redis).toEqual({
      target: expect.any(Function) as unknown,
      readFromReplicas: false,
      waitReplicas: 0,
      commandTimeout: 200,
      retry,
      failFast: false,
      circuit: { threshold: 5, probes: { attempts: 2, base: 500, cap: 1_000, jitter: 0.1 } },
      maxInFlight: 10_000,
    });
  });

  it('takes Sentinels and a Cluster, with what each has', () => {
    const sentinels = ['redis://a', 'redis://b'];
    const behind = resolveOptions({ redis: { mode: 'sentinel', sentinels, readFromReplicas: true } }).redis;
    expect(behind).toMatchObject({ readFromReplicas: true });
    expect(behind?.target().servers).toMatchObject({ mode: 'sentinel', sentinels, name: 'mymaster', database: 0 });
    const clustered = resolveOptions({ redis: { mode: 'cluster', nodes: sentinels, waitReplicas: 1 } }).redis;
    expect(clustered).toMatchObject({ readFromReplicas: false, waitReplicas: 1 });
    expect(clustered?.target().servers).toEqual({ mode: 'cluster', nodes: sentinels });
  });

  it.each([
    ['a mode there is not', { mode: 'ring', url: 'redis://a' }, /^redis\.mode must be 'standalone', 'sentinel'/],
    ['a name that a Sentinel refuses', { mode: 'sentinel', sentinels: ['redis://a'], name: 'a b' }, /^redis\.name/],
    ['a key without its certificate', { url: 'rediss://a', tls: { key: 'secret' } }, /^redis\.tls .*received "key"/],
    ['a part of a replica', { url: 'redis://a', waitReplicas: 0.5 }, /^redis\.waitReplicas/],
  ])('refuses %s', (_, redis, message) => {
    expect(() => resolveOptions({ redis: redis as RedisOptions })).toThrow(message);
  });

  it('takes the limits of sources', () => {
    const { sources, policy } = resolveOptions({ sources: { warehouse: { maxLoads: 4 } }, source: 'warehouse' });
    expect(sources.get('warehouse')).toEqual({ maxLoads: 4, maxWait: 1_000 });
    expect(policy.source).toBe('warehouse');
  });

  it('knows a fast schedule, and takes one of the caller’s', () => {
    expect(resolveOptions({ redis: { ...REDIS, retry: 'fast' } }).redis?.retry).toMatchObject({ base: 50, cap: 1_000 });
    expect(resolveOptions({ redis: { ...REDIS, retry: { attempts: 3, jitter: 0.5 } } }).redis?.retry).toEqual({
      attempts: 3,
      base: 2_000,
      cap: 600_000,
      jitter: 0.5,
    });
  });

  it('takes templates as long as no two can make the same key', () => {
    const stats = ['user:{userId}:stats', 'user:all:stats', 'user:{userId}:profile'].map((text) => defineKey(text));
    const [ofOne, ofAll, profile] = stats as [KeyTemplate, KeyTemplate, KeyTemplate];

    expect(resolveOptions({ templates: [ofOne, profile, ofOne] }).templates).toEqual([ofOne, profile, ofOne]);
    expect(() => resolveOptions({ templates: [ofOne, profile, ofAll] })).toThrow(InvalidOptionError);
    expect(() => resolveOptions({ templates: [ofOne, profile, ofAll] })).toThrow(
      'templates must be without two that make the same key; user:{userId}:stats and user:all:stats do: rename a segment; received "user:all:stats"',
    );
  });

  it('is frozen', () => {
    expect(Object.isFrozen(resolveOptions({}))).toBe(true);
  });

  it.each<[string, CacheModuleOptions]>([
    ['memory.maxEntries', { memory: { maxEntries: -1 } }],
    ['memory.maxBytes', { memory: { maxBytes: 1.5 } }],
    ['defaultTtl', { defaultTtl: 0 }],
    ['defaultTtl', { defaultTtl: Infinity }],
    ['grace', { grace: -1 }],
    ['softTimeoutMs', { softTimeoutMs: -1 }],
    ['hardTimeoutMs', { hardTimeoutMs: 0 }],
    ['refreshAhead', { refreshAhead: 0 }],
    ['beta', { beta: -1 }],
    ['throttleMs', { throttleMs: Infinity }],
    ['serveStaleOn', { serveStaleOn: true as never }],
    ['source', { source: 'a b' }],
    ['source', { source: 'unlisted', sources: { warehouse: { maxLoads: 1 } } }],
    ['source', { templates: [defineKey('report:{id}', { source: 'unlisted' })] }],
    ['sources.warehouse.maxLoads', { sources: { warehouse: { maxLoads: 0 } } }],
    ['sources.warehouse.maxWaitMs', { sources: { warehouse: { maxLoads: 1, maxWaitMs: -1 } } }],
    ['ttlJitter', { ttlJitter: 1.1 }],
    ['consistency', { consistency: 'eventual' as never }],
    ['coherenceWindowMs', { coherenceWindowMs: 99 }],
    ['leaseMs', { leaseMs: 0 }],
    ['leaseWaitMs', { leaseWaitMs: -1 }],
    ['scanCount', { scanCount: 0 }],
    ['maxEntryBytes', { maxEntryBytes: 255 }],
    ['compressAbove', { compressAbove: -1 }],
    ['compressAbove', { compressAbove: 0.5 }],
    ['invalidationSpacingMs', { invalidationSpacingMs: NaN }],
    ['blastLimit', { blastLimit: 1.1 }],
    ['sweep.restMs', { sweep: { restMs: -1 } }],
    ['sweep.duty', { sweep: { duty: 0 } }],
    ['redis.commandTimeoutMs', { redis: { ...REDIS, commandTimeoutMs: 0 } }],
    ['redis.circuit.failures', { redis: { ...REDIS, circuit: { failures: 0 } } }],
    ['redis.circuit.probeMs', { redis: { ...REDIS, circuit: { probeMs: 0 } } }],
    ['redis.maxInFlight', { redis: { ...REDIS, maxInFlight: 0 } }],
    ['redis.retry.attempts', { redis: { ...REDIS, retry: { attempts: 1.5 } } }],
    ['redis.retry.baseMs', { redis: { ...REDIS, retry: { baseMs: 0 } } }],
    ['redis.retry.jitter', { redis: { ...REDIS, retry: { jitter: 2 } } }],
  ])('refuses a bad %s by name (case %#)', (name, options) => {
    expect(() => resolveOptions(options)).toThrow(InvalidOptionError);
    expect(() => resolveOptions(options)).toThrow(`${name} must be `);
  });
});

describe('a TTL', () => {
  it('is seconds, fractions too', () => {
    expect([resolveTtl('ttl', 0.001), resolveTtl('ttl', 1.5), resolveTtl('ttl', 366 * 86_400)]).toEqual([
      1, 1_500, 31_622_400_000,
    ]);
  });

  it.each([0, -1, NaN, Infinity, 366 * 86_400 + 1, '5', null])('of %j is refused', (ttl) => {
    expect(() => resolveTtl('ttl', ttl as number)).toThrow('ttl must be a number from 0.001 to 31622400');
  });
});

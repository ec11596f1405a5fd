import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { inspect } from 'node:util';
import type { INestApplicationContext } from '@nestjs/common';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CACHE_OPTIONS, CACHE_RUNTIME } from '../../src/cache/tokens.js';
import {
  CacheEvents,
  CacheHealthIndicator,
  CacheModule,
  CacheService,
  InvalidationService,
  type RedisOptions,
} from '../../src/index.js';
import { makeCache, startCache } from '../support/caches.js';
import { RedisServer } from '../support/redis-server.js';
import { canary, Watch } from './canary.js';
import { CanaryApplication } from './canary-application.js';

const PASSWORD = canary('password', 3);
const ADDRESS = `redis://:${PASSWORD}@host:7000`;
const OURS = { CacheService, InvalidationService, CacheHealthIndicator, CacheModule, CacheEvents };
const TOKENS = { 'the runtime': CACHE_RUNTIME, 'the options': CACHE_OPTIONS };

let redis: RedisServer;
let application: CanaryApplication;

beforeAll(async () => {
  redis = await RedisServer.start({ password: PASSWORD });
  const url = `redis://:${PASSWORD}@127.0.0.1:${redis.port}/0`;
  application = await CanaryApplication.start({
    ...{ run: 3, watch: new Watch([]), logs: new Watch([]) },
    cache: { redis: { url, password: PASSWORD, replicas: [url.replace(/\/0$/, '')], waitReplicas: 1, failFast: true } },
  });
  await application.round();
});

afterAll(async () => {
  await application.stop();
  await redis.stop();
});

/** All that one gets at who prints or copies by properties, whatever is meant to be printed. */
function taken(thing: unknown): string {
  const seen = new WeakSet();
  const once = (_: string, value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return typeof value === 'bigint' ? `${value}` : value;
    if (seen.has(value)) return undefined;
    seen.add(value);
    return value instanceof Map || value instanceof Set ? [...value] : value;
  };
  const everything = { depth: Infinity, showHidden: true, customInspect: false } as const;
  return `${inspect(thing, { ...everything, maxStringLength: null, maxArrayLength: null })}\n${JSON.stringify(thing, once)}`;
}

function passwordsIn(thing: unknown): string[] {
  const watch = new Watch([]);
  watch.see('printed', thing);
  watch.see('taken', taken(thing));
  return watch.leaks.filter(({ secret }) => secret === 'password').map(({ place }) => place);
}

describe('no password is shown by', () => {
  const things: readonly (readonly [string, (app: INestApplicationContext) => unknown])[] = [
    ...Object.entries(OURS).map(
      ([name, type]) => [name, (app: INestApplicationContext): unknown => app.get(type)] as const,
    ),
    ...Object.entries(TOKENS).map(
      ([name, token]) => [name, (app: INestApplicationContext): unknown => app.get(token)] as const,
    ),
  ];

  it.each(things)('%s when it is printed', (_, of) => {
    expect(passwordsIn(of(application.app))).toEqual([]);
  });

  it.each<[string, RedisOptions]>([
    ['Sentinels', { mode: 'sentinel', sentinels: [ADDRESS], sentinelPassword: PASSWORD, password: PASSWORD }],
    ['a Cluster', { mode: 'cluster', nodes: [ADDRESS], readFromReplicas: true }],
    ['a certificate', { url: 'rediss://host', tls: { cert: 'cert', key: PASSWORD } }],
  ])('a cache with %s', (_, options) => {
    const { cache, invalidation, runtime } = makeCache({ redis: options });
    expect(passwordsIn([cache, invalidation, runtime])).toEqual([]);
  });

  it('is what the search tells; it finds one in the open', () => {
    expect(passwordsIn({ redis: { url: ADDRESS } })).toEqual(['printed', 'taken']);
    expect(passwordsIn({ [inspect.custom]: () => '', redis: { url: ADDRESS } })).toContain('taken');
  });
});

describe('the value of an entry', () => {
  it('is bytes without a text on the channel of the client, and as it was on the wire', async () => {
    const value = { secret: canary('value', 4), text: 'é😀\r\n"\\' };
    const told: string[] = [];
    const onCommand = (event: unknown): void => {
      const { command, args } = event as { command: string; args: readonly string[] };
      told.push(`${command} ${args.join(' ')}`);
    };
    const [writer, reader] = await Promise.all([1, 2].map(() => startCache({ redis: { url: withPassword() } })));
    subscribe('tracing:ioredis:command:start', onCommand);
    await writer?.cache.set('user:1:secret', value);
    unsubscribe('tracing:ioredis:command:start', onCommand);

    expect(told.filter((line) => line.startsWith('eval')).join('\n')).toMatch(/user:1:secret.* \d+ bytes \d+$/);
    expect(told.join('\n')).not.toContain(value.secret);
    expect(await reader?.cache.get('user:1:secret', { consistency: 'strict' })).toEqual(value);
    await Promise.all([writer?.close(), reader?.close()]);
  });
});

function withPassword(): string {
  return `redis://:${PASSWORD}@127.0.0.1:${redis.port}/0`;
}

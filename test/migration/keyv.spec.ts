import keyvTestSuite, { keyvIteratorTests } from '@keyv/test-suite';
import { EventEmitter2 } from '@nestjs/event-emitter';
import Keyv, { type KeyvStoreAdapter } from 'keyv';
import * as test from 'vitest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CacheKeyvStore, InvalidationService, UserChanged } from '../../src/index.js';
import { Applications } from '../decorators/applications.js';
import { RedisServer } from '../support/redis-server.js';

describe.each(['memory only', 'Redis'])('CacheKeyvStore, %s', (tier) => {
  let server: RedisServer | undefined;
  const applications = new Applications();
  let app: Awaited<ReturnType<Applications['start']>>;
  // Of Keyv only one is asked at a time; the suite makes them while tests run, and Nest gives transients asynchronously.
  const pool: CacheKeyvStore[] = [];
  beforeAll(async () => {
    server = tier === 'Redis' ? await RedisServer.start() : undefined;
    app = await applications.start({}, server ? { redis: { url: server.url, failFast: true } } : {});
    for (let i = 0; i < 400; i++) pool.push(await app.resolve(CacheKeyvStore));
  }, 60_000);
  afterAll(async () => {
    await applications.close();
    await server?.stop();
  });
  const store = (): CacheKeyvStore => pool.pop() as CacheKeyvStore;

  describe('the suite of Keyv', () => {
    keyvTestSuite(test, Keyv, store);
    keyvIteratorTests(test, Keyv, store);
  });

  it('is what Keyv takes for a store', () => {
    const adapter: KeyvStoreAdapter = store();
    expect(adapter).toBeInstanceOf(CacheKeyvStore);
  });

  it('takes any key, long ones and those that look like a hash of another, and tells them when iterated', async () => {
    const keyv = new Keyv({ store: store(), namespace: 'strange' });
    const keys = ['a b', 'é', '*', 'x'.repeat(1000), '.hash', '', 'a\r\nb', '{a}', '__proto__'];
    for (const key of keys) await keyv.set(key, key);
    for (const key of keys) expect(await keyv.get(key)).toBe(key);
    const seen: unknown[] = [];
    for await (const [key] of keyv.iterator?.(undefined) ?? []) seen.push(key);

    expect(seen.sort()).toEqual(keys.sort());
    expect(await keyv.get('x'.repeat(999))).toBeUndefined();
  });

  it('is reached by domain events where a key names an entity, and by invalidation of everything', async () => {
    const keyv = new Keyv({ store: store(), namespace: 'entities' });
    await keyv.set('user:123:profile', 'Ada');
    await keyv.set('user:124:profile', 'Bob');
    await app.get(EventEmitter2).emitAsync(UserChanged.event, new UserChanged('123'));
    expect([await keyv.get('user:123:profile'), await keyv.get('user:124:profile')]).toEqual([undefined, 'Bob']);
    await app.get(InvalidationService).all();
    expect(await keyv.get('user:124:profile')).toBeUndefined();
  });

  it('keeps a TTL to the millisecond, and values changeable', async () => {
    const keyv = new Keyv({ store: store(), namespace: 'ttl' });
    await keyv.set('a', { list: [1] }, 300);
    const value = await keyv.get<{ list: number[] }>('a');
    value?.list.push(2);
    expect(await keyv.get('a')).toEqual({ list: [1] });
    await new Promise((resolve) => setTimeout(resolve, 310));
    expect(await keyv.get('a')).toBeUndefined();
  });
});

import { describe, expect, it } from 'vitest';
import { InvalidKeyError } from '../../../src/index.js';
import { gate, type TestCache, until } from '../../support/caches.js';
import type { Topology } from './topology.js';

const KEYS = ['user:1:profile', 'user:12:profile', 'metric:cpu:user:1:7d', 'agent:1:stats:7d', 'agent:1', 'plain'];
const BAD_PATTERNS = [
  '*',
  '**',
  '?',
  '*:x',
  '?ser:1',
  'u*',
  '',
  'user:[12]',
  'user:\\*',
  'user:1:*\n',
  'a:*:*:*:*:*',
  `a:${'b'.repeat(255)}`,
];

/** The ways to invalidate one key that carries the tags `user:1` and `own`. */
const WAYS: [string, (instance: TestCache) => Promise<unknown>][] = [
  ['its key', ({ cache }) => cache.delete('user:1:profile')],
  ['a tag of its form', ({ invalidation }) => invalidation.user(1)],
  ['a tag of its own', ({ invalidation }) => invalidation.tags(['own'])],
  ['a pattern', ({ invalidation }) => invalidation.pattern('user:1:*')],
  ['clearPattern', ({ cache }) => cache.clearPattern('user:?:profile')],
  ['everything', ({ invalidation }) => invalidation.all()],
];

/** What an invalidation reaches, and that nothing loaded before it survives it. */
export function describeInvalidation({ start, hasRedis }: Topology): void {
  describe('an invalidation by', () => {
    it.each([
      ['user', 'user:1:profile metric:cpu:user:1:7d'],
      ['agent', 'agent:1:stats:7d agent:1'],
    ] as const)(
      '%s reaches every key that names it, whatever it begins with, and no other',
      async (entity, reached) => {
        const { cache, invalidation } = await start();
        await cache.setMany(KEYS.map((key) => [key, key]));

        expect(await invalidation[entity](1)).toMatchObject({ acknowledged: true, queued: 0, tags: [`${entity}:1`] });

        expect(await missing(cache)).toEqual(reached.split(' '));
      },
    );

    it('metric and workspace reach theirs', async () => {
      const { cache, invalidation } = await start();
      await cache.setMany([
        ['metric:cpu:7d', 1],
        ['workspace:w:overview', 1],
        ['metric:mem:7d', 1],
      ]);

      await Promise.all([invalidation.metric('cpu'), invalidation.workspace('w')]);

      expect(await cache.getMany(['metric:cpu:7d', 'workspace:w:overview', 'metric:mem:7d'])).toEqual([null, null, 1]);
    });

    it('tags reaches entries by the tags that their calls gave', async () => {
      const { cache, invalidation } = await start();
      await cache.set('a', 1, { tags: ['red', 'round'] });
      await cache.set('b', 2, { tags: ['red'] });
      await cache.getOrLoad('c', () => 3, { tags: ['blue'] });

      await invalidation.tags(['round', 'blue', 'blue']);

      // A key that is asked for without its tags is read with those that its entry names.
      expect(await cache.getMany(['a', 'b', 'c'])).toEqual([null, 2, null]);
    });

    it('pattern reaches what the glob matches and tells how much', async () => {
      const { cache, invalidation } = await start();
      await cache.setMany(KEYS.map((key) => [key, key]));

      const { removed } = await invalidation.pattern('user:1?:*');

      expect(await missing(cache)).toEqual(['user:12:profile']);
      if (hasRedis) expect(removed).toBe(1);
    });

    it('clearPattern crosses colons, takes a dot literally and returns how many it deleted', async () => {
      const { cache } = await start();
      await cache.setMany(['user:1:a', 'user:1:a:b', 'user:1.5:a', 'user:1x5:a', 'my-user:1:a'].map((key) => [key, 1]));

      expect(await cache.clearPattern('user:1:*')).toBe(2);
      expect(await cache.clearPattern('user:1.5:*')).toBe(1);
      expect(await cache.clearPattern('user:1:*')).toBe(0);

      expect(await cache.getMany(['user:1x5:a', 'my-user:1:a'])).toEqual([1, 1]);
    });

    it('all reaches everything', async () => {
      const { cache, invalidation } = await start();
      await cache.setMany(KEYS.map((key) => [key, key]));

      await invalidation.all();

      expect(await missing(cache)).toEqual(KEYS);
    });
  });

  describe('an id or a pattern that is not allowed', () => {
    it.each(['*', '1*', '?', '[1]', '', 'a:b', 'a\n', '..\\x'])('invalidates nobody: id %j', async (id) => {
      const { cache, invalidation } = await start();
      await cache.set('user:1:profile', 1);

      for (const entity of ['metric', 'user', 'agent', 'workspace'] as const)
        await expect(invalidation[entity](id)).rejects.toThrow(InvalidKeyError);

      expect(await cache.get('user:1:profile')).toBe(1);
    });

    it.each(BAD_PATTERNS)('clears nothing: pattern %j', async (pattern) => {
      const { cache, invalidation } = await start();
      await cache.set('user:1:profile', 1);

      await expect(cache.clearPattern(pattern)).rejects.toThrow(InvalidKeyError);
      await expect(invalidation.pattern(pattern)).rejects.toThrow(InvalidKeyError);

      expect(await cache.get('user:1:profile')).toBe(1);
    });

    it('invalidates no tag when one of several is bad', async () => {
      const { cache, invalidation } = await start();
      await cache.set('user:1:profile', 1);

      await expect(invalidation.tags(['user:1', 'user:*'])).rejects.toThrow(/^tag must be /);

      expect(await cache.get('user:1:profile')).toBe(1);
    });
  });

  describe('while a load is running', () => {
    it.each(WAYS)('an invalidation by %s leaves nothing of it behind', async (_, invalidate) => {
      const instance = await start();
      const { cache } = instance;
      const loading = gate();
      const loaded = gate<string>();
      const options = { tags: ['own'] };
      const caller = cache.getOrLoad('user:1:profile', () => (loading.open(), loaded.opened), options);
      await loading.opened;

      await invalidate(instance);
      loaded.open('old');

      expect(await caller).toBe('old');
      expect(await cache.get('user:1:profile')).toBeNull();
      expect(await cache.get('user:1:profile', { consistency: 'strict' })).toBeNull();
      expect(await cache.getOrLoad('user:1:profile', () => 'new', options)).toBe('new');
    });

    it.each(WAYS)('a caller after an invalidation by %s does not share it', async (_, invalidate) => {
      const instance = await start();
      const { cache } = instance;
      const loading = gate();
      const loaded = gate<string>();
      const options = { tags: ['own'] };
      const early = cache.getOrLoad('user:1:profile', () => (loading.open(), loaded.opened), options);
      await loading.opened;
      await invalidate(instance);

      const late = cache.getOrLoad('user:1:profile', () => 'new', options);
      loaded.open('old');

      expect([await early, await late]).toEqual(['old', 'new']);
    });

    it('a set is newer: its value stays', async () => {
      const { cache } = await start();
      const loading = gate();
      const loaded = gate<string>();
      const caller = cache.getOrLoad('k', () => (loading.open(), loaded.opened));
      await loading.opened;

      expect(await cache.set('k', 'set')).toBe(true);
      loaded.open('loaded');
      await caller;

      expect(await cache.get('k')).toBe('set');
      expect(await cache.get('k', { consistency: 'strict' })).toBe('set');
    });

    it('an invalidation of something else lets it be stored', async () => {
      const { cache, invalidation } = await start();
      const loading = gate();
      const loaded = gate<string>();
      const caller = cache.getOrLoad('user:1:profile', () => (loading.open(), loaded.opened));
      await loading.opened;

      await invalidation.user(2);
      loaded.open('value');
      await caller;

      expect(await cache.get('user:1:profile')).toBe('value');
    });
  });

  describe('many invalidations at once', () => {
    it('are all acknowledged', async () => {
      const { cache, invalidation } = await start();
      await cache.setMany(Array.from({ length: 50 }, (_, i) => [`user:${i}:profile`, i]));

      const results = await Promise.all(Array.from({ length: 500 }, (_, i) => invalidation.user(i % 50)));
      await until(() => results.every(({ acknowledged }) => acknowledged));

      expect(await cache.getMany(Array.from({ length: 50 }, (_, i) => `user:${i}:profile`))).toEqual(
        Array(50).fill(null),
      );
    });
  });
}

async function missing(cache: TestCache['cache']): Promise<string[]> {
  const values = await cache.getMany(KEYS);
  return KEYS.filter((_, i) => values[i] === null);
}

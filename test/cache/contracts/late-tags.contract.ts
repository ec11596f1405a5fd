import { describe, expect, it } from 'vitest';
import { defineKey, type LoadContext, LoadEndedError } from '../../../src/index.js';
import { gate } from '../../support/caches.js';
import type { Topology } from './topology.js';

const LATE = { lateTags: true };

interface Invoice {
  readonly owner: number;
}

const tagsOf = ({ owner }: Invoice): string[] => [`user:${owner}`];

/** Tags that become known while a value is loaded, or by what it is. */
export function describeLateTags({ start }: Topology): void {
  describe('a tag that the loader names', () => {
    it('invalidates the value, in memory and in Redis', async () => {
      const { cache, invalidation } = await start();
      const load = (): number => {
        cache.dependsOn('user:1', 'user:2');
        return 1;
      };
      for (const id of [1, 2, 3]) {
        expect(await cache.lookup('k', load, LATE)).toMatchObject({ stored: true });
        expect(await cache.get('k')).toBe(1);
        await invalidation.user(id);
        expect(await cache.get('k')).toBe(id === 3 ? 1 : null);
        expect(await cache.get('k', { consistency: 'strict' })).toBe(id === 3 ? 1 : null);
      }
    });

    it('is noticed where nobody told of it: the first value is not stored, the next are', async () => {
      const { cache, events } = await start();
      const key = defineKey('late:{id}')({ id: 1 });
      const load = (context: LoadContext): number => {
        context.addTags(['user:1']);
        return 1;
      };
      expect(await cache.lookup(key, load)).toMatchObject({ value: 1, stored: false });
      expect(events).toContainEqual({ type: 'value.not-stored', label: 'late:{id}', why: 'late-tags' });
      expect(await cache.lookup(key, load)).toMatchObject({ value: 1, stored: true });
    });

    it('costs nothing where the key carries it', async () => {
      const { cache } = await start();
      const load = (): number => {
        cache.dependsOn('user:1');
        return 1;
      };
      expect(await cache.lookup('user:1:k', load)).toMatchObject({ stored: true });
    });

    it('concerns nobody outside of loaders, and must be one', async () => {
      const { cache } = await start();
      expect(() => {
        cache.dependsOn('user:1');
      }).not.toThrow();
      expect(() => {
        cache.dependsOn('user:*');
      }).toThrow('tag must be 1 to 256 characters');
    });

    it('belongs to all keys of a loader of many', async () => {
      const { cache, invalidation } = await start();
      const load = (missing: readonly unknown[]): number[] => {
        cache.dependsOn('user:1');
        return missing.map(() => 1);
      };
      await cache.getOrLoadMany(['a', 'b'], load, LATE);
      expect(await cache.getMany(['a', 'b'])).toEqual([1, 1]);
      await invalidation.user(1);
      expect(await cache.getMany(['a', 'b'])).toEqual([null, null]);
    });

    it('does not reach another load from what a loader has left running', async () => {
      const { cache, invalidation } = await start();
      const [left, told] = [gate(), gate<unknown>()];
      await cache.getOrLoad(
        'first',
        () => {
          void left.opened
            .then(async () => {
              await cache.getOrLoad('user:3:k', () => 1);
              cache.dependsOn('user:3');
            })
            .catch((error: unknown) => {
              told.open(error);
            });
          return 1;
        },
        LATE,
      );
      const second = gate<number>();
      const loading = cache.getOrLoad('second', () => second.opened, LATE);
      left.open();
      expect(await told.opened).toBeInstanceOf(LoadEndedError);
      second.open(2);
      await loading;
      await invalidation.user(3);
      expect(await cache.getMany(['first', 'second'])).toEqual([1, 2]);
    });
  });

  describe('a tag made of the value', () => {
    it('invalidates what a template, a call or a set has stored', async () => {
      const { cache, invalidation } = await start();
      const InvoiceOf = defineKey('invoice:{id}', { tagsOf });
      await cache.getOrLoad(InvoiceOf({ id: 1 }), () => ({ owner: 1 }));
      await cache.getOrLoad('by:call', () => ({ owner: 1 }), { tagsOf });
      await cache.set(InvoiceOf({ id: 2 }), { owner: 1 });
      const keys = [InvoiceOf({ id: 1 }), 'by:call', InvoiceOf({ id: 2 })];
      await invalidation.user(2);
      expect(await cache.getMany(keys)).toEqual(Array(3).fill({ owner: 1 }));
      await invalidation.user(1);
      expect(await cache.getMany(keys)).toEqual([null, null, null]);
    });

    it('leaves when the next value does not make it', async () => {
      const { cache, invalidation } = await start();
      let owner = 1;
      const options = { tagsOf, ttl: 0.02, grace: 60, softTimeoutMs: 5_000 };
      const read = (): Promise<Invoice> =>
        cache.getOrLoad('k', () => ({ owner }), { ...options, ttl: owner === 1 ? 0.02 : 60 });
      await read();
      owner = 2;
      await new Promise((resolve) => setTimeout(resolve, 40));
      expect(await read()).toEqual({ owner: 2 });
      await invalidation.user(1);
      expect(await cache.get('k')).toEqual({ owner: 2 });
      await invalidation.user(2);
      expect(await cache.get('k')).toBeNull();
    });

    it('must be one', async () => {
      const { cache } = await start();
      const value = cache.getOrLoad('k', () => 1, { tagsOf: () => ['a b'] });
      await expect(value).rejects.toThrow('a tag of what tagsOf returns for other must be 1 to 256 characters');
    });
  });

  describe('a tag invalidated while the value is loaded', () => {
    it('leaves it with its caller only', async () => {
      const { cache, invalidation, events } = await start();
      const [begun, loader] = [gate(), gate<Invoice>()];
      const read = (): Promise<Invoice> => {
        begun.open();
        return loader.opened;
      };
      const load = cache.lookup('k', read, { tagsOf });
      await begun.opened;
      await invalidation.user(1);
      loader.open({ owner: 1 });
      expect(await load).toMatchObject({ value: { owner: 1 }, stored: false });
      expect(events).toContainEqual({ type: 'value.not-stored', label: 'other', why: 'invalidated' });
      expect(await cache.exists('k')).toBe(false);
    });

    it.each(['default', 'strict'] as const)('keeps it from %s readers who began after that', async (consistency) => {
      const { cache, invalidation } = await start();
      const loader = gate<string>();
      const named = gate();
      const options = { lateTags: true, consistency };
      const first = cache.getOrLoad(
        'k',
        async () => {
          cache.dependsOn('user:1');
          named.open();
          return loader.opened;
        },
        options,
      );
      await named.opened;
      await invalidation.user(1);
      const second = cache.getOrLoad('k', () => 'new', options);
      loader.open('old');
      expect([await first, await second]).toEqual(['old', 'new']);
    });
  });

  describe('a load within a load', () => {
    it.each(['loader', 'l2', 'l1'] as const)('passes its tags on when it comes from %s', async (source) => {
      const [a, b] = [await start(), await start()];
      const inner = (): Promise<number> => a.cache.getOrLoad('user:1:inner', () => 1, { tags: ['team:1'] });
      if (source === 'l1') await inner();
      if (source === 'l2') await b.cache.getOrLoad('user:1:inner', () => 1, { tags: ['team:1'] });
      for (const invalidate of [() => a.invalidation.user(1), () => a.invalidation.tags(['team:1'])]) {
        expect(await a.cache.lookup('outer', inner)).toMatchObject({ value: 1, stored: true });
        expect(await a.cache.get('outer')).toBe(1);
        await invalidate();
        expect(await a.cache.get('outer')).toBeNull();
      }
    });

    it('passes on what get and getMany find, in parallel too, and the tags made of values', async () => {
      const { cache, invalidation } = await start();
      await cache.set('user:1:a', 1);
      await cache.set('b', { owner: 2 }, { tagsOf });
      await cache.getOrLoad('outer', async () =>
        Promise.all([cache.get('user:1:a'), cache.getMany(['b']), cache.getOrLoad('user:3:c', () => 3)]),
      );
      for (const id of [1, 2, 3]) {
        expect(await cache.exists('outer')).toBe(true);
        await invalidation.user(id);
        expect(await cache.exists('outer')).toBe(false);
        await cache.set('user:1:a', 1);
        await cache.set('b', { owner: 2 }, { tagsOf });
        await cache.getOrLoad('outer', async () =>
          Promise.all([cache.get('user:1:a'), cache.getMany(['b']), cache.getOrLoad('user:3:c', () => 3)]),
        );
      }
    });

    it('passes on through several', async () => {
      const { cache, invalidation } = await start();
      await cache.getOrLoad('outer', () => cache.getOrLoad('middle', () => cache.getOrLoad('user:1:inner', () => 1)));
      expect(await cache.getMany(['outer', 'middle'])).toEqual([1, 1]);
      await invalidation.user(1);
      expect(await cache.getMany(['outer', 'middle'])).toEqual([null, null]);
    });

    it('is not stored when what it read was invalidated before it ended', async () => {
      const { cache, invalidation } = await start();
      const outer = await cache.lookup('outer', async () => {
        const inner = await cache.getOrLoad('user:1:inner', () => 1);
        await invalidation.user(1);
        return inner;
      });
      expect(outer).toMatchObject({ value: 1, stored: false });
    });

    it('is not stored when what it read could not be stamped', async () => {
      const { cache, events } = await start();
      const inner = defineKey('inner:{id}')({ id: 1 });
      const load = (): Promise<number> =>
        cache.getOrLoad(inner, () => {
          cache.dependsOn('user:1');
          return 1;
        });
      expect(await cache.lookup('outer', load)).toMatchObject({ stored: false });
      expect(events).toContainEqual({ type: 'value.not-stored', label: 'other', why: 'uncertain' });
      expect(await cache.lookup('outer', load)).toMatchObject({ stored: true });
    });
  });
}

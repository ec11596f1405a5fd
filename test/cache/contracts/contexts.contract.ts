import { describe, expect, it } from 'vitest';
import { type LoadContext, LoadEndedError, LoadTimeoutError } from '../../../src/index.js';
import { gate, until } from '../../support/caches.js';
import type { Topology } from './topology.js';

/** Past its TTL at once, kept for a minute, and readers wait for the new value. */
const CONDITIONAL = { ttl: 0.02, grace: 60, softTimeoutMs: 5_000 };

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** What a loader is told of its load, and what it can say of the value. */
export function describeContexts({ start, hasRedis }: Topology): void {
  describe('the previous value', () => {
    it('is none where nothing is cached', async () => {
      const { cache } = await start();
      expect(await cache.getOrLoad('k', ({ previous }) => previous === undefined)).toBe(true);
    });

    it('is the stale one, with the time of its load', async () => {
      const { cache } = await start();
      const { asOf } = await cache.lookup('k', () => 'old', CONDITIONAL);
      await pause(40);
      const next = await cache.lookup('k', ({ previous }) => ({ previous }), CONDITIONAL);
      expect(next).toMatchObject({ source: 'loader' });
      expect(next.value.previous?.value).toBe('old');
      expect(Math.abs((next.value.previous?.asOf ?? 0) - asOf)).toBeLessThanOrEqual(1);
    });

    it('is the fresh one for a refresh ahead', async () => {
      const { cache } = await start();
      const options = { ttl: 60, refreshAhead: 0.01, beta: 0 };
      const seen: unknown[] = [];
      const load = ({ previous }: LoadContext<number>): number => seen.push(previous?.value);
      // A hundredth of the TTL.
      await cache.getOrLoad('k', load, options);
      await until(async () => (await cache.getOrLoad('k', load, options), seen.length > 1));
      expect(seen.slice(0, 2)).toEqual([undefined, 1]);
    });

    it.each(['key', 'tag'])('is none once it was invalidated by %s', async (by) => {
      const { cache, invalidation } = await start();
      await cache.getOrLoad('user:1:k', () => 'old', CONDITIONAL);
      await pause(40);
      await (by === 'key' ? cache.delete('user:1:k') : invalidation.user(1));
      const value = cache.getOrLoad('user:1:k', (context) => context.notModified(), CONDITIONAL);
      await expect(value).rejects.toThrow(
        'context.notModified() must be called only where context.previous is a value',
      );
    });
  });

  describe('notModified', () => {
    it('keeps the value and renews its time; what the loader returns is ignored', async () => {
      const { cache } = await start();
      const { asOf } = await cache.lookup('k', () => ({ etag: 'a' }), CONDITIONAL);
      await pause(40);

      const renewed = await cache.lookup<object>(
        'k',
        (context) => {
          context.notModified();
          return { etag: 'ignored' };
        },
        { ...CONDITIONAL, ttl: 60 },
      );

      expect(renewed).toMatchObject({ value: { etag: 'a' }, source: 'loader', stored: true, stale: false });
      expect(renewed.asOf).toBeGreaterThan(asOf);
      expect(renewed.ttl).toBeGreaterThan(50);
      expect(await cache.lookup('k', () => 'not called')).toMatchObject({ value: { etag: 'a' }, stale: false });
    });

    it('does not bring a value back that is invalidated while the source is asked', async () => {
      const { cache, invalidation } = await start();
      const options = { ...CONDITIONAL, lateTags: true };
      const load = (context: LoadContext<string>): string => {
        context.addTags(['owner:1']);
        return 'old';
      };
      await cache.getOrLoad('k', load, options);
      await pause(40);
      const asked = gate();
      const renewal = cache.lookup(
        'k',
        async (context: LoadContext<string>) => {
          asked.open();
          await invalidation.tags(['owner:1']);
          return context.notModified();
        },
        options,
      );
      await asked.opened;
      expect(await renewal).toMatchObject({ value: 'old', stored: false });
      expect(await cache.getOrLoad('k', () => 'new', options)).toBe('new');
    });

    it('keeps the tags that the value had', async () => {
      const { cache, invalidation } = await start();
      const options = { ...CONDITIONAL, lateTags: true };
      const load = ({ addTags }: { addTags: (tags: string[]) => void }, value: string): string => {
        addTags(['owner:1']);
        return value;
      };
      await cache.getOrLoad('k', (context) => load({ addTags: (tags) => context.addTags(tags) }, 'old'), options);
      await pause(40);
      const renewed = await cache.lookup('k', (context) => context.notModified(), { ...options, ttl: 60 });
      expect(renewed).toMatchObject({ value: 'old', stored: true });
      await invalidation.tags(['owner:1']);
      expect(await cache.get('k')).toBeNull();
    });
  });

  describe('what a loader says of the value', () => {
    it('is its TTL, shortened by jitter at most', async () => {
      const { cache } = await start();
      const { ttl } = await cache.lookup('k', (context) => {
        context.setTtl(5);
        return 1;
      });
      expect(ttl).toBeGreaterThan(4.4);
      expect(ttl).toBeLessThanOrEqual(5);
    });

    it('is that it is not to be stored', async () => {
      const { cache, events } = await start();
      const load = (context: LoadContext): string => {
        context.skip();
        return 'for you only';
      };
      expect(await cache.lookup('k', load)).toMatchObject({ value: 'for you only', stored: false });
      expect(await cache.exists('k')).toBe(false);
      expect(events).toContainEqual({ type: 'value.not-stored', label: 'other', why: 'skipped' });
      // Nobody waits for a lease that was not used.
      expect(await cache.lookup('k', () => 'next')).toMatchObject({ value: 'next', stored: true });
    });

    it.each([
      ['setTtl', 0, 'the TTL given to context.setTtl must be a number from 0.001 to 31622400; received 0'],
      ['setTtl', '5', 'the TTL given to context.setTtl must be a number from 0.001 to 31622400; received "5"'],
      ['addTags', ['a b'], 'tag must be 1 to 256 characters of a-z A-Z 0-9 : _ - .; received "a b"'],
      ['addTags', 'user:1', 'the tags given to context.addTags must be an array; received "user:1"'],
    ] as const)('is refused as an error of the loader: %s(%s)', async (method, argument, message) => {
      const { cache } = await start();
      const value = cache.getOrLoad('k', (context) => {
        (context[method] as (argument: unknown) => void)(argument);
      });
      await expect(value).rejects.toThrow(message);
    });

    it('is refused after the load has ended', async () => {
      const { cache } = await start();
      let kept!: LoadContext;
      await cache.getOrLoad('k', (context) => {
        kept = context;
        return 1;
      });
      for (const use of [
        () => kept.previous,
        () => kept.signal,
        () => {
          kept.setTtl(1);
        },
        () => {
          kept.addTags(['a']);
        },
        () => {
          kept.skip();
        },
        () => kept.notModified(),
      ])
        expect(use).toThrow(LoadEndedError);
      expect(() => kept.signal).toThrow(
        'context.signal was used after its load had ended; await in the loader whatever it starts',
      );
    });
  });

  describe('the signal', () => {
    it('is aborted when the load has run for its hard timeout; what it returns all the same is stored', async () => {
      const { cache } = await start();
      const aborted = gate<unknown>();
      const late = cache.getOrLoad(
        'k',
        async ({ signal }) => {
          await new Promise((resolve) => signal.addEventListener('abort', resolve));
          aborted.open(signal.reason);
          await pause(20);
          return 'late';
        },
        { hardTimeoutMs: 30 },
      );
      await expect(late).rejects.toBeInstanceOf(LoadTimeoutError);
      expect(await aborted.opened).toBeInstanceOf(LoadTimeoutError);
      await until(() => cache.exists('k'));
      expect(await cache.get('k')).toBe('late');
    });

    it('is not aborted for a load that has ended', async () => {
      const { cache } = await start();
      let signal!: AbortSignal;
      await cache.getOrLoad(
        'k',
        (context) => {
          ({ signal } = context);
          return 1;
        },
        { hardTimeoutMs: 400 },
      );
      await pause(500);
      expect(signal.aborted).toBe(false);
    });
  });

  describe('a loader of many keys', () => {
    it('is given a context for each', async () => {
      const { cache } = await start();
      await cache.getOrLoad('b', () => 'old b', CONDITIONAL);
      await pause(40);
      const load = (missing: readonly unknown[], contexts: readonly LoadContext<string>[]): string[] =>
        missing.map((key, i) => {
          const context = contexts[i] as LoadContext<string>;
          if (key === 'a') context.skip();
          if (key === 'b' && context.previous) return context.notModified();
          if (key === 'c') context.setTtl(5);
          return `new ${String(key)}`;
        });
      const keys = ['a', 'b', 'c'];
      expect(await cache.getOrLoadMany(keys, load, { ...CONDITIONAL, ttl: 60 })).toEqual(['new a', 'old b', 'new c']);
      expect(await cache.getMany(keys)).toEqual([null, 'old b', 'new c']);
      expect((await cache.lookup('c', () => 'not called')).ttl).toBeLessThanOrEqual(5);
    });
  });

  if (!hasRedis) return;
  it('gives a strict reader no previous value that memory alone knows', async () => {
    const { cache } = await start();
    await cache.getOrLoad('k', () => 'old');
    await cache.delete('k');
    const seen = await cache.getOrLoad('k', ({ previous }) => ({ previous: previous?.value ?? null }), {
      consistency: 'strict',
    });
    expect(seen).toEqual({ previous: null });
  });
}

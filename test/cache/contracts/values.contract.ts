import { describe, expect, it } from 'vitest';
import { defineKey, InvalidKeyError, NoValueError, ValueNotSerializableError } from '../../../src/index.js';
import type { Topology } from './topology.js';

const Profile = defineKey('user:{userId}:profile');
const BAD_KEYS: [string, unknown][] = [
  ['an empty string', ''],
  ['257 characters', 'k'.repeat(257)],
  ['a trailing newline', 'abc\n'],
  ['a space', 'a b'],
  ['a star', 'user:*'],
  ['a brace', 'a{b}'],
  ['a letter outside ASCII', 'naïve'],
  ['an array', ['k', 'EX', '1']],
  ['undefined', undefined],
  ['a number', 7],
];

/** What is stored is what is read: `get`, `set`, `delete`, `exists`, `getMany`, `setMany`. */
export function describeValues({ start }: Topology): void {
  describe('a key without a value', () => {
    it('is null to get, absent to exists and not there to delete', async () => {
      const { cache } = await start();

      expect(await cache.get('nothing')).toBeNull();
      expect(await cache.exists('nothing')).toBe(false);
      expect(await cache.delete('nothing')).toBe(false);
    });
  });

  describe('a value that was set', () => {
    it.each([
      ['text', 'x'],
      ['zero', 0],
      ['false', false],
      ['an empty list', []],
      ['a tree', { a: [{ b: null }], c: 'ü€𝄞\n' }],
    ])('is read again: %s', async (_, value) => {
      const { cache } = await start();

      expect(await cache.set('k', value)).toBe(true);

      expect(await cache.get('k')).toEqual(value);
      expect(await cache.exists('k')).toBe(true);
    });

    it('is replaced by the next one, and gone after delete', async () => {
      const { cache } = await start();
      const key = Profile({ userId: 123 });
      await cache.set(key, 'old');
      await cache.set(key, 'new');

      expect(await cache.get('user:123:profile')).toBe('new');
      expect(await cache.delete('user:123:profile')).toBe(true);
      expect(await cache.get(key)).toBeNull();
      expect(await cache.exists(key)).toBe(false);
    });

    it('is frozen throughout, so that no reader changes what the next one gets', async () => {
      const { cache } = await start();
      await cache.set('k', { list: [{ n: 1 }] });

      const read = await cache.get<{ list: { n: number }[] }>('k');

      expect(() => read?.list.push({ n: 2 })).toThrow(TypeError);
      expect(() => Object.assign(read?.list[0] as object, { n: 9 })).toThrow(TypeError);
      expect(await cache.get('k')).toEqual({ list: [{ n: 1 }] });
    });

    it('does not follow later changes of the object that was set, which stays changeable', async () => {
      const { cache } = await start();
      const value = { n: 1 };
      await cache.set('k', value);

      value.n = 2;

      expect(await cache.get('k')).toEqual({ n: 1 });
    });
  });

  describe('several keys at once', () => {
    it('are set and read in order, null where there is nothing, null where null is cached', async () => {
      const { cache } = await start();

      expect(
        await cache.setMany([
          ['a', 1],
          ['b', null],
          [Profile({ userId: 'u' }), { name: 'U' }],
        ]),
      ).toEqual([true, true, true]);

      expect(await cache.getMany(['user:u:profile', 'missing', 'a', 'b', 'a'])).toEqual([
        { name: 'U' },
        null,
        1,
        null,
        1,
      ]);
    });

    it('may be none', async () => {
      const { cache } = await start();

      expect(await cache.getMany([])).toEqual([]);
      expect(await cache.setMany([])).toEqual([]);
    });

    it('are all refused when one is bad, and nothing is written', async () => {
      const { cache } = await start();

      await expect(
        cache.setMany([
          ['good', 1],
          ['bad key', 2],
        ]),
      ).rejects.toThrow(InvalidKeyError);
      await expect(
        cache.setMany([
          ['good', 1],
          ['circular', 1n],
        ]),
      ).rejects.toThrow(ValueNotSerializableError);
      await expect(cache.getMany(['good', 'bad\n'])).rejects.toThrow(InvalidKeyError);

      expect(await cache.exists('good')).toBe(false);
    });
  });

  describe.each(BAD_KEYS)('a key that is %s', (_, bad) => {
    it('is refused by every method with the rule and the value, before anything is asked or loaded', async () => {
      const { cache, events } = await start();
      const key = bad as string;
      const loader = (): never => expect.unreachable('loaded');

      for (const call of [
        cache.get(key),
        cache.set(key, 1),
        cache.delete(key),
        cache.exists(key),
        cache.getOrLoad(key, loader),
        cache.lookup(key, loader),
      ])
        await expect(call).rejects.toThrow(/^key must be 1 to 256 characters of a-z A-Z 0-9 : _ - \.; received /);

      expect(events.filter(({ type }) => type === 'usage.refused')).toHaveLength(6);
    });
  });

  describe('a value that cannot be kept', () => {
    it.each([
      ['undefined', undefined],
      ['a function', () => 1],
      ['a symbol', Symbol('s')],
    ])('is refused by set: %s', async (_, value) => {
      const { cache } = await start();
      await cache.set('k', 'before');

      await expect(cache.set('k', value)).rejects.toThrow(NoValueError);

      expect(await cache.get('k')).toBe('before');
    });

    it.each([
      ['BigInt', { n: 1n }],
      ['a circle', circular()],
    ])('is refused by set: %s', async (_, value) => {
      const { cache } = await start();
      await cache.set('k', 'before');

      await expect(cache.set('k', value)).rejects.toThrow(/^the value of k must be JSON: /);

      expect(await cache.get('k')).toBe('before');
    });

    it('is returned by getOrLoad, uncached: BigInt and circles', async () => {
      const { cache, events } = await start();
      const circle = circular();

      expect(await cache.getOrLoad('big', () => 1n)).toBe(1n);
      expect(await cache.getOrLoad('circle', () => circle)).toBe(circle);

      expect(await cache.exists('big')).toBe(false);
      expect(events).toContainEqual({ type: 'value.not-stored', label: 'other', why: 'not-serializable' });
    });

    it('is returned by getOrLoad, uncached: undefined', async () => {
      const { cache } = await start();

      expect(await cache.lookup('u', () => undefined)).toMatchObject({ value: undefined, stored: false });

      expect(await cache.exists('u')).toBe(false);
    });
  });

  describe('a value larger than maxEntryBytes', () => {
    it('is returned by getOrLoad, uncached, and the next caller waits for nobody', async () => {
      const { cache, events } = await start({ maxEntryBytes: 1_000, leaseMs: 5_000, leaseWaitMs: 5_000 });

      expect(await cache.getOrLoad('large', () => 'x'.repeat(1_000))).toHaveLength(1_000);
      const start2 = performance.now();
      expect(await cache.getOrLoad('large', () => 'small')).toBe('small');

      expect(performance.now() - start2).toBeLessThan(1_000);
      expect(events).toContainEqual({ type: 'value.not-stored', label: 'other', why: 'too-large' });
    });

    it('is not stored by set, which says so and leaves no older value behind', async () => {
      const { cache } = await start({ maxEntryBytes: 1_000 });
      await cache.set('k', 'older');

      expect(await cache.set('k', 'x'.repeat(1_000))).toBe(false);

      expect(await cache.get('k')).toBeNull();
    });

    it('does not keep the next loader waiting after a set', async () => {
      const { cache } = await start({ maxEntryBytes: 1_000, leaseMs: 5_000, leaseWaitMs: 5_000 });
      await cache.set('k', 'x'.repeat(1_000));
      const began = performance.now();

      expect(await cache.getOrLoad('k', () => 'small')).toBe('small');

      expect(performance.now() - began).toBeLessThan(1_000);
    });
  });
}

function circular(): object {
  const circle: Record<string, unknown> = {};
  circle['self'] = circle;
  return circle;
}

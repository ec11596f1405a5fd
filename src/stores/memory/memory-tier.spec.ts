import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryTier } from './memory-tier.js';

interface Item {
  readonly name: string;
  readonly bytes: number;
}

const item = (name: string, bytes = 10): Item => ({ name, bytes });
const keys = (tier: MemoryTier<Item>): string => [...tier.keys()].join('');

describe('MemoryTier', () => {
  it('evicts the least recently used beyond its number of entries; reading is using', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 3, maxBytes: 1_000 });
    for (const name of ['a', 'b', 'c']) tier.set(name, item(name));
    tier.get('a');

    tier.set('d', item('d'));

    expect(keys(tier)).toBe('cad');
    expect(tier.get('b')).toBeUndefined();
  });

  it('evicts as many as the bytes of a new one need', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 100, maxBytes: 100 });
    for (const name of ['a', 'b', 'c', 'd']) tier.set(name, item(name, 25));

    tier.set('e', item('e', 60));

    expect(keys(tier)).toBe('de');
    expect(tier.bytes).toBe(85);
  });

  it('does not keep what alone is larger than the tier, nor what was there before it', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 10, maxBytes: 100 });
    tier.set('a', item('old'));
    tier.set('b', item('b'));

    tier.set('a', item('new', 101));

    expect(keys(tier)).toBe('b');
    expect(tier.bytes).toBe(10);
  });

  it('counts a replaced value once, and keeps none with no entries allowed', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 2, maxBytes: 100 });
    tier.set('a', item('old', 40));
    tier.set('a', item('new', 30));
    expect([tier.size, tier.bytes, tier.get('a')?.name]).toEqual([1, 30, 'new']);

    const none = new MemoryTier<Item>({ maxEntries: 0, maxBytes: 100 });
    none.set('a', item('a'));
    expect([none.size, none.bytes]).toEqual([0, 0]);
  });

  it('says of a deletion whether there was something', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 2, maxBytes: 100 });
    tier.set('a', item('a'));

    expect([tier.delete('a'), tier.delete('a'), tier.size, tier.bytes]).toEqual([true, false, 0, 0]);
  });

  it('is empty after clear', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 2, maxBytes: 100 });
    tier.set('a', item('a'));
    tier.clear();

    expect([tier.size, tier.bytes, tier.get('a')]).toEqual([0, 0, undefined]);
  });

  it('stays within both bounds and agrees with a plain list, whatever is done', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e');
    const step = fc.oneof(
      fc.record({ do: fc.constant('set' as const), key, bytes: fc.integer({ min: 0, max: 60 }) }),
      fc.record({ do: fc.constantFrom('get' as const, 'delete' as const), key, bytes: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const tier = new MemoryTier<Item>({ maxEntries: 3, maxBytes: 100 });
        let model: [string, number][] = [];
        for (const { do: action, key: name, bytes } of steps) {
          const known = model.find(([each]) => each === name);
          const rest = model.filter(([each]) => each !== name);
          if (action === 'get') model = known ? [...rest, known] : model;
          else if (action === 'delete') model = rest;
          else model = bytes > 100 ? rest : within([...rest, [name, bytes]]);
          if (action === 'set') tier.set(name, item(name, bytes));
          else tier[action](name);
          expect([...tier.keys()]).toEqual(model.map(([each]) => each));
          expect(tier.bytes).toBe(model.reduce((sum, [, each]) => sum + each, 0));
        }
      }),
    );
  });
});

function within(model: [string, number][]): [string, number][] {
  while (model.length > 3 || model.reduce((sum, [, each]) => sum + each, 0) > 100) model.shift();
  return model;
}

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Resident } from '../contracts.js';
import { MemoryTier } from './memory-tier.js';

interface Item extends Resident<Item> {
  readonly label: string;
}

const item = (key: string, bytes = 10, label = key): Item => ({
  ...{ key, bytes, label },
  ...{ visits: 0, isMain: false, older: undefined, newer: undefined },
});
const keys = (tier: MemoryTier<Item>): string[] => [...tier.keys()].sort();
const names = (count: number, prefix = 'k'): string[] => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

function filled(keys: readonly string[], maxEntries: number, maxBytes = 1_000_000): MemoryTier<Item> {
  const tier = new MemoryTier<Item>({ maxEntries, maxBytes });
  for (const key of keys) tier.set(item(key));
  return tier;
}

describe('MemoryTier', () => {
  it('evicts what nobody has asked for before what somebody has', () => {
    const tier = filled(['a', 'b', 'c'], 3);
    tier.get('a');

    tier.set(item('d'));

    expect(keys(tier)).toEqual(['a', 'c', 'd']);
    expect([tier.evictions, tier.get('b')]).toEqual([1, undefined]);
  });

  it('lets a scan of any length take no more than the tenth where new values wait', () => {
    const used = names(90, 'used');
    const tier = filled(used, 100);
    for (const key of used) tier.get(key);

    for (const key of names(10_000, 'scan')) tier.set(item(key));

    expect(keys(tier).filter((key) => key.startsWith('used'))).toHaveLength(90);
    expect(tier.size).toBe(100);
  });

  it('keeps what comes back soon after its eviction longer than what never did', () => {
    const tier = filled(names(10), 10);
    tier.set(item('k10'));
    expect(tier.get('k0')).toBeUndefined();

    tier.set(item('k0'));
    for (const key of names(50, 'scan')) tier.set(item(key));

    expect(tier.get('k0')).toBeDefined();
    expect(tier.get('k5')).toBeUndefined();
  });

  it('lets go what was asked for once and then no more', () => {
    const tier = filled(names(10), 10);
    for (const key of names(10)) tier.get(key);

    for (const round of names(40, 'round')) {
      tier.set(item(round));
      tier.get(round);
    }

    expect(keys(tier).filter((key) => key.startsWith('k'))).toEqual([]);
  });

  it('evicts as many as the bytes of a new one need', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 100, maxBytes: 100 });
    for (const name of ['a', 'b', 'c', 'd']) tier.set(item(name, 25));

    tier.set(item('e', 60));

    expect(keys(tier)).toEqual(['d', 'e']);
    expect(tier.bytes).toBe(85);
  });

  it('does not keep what alone is larger than the tier, nor what was there before it', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 10, maxBytes: 100 });
    tier.set(item('a'));
    tier.set(item('b'));

    tier.set(item('a', 101));

    expect(keys(tier)).toEqual(['b']);
    expect(tier.bytes).toBe(10);
  });

  it('counts a replaced value once, and keeps none with no entries allowed', () => {
    const tier = new MemoryTier<Item>({ maxEntries: 2, maxBytes: 100 });
    tier.set(item('a', 40, 'old'));
    tier.set(item('a', 30, 'new'));
    expect([tier.size, tier.bytes, tier.get('a')?.label]).toEqual([1, 30, 'new']);

    const none = new MemoryTier<Item>({ maxEntries: 0, maxBytes: 100 });
    none.set(item('a'));
    expect([none.size, none.bytes]).toEqual([0, 0]);
  });

  it('says of a deletion whether there was something', () => {
    const tier = filled(['a'], 2);

    expect([tier.delete('a'), tier.delete('a'), tier.size, tier.bytes]).toEqual([true, false, 0, 0]);
  });

  it('is empty after clear, and can be filled again', () => {
    const tier = filled(names(20), 10);
    tier.clear();
    expect([tier.size, tier.bytes, tier.get('k19')]).toEqual([0, 0, undefined]);

    for (const key of names(20)) tier.set(item(key));

    expect([tier.size, tier.bytes]).toEqual([10, 100]);
  });

  it('stays within both bounds and agrees with a plain model, whatever is done', () => {
    const key = fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g', 'h');
    const step = fc.oneof(
      {
        weight: 30,
        arbitrary: fc.record({ do: fc.constant('set' as const), key, bytes: fc.integer({ min: 0, max: 60 }) }),
      },
      { weight: 30, arbitrary: fc.record({ do: fc.constant('get' as const), key, bytes: fc.constant(0) }) },
      { weight: 10, arbitrary: fc.record({ do: fc.constant('delete' as const), key, bytes: fc.constant(0) }) },
      { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), key, bytes: fc.constant(0) }) },
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), fc.integer({ min: 1, max: 12 }), (steps, maxEntries) => {
        const tier = new MemoryTier<Item>({ maxEntries, maxBytes: 200 });
        const model = new Model(maxEntries, 200);
        const kept = new Set<Item>();
        tier.onGone((value) => kept.delete(value));
        for (const { do: action, key: name, bytes } of steps) {
          const value = item(name, bytes);
          if (action === 'set') kept.add(value);
          if (action === 'set') tier.set(value);
          else if (action === 'clear') tier.clear();
          else tier[action](name);
          model[action](name, bytes);
          expect(keys(tier)).toEqual(model.keys);
          expect(tier.bytes).toBe(model.bytes);
          expect([...kept].map((each) => each.key).sort()).toEqual(model.keys);
          expect(tier.size <= maxEntries && tier.bytes <= 200).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });
});

interface Modelled {
  readonly key: string;
  readonly bytes: number;
  visits: number;
}

/** S3-FIFO in lists: slow, and plain to read beside the paper. */
class Model {
  small: Modelled[] = [];
  main: Modelled[] = [];
  ghosts: { young: string[]; old: string[] } = { young: [], old: [] };

  constructor(
    readonly maxEntries: number,
    readonly maxBytes: number,
  ) {}

  get all(): Modelled[] {
    return [...this.small, ...this.main];
  }

  get keys(): string[] {
    return this.all.map(({ key }) => key).sort();
  }

  get bytes(): number {
    return this.all.reduce((sum, { bytes }) => sum + bytes, 0);
  }

  get(key: string): void {
    const found = this.all.find((each) => each.key === key);
    if (found) found.visits = Math.min(3, found.visits + 1);
  }

  delete(key: string): void {
    this.small = this.small.filter((each) => each.key !== key);
    this.main = this.main.filter((each) => each.key !== key);
  }

  clear(): void {
    [this.small, this.main, this.ghosts] = [[], [], { young: [], old: [] }];
  }

  set(key: string, bytes: number): void {
    const former = this.all.find((each) => each.key === key);
    const wasMain = this.main.some((each) => each.key === key);
    this.delete(key);
    if (bytes > this.maxBytes) return;
    const goesToMain = former ? wasMain : this.takeGhost(key);
    while (this.all.length + 1 > this.maxEntries || this.bytes + bytes > this.maxBytes) this.makeRoom();
    (goesToMain ? this.main : this.small).push({ key, bytes, visits: former?.visits ?? 0 });
  }

  takeGhost(key: string): boolean {
    const { young, old } = this.ghosts;
    const known = young.includes(key) || old.includes(key);
    if (young.includes(key)) this.ghosts.young = young.filter((each) => each !== key);
    else this.ghosts.old = old.filter((each) => each !== key);
    return known;
  }

  makeRoom(): void {
    const bytesInSmall = this.small.reduce((sum, { bytes }) => sum + bytes, 0);
    const isSmallFull = this.small.length >= 0.1 * this.maxEntries || bytesInSmall >= 0.1 * this.maxBytes;
    if (this.small.length > 0 && (isSmallFull || this.main.length === 0)) this.shrinkSmall();
    else this.shrinkMain();
  }

  shrinkSmall(): void {
    const size = this.all.length;
    const oldest = this.small.shift() as Modelled;
    if (oldest.visits > 0) {
      this.main.push({ ...oldest, visits: 0 });
      return;
    }
    this.ghosts.young = [...new Set([...this.ghosts.young, oldest.key])];
    if (this.ghosts.young.length >= size / 2) this.ghosts = { young: [], old: this.ghosts.young };
  }

  shrinkMain(): void {
    const oldest = this.main.shift() as Modelled;
    if (oldest.visits > 0) this.main.push({ ...oldest, visits: oldest.visits - 1 });
  }
}

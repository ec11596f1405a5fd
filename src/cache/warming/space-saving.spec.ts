import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SpaceSaving } from './space-saving.js';

function counted(names: Iterable<string>, capacity: number): Map<string, number> {
  const counts = new SpaceSaving(capacity);
  for (const name of names) counts.add(name);
  return new Map(counts);
}

function exactly(names: Iterable<string>): Map<string, number> {
  const counts = new Map<string, number>();
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1);
  return counts;
}

const NAMES = fc.array(fc.constantFrom(...'abcdefghijklmnop'.split('')), { maxLength: 400 });

describe('the counters of frequent names', () => {
  it('are exact while there is one for each name', () => {
    fc.assert(
      fc.property(NAMES, (names) => {
        expect(counted(names, 16)).toEqual(exactly(names));
      }),
    );
  });

  it('never tell more than there was, and are no more than they may be', () => {
    fc.assert(
      fc.property(NAMES, fc.integer({ min: 1, max: 10 }), (names, capacity) => {
        const [told, actual] = [counted(names, capacity), exactly(names)];
        expect(told.size).toBeLessThanOrEqual(capacity);
        for (const [name, count] of told) expect(count).toBeLessThanOrEqual(actual.get(name) ?? 0);
      }),
    );
  });

  it('find the few that are frequent among many that are met once', () => {
    const frequent = ['a', 'b', 'c'];
    const names = Array.from({ length: 3_000 }, (_, i) => (i % 2 === 0 ? `once:${i}` : (frequent[i % 3] as string)));
    const told = [...counted(names, 20)].toSorted(([, a], [, b]) => b - a).slice(0, 3);
    expect(told.map(([name]) => name).toSorted()).toEqual(frequent);
    for (const [, count] of told) expect(count).toBeGreaterThan(400);
  });

  it('are told most frequent first, also after they were halved', () => {
    fc.assert(
      fc.property(NAMES, NAMES, (before, after) => {
        const counts = new SpaceSaving(16);
        for (const name of before) counts.add(name);
        counts.halve();
        for (const name of after) counts.add(name);
        const told = [...counts].map(([, count]) => count);
        expect(told).toEqual(told.toSorted((a, b) => b - a));
      }),
    );
  });

  it('count nothing of what was before they were cleared', () => {
    const counts = new SpaceSaving(2);
    counts.add('a');
    counts.clear();
    counts.add('b');
    expect([...counts]).toEqual([['b', 1]]);
  });
});

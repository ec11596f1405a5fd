import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OldestFirst } from './oldest-first.js';

describe('OldestFirst', () => {
  it('has nothing of what is empty, and what comes later', () => {
    const keys = new Set<string>();
    const oldest = new OldestFirst(keys);
    expect(oldest.next()).toBeUndefined();

    keys.add('a');

    expect(oldest.next()).toBe('a');
  });

  it('is always the oldest where what it returned is deleted, whatever else is done meanwhile', () => {
    const step = fc.oneof(
      fc.record({ do: fc.constantFrom('add' as const, 'again' as const, 'delete' as const), key: fc.nat(20) }),
      fc.record({ do: fc.constant('drop' as const), key: fc.constant(0) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const keys = new Set<number>();
        const oldest = new OldestFirst(keys);
        for (const { do: action, key } of steps) {
          if (action === 'drop') {
            const expected = [...keys][0];
            expect(oldest.next()).toBe(expected);
            if (expected !== undefined) keys.delete(expected);
          } else {
            if (action !== 'add') keys.delete(key);
            if (action !== 'delete') keys.add(key);
          }
        }
      }),
    );
  });

  it('takes no longer where much was deleted in front', () => {
    const took = (size: number): number => {
      const keys = new Set(Array.from({ length: size }, (_, i) => i));
      const oldest = new OldestFirst(keys);
      const start = performance.now();
      for (let i = size; i < size + 20_000; i++) {
        keys.add(i);
        keys.delete(oldest.next() as number);
      }
      return performance.now() - start;
    };
    took(100);

    // keys().next() takes some 2 s for the large one.
    expect(took(100_000)).toBeLessThan(20 * took(100) + 50);
  });
});

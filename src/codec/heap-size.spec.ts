import { describe, expect, it } from 'vitest';
import { heapSizeOf } from './heap-size.js';

describe('the size of what a schema has made', () => {
  it('ends where a value leads back to itself', () => {
    const parent: { name: string; children: unknown[] } = { name: 'p', children: [] };
    parent.children.push({ parent }, { parent });
    expect(heapSizeOf(parent, new Set())).toBeLessThan(1_000);
  });

  it('is that of bytes, not of their indices', () => {
    expect(heapSizeOf({ bytes: new Uint8Array(10_000) }, new Set())).toBeGreaterThan(10_000);
    expect(heapSizeOf({ bytes: new Uint8Array(10_000) }, new Set())).toBeLessThan(10_200);
  });
});

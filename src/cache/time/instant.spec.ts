import { describe, expect, it } from 'vitest';
import { instantOf, readableSpan, spanOf } from './instant.js';

const AT = Date.parse('2026-11-23T10:00:00Z');

describe('an instant', () => {
  it.each([AT, new Date(AT), '2026-11-23T10:00:00Z', '2026-11-23T11:00:00+01:00'])('may be told as %s', (value) => {
    expect(instantOf('from', value)).toBe(AT);
  });

  it.each([NaN, Infinity, new Date(NaN), '2026-11-23T10:00:00', 'Z', '', null, 1e15, {}])('is not %s', (value) => {
    expect(() => instantOf('from', value)).toThrow(/^from must be/);
  });
});

describe('a span', () => {
  it('may be told in either order, and without an end', () => {
    expect(spanOf({ from: AT + 1, to: AT })).toEqual({ from: AT, to: AT + 1 });
    expect(spanOf({ from: AT })).toEqual({ from: AT, to: undefined });
    expect(spanOf({})).toBeUndefined();
    expect(() => spanOf({ from: 'yesterday' })).toThrow(/^from must be/);
  });

  it('of an event never takes less for an end that cannot be read', () => {
    expect(readableSpan({ from: 'yesterday', to: AT })).toEqual({ from: undefined, to: AT });
    expect(readableSpan({ from: AT, to: 'soon' })).toEqual({ from: AT, to: undefined });
    expect(readableSpan({ from: 'alice', to: 'bob' })).toBeUndefined();
  });
});

import { describe, expect, it, vi } from 'vitest';
import { CacheEvents } from './cache-events.js';

const EVENT = { type: 'ledger.gap', why: 'lost' } as const;

describe('CacheEvents', () => {
  it('passes every event to every listener until it unsubscribes', () => {
    const events = new CacheEvents();
    const [one, other] = [vi.fn(), vi.fn()];
    expect(events.isObserved).toBe(false);
    events.subscribe(one);
    const unsubscribe = events.subscribe(other);

    events.on(EVENT);
    unsubscribe();
    events.on(EVENT);

    expect([one.mock.calls.length, other.mock.calls.length]).toEqual([2, 1]);
    expect(events.isObserved).toBe(true);
  });

  it('lets no listener break the others or the cache', () => {
    const events = new CacheEvents();
    const after = vi.fn();
    events.subscribe(() => {
      throw new Error('mistake of a listener');
    });
    events.subscribe(after);

    expect(() => events.on(EVENT)).not.toThrow();

    expect(after).toHaveBeenCalledWith(EVENT, 'default');
  });
});

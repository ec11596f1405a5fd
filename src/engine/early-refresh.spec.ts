import { describe, expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../keys/load-policy.js';
import { isDueEarly } from './early-refresh.js';

const LIFE = { loadedAt: 0, loadTook: 100, freshUntil: 10_000, keepUntil: 10_000 };

function due(now: number, fraction: number, policy: Partial<typeof DEFAULT_POLICY> = {}): boolean {
  return isDueEarly(LIFE, { ...DEFAULT_POLICY, ...policy }, now, { fraction: () => fraction, token: () => '' });
}

describe('a hit on a fresh value', () => {
  it('begins a refresh past its share of the TTL', () => {
    expect([due(7_999, 0, { refreshAhead: 0.8 }), due(8_000, 0, { refreshAhead: 0.8 })]).toEqual([false, true]);
  });

  it('begins one by chance, as XFetch says: now - beta * loadTook * ln(u) >= expiry', () => {
    // ln(1 - 0.99) is about -4.6: 460 ms before the expiry, for a load of 100 ms.
    expect([due(9_530, 0.99), due(9_550, 0.99)]).toEqual([false, true]);
    expect([due(9_050, 0.99, { beta: 2 }), due(9_100, 0.99, { beta: 2 })]).toEqual([false, true]);
  });

  it('does not draw where the chance is nil, nor with beta 0', () => {
    expect(due(6_999, 1 - 2 ** -53)).toBe(false);
    expect(due(9_999, 1 - 2 ** -53, { beta: 0 })).toBe(false);
  });

  it('refreshes about as often as the formula says', () => {
    let seed = 1;
    const fraction = (): number => (seed = (seed * 48_271) % 2_147_483_647) / 2_147_483_647;
    let count = 0;
    for (let i = 0; i < 20_000; i++) if (due(9_800, fraction())) count += 1;
    // 200 ms before expiry with a load of 100 ms: e^-2 = 13.5 %.
    expect(count / 20_000).toBeGreaterThan(0.125);
    expect(count / 20_000).toBeLessThan(0.145);
  });
});

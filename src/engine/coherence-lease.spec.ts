import { describe, expect, it } from 'vitest';
import { LedgerLease, UNSHARED_LEASE } from './coherence-lease.js';

describe('LedgerLease', () => {
  it('does not hold before it was ever renewed', () => {
    expect(new LedgerLease(2_000).holds(0)).toBe(false);
  });

  it('holds for the window after the moment as of which the ledger was followed', () => {
    const lease = new LedgerLease(2_000);
    lease.renew(10_000);

    expect([lease.holds(10_000), lease.holds(11_999), lease.holds(12_000)]).toEqual([true, true, false]);
  });

  it('is not shortened by an older answer', () => {
    const lease = new LedgerLease(2_000);
    lease.renew(10_000);
    lease.renew(9_000);

    expect(lease.holds(11_500)).toBe(true);
  });
});

describe('the lease of a process that shares with nobody', () => {
  it('always holds', () => {
    UNSHARED_LEASE.renew(0);
    expect(UNSHARED_LEASE.holds(Infinity)).toBe(true);
  });
});

import type { Milliseconds } from '../primitives/units.js';

/** How long this process may trust what it keeps in memory. */
export interface CoherenceLease {
  /** The longest time for which a value may be served after its invalidation was acknowledged. */
  readonly window: Milliseconds;
  holds(now: Milliseconds): boolean;
  /** Everything acknowledged before `asOf` has been applied. */
  renew(asOf: Milliseconds): void;
}

/** Ends `window` after the moment up to which the ledger has been followed. */
export class LedgerLease implements CoherenceLease {
  #until = -Infinity;

  constructor(readonly window: Milliseconds) {}

  holds(now: Milliseconds): boolean {
    return now < this.#until;
  }

  renew(asOf: Milliseconds): void {
    this.#until = Math.max(this.#until, asOf + this.window);
  }
}

/** The lease of a process that shares its cache with nobody: every invalidation is its own. */
export const UNSHARED_LEASE: CoherenceLease = Object.freeze({
  window: 0,
  holds: () => true,
  renew: () => undefined,
});

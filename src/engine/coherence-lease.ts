import type { Milliseconds } from '../primitives/units.js';

/** How long this process may trust what it keeps in memory. */
export interface CoherenceLease {
  /** The longest time for which a value may be served after its invalidation was acknowledged. */
  readonly window: Milliseconds;
  /** False where no other process shares what is cached, so that none can invalidate it. */
  readonly isShared: boolean;
  /** The moment up to which the ledger has been followed; -Infinity before that, and always for a lease that needs none. */
  readonly asOf: Milliseconds;
  holds(now: Milliseconds): boolean;
  /** Everything acknowledged before `asOf` has been applied. */
  renew(asOf: Milliseconds): void;
}

/** Ends `window` after the moment up to which the ledger has been followed. */
export class LedgerLease implements CoherenceLease {
  readonly isShared = true;
  #asOf = -Infinity;

  constructor(readonly window: Milliseconds) {}

  get asOf(): Milliseconds {
    return this.#asOf;
  }

  holds(now: Milliseconds): boolean {
    return now < this.#asOf + this.window;
  }

  renew(asOf: Milliseconds): void {
    this.#asOf = Math.max(this.#asOf, asOf);
  }
}

/** The lease of a process that shares its cache with nobody: every invalidation is its own. */
export const UNSHARED_LEASE: CoherenceLease = Object.freeze({
  window: 0,
  isShared: false,
  asOf: -Infinity,
  holds: () => true,
  renew: () => undefined,
});

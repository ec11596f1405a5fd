import type { HistoryEntry } from '../../engine/audit.js';
import type { InstanceRow } from '../contract.js';

const MOST = 50;

/** The instances that have told of themselves: nobody keeps a list of them, but whoever invalidates signs it. */
export class Instances {
  readonly #rows = new Map<string, { lastInvalidationAt: number | null; invalidations: number }>();

  constructor(private readonly own: string) {
    this.#rows.set(own, { lastInvalidationAt: null, invalidations: 0 });
  }

  saw({ origin, at }: Pick<HistoryEntry, 'origin' | 'at'>): void {
    const row = this.#rows.get(origin) ?? { lastInvalidationAt: null, invalidations: 0 };
    row.invalidations += 1;
    row.lastInvalidationAt = Math.max(at, row.lastInvalidationAt ?? 0);
    this.#rows.set(origin, row);
  }

  /** This one first, then the one that was heard of last. */
  rows(): InstanceRow[] {
    const rows = [...this.#rows].map(([origin, row]) => ({ origin, isThis: origin === this.own, ...row }));
    const rank = ({ isThis, lastInvalidationAt }: InstanceRow): number =>
      isThis ? Infinity : (lastInvalidationAt ?? 0);
    return rows.sort((one, other) => rank(other) - rank(one)).slice(0, MOST);
  }
}

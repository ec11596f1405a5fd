import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import { InvalidationBatch } from './invalidation-batch.js';

const REMEMBERED_FOR: Milliseconds = 60_000;

/**
 * The acknowledged invalidations of the last minute. Replication is asynchronous, so a failover can lose what was
 * acknowledged; whoever notices asserts again what it remembers, which is idempotent.
 */
export class RecentInvalidations {
  #total = 0;
  #batches: { readonly at: Milliseconds; readonly batch: InvalidationBatch }[] = [];

  constructor(
    private readonly clock: Clock,
    private readonly limit: number,
  ) {}

  remember(batch: InvalidationBatch): void {
    this.#forgetOld();
    this.#batches.push({ at: this.clock.now(), batch });
    this.#total += batch.size;
    if (this.#total > this.limit) this.#batches = [{ at: this.clock.now(), batch: this.all() }];
    if (this.#total > this.limit) this.#total = 1;
  }

  /** Everything remembered, in one batch; more than the limit becomes one invalidation of everything. */
  all(): InvalidationBatch {
    this.#forgetOld();
    const all = new InvalidationBatch();
    for (const { batch } of this.#batches) all.absorb(batch);
    all.collapseBeyond(this.limit);
    return all;
  }

  #forgetOld(): void {
    const oldest = this.clock.now() - REMEMBERED_FOR;
    const firstYoung = this.#batches.findIndex(({ at }) => at >= oldest);
    const old = this.#batches.splice(0, firstYoung === -1 ? this.#batches.length : firstYoung);
    for (const { batch } of old) this.#total -= batch.size;
  }
}

import { compareIds } from './stream-id.js';

/** Records that were read before their append was answered; those whose answer never came are forgotten beyond this. */
const MAX_READ_EARLY = 1_000;

/**
 * The ledger records that this process wrote and has not yet read back. Replication is asynchronous: a record that was
 * acknowledged to us and is not there when the ledger was read past its place was lost in a failover.
 */
export class OwnRecords {
  readonly #awaited = new Set<string>();
  readonly #readEarly = new Set<string>();
  #from: string | undefined;

  /** The ledger is followed from after `id`; records up to there will not be read. */
  startFrom(id: string): void {
    this.#from = id;
    this.#awaited.clear();
    this.#readEarly.clear();
  }

  /** A record was appended under `id`; the reader may have come across it before we were told. */
  appended(id: string): void {
    if (this.#from === undefined || compareIds(id, this.#from) <= 0) return;
    if (!this.#readEarly.delete(id)) this.#awaited.add(id);
  }

  /** The reader came across a record of ours. */
  read(id: string): void {
    if (this.#awaited.delete(id)) return;
    this.#readEarly.add(id);
    if (this.#readEarly.size > MAX_READ_EARLY) this.#readEarly.delete(this.#readEarly.values().next().value as string);
  }

  /** Whether a record of ours is missing although the ledger was read up to `end`. */
  isMissingUpTo(end: string): boolean {
    for (const id of this.#awaited) if (compareIds(id, end) <= 0) return true;
    return false;
  }

  /** The ledger is not followed any more. */
  forget(): void {
    this.#from = undefined;
    this.#awaited.clear();
    this.#readEarly.clear();
  }
}

import type { Milliseconds } from '../primitives/units.js';
import { type Ledger, type LedgerEnd, type LedgerRecord, RemoteStoreError } from '../stores/contracts.js';
import type { Circuits } from './circuits.js';
import type { CacheObserver } from './observer.js';

/** A ledger whose writes pass the circuit of invalidations, and that reports what fails. Its reader paces itself. */
export class GuardedLedger implements Ledger {
  constructor(
    private readonly ledger: Ledger,
    private readonly guard: { readonly observer: CacheObserver; readonly circuits: Circuits },
  ) {}

  get shard(): string {
    return this.ledger.shard;
  }

  append(text: string): Promise<string> {
    return this.#guarded('append', () => this.ledger.append(text));
  }

  end(): Promise<LedgerEnd | null> {
    return this.ledger.end();
  }

  read(id: string, wait: Milliseconds): Promise<readonly LedgerRecord[]> {
    return this.ledger.read(id, wait);
  }

  latest(count: number): Promise<readonly LedgerRecord[]> {
    return this.ledger.latest(count);
  }

  isReplicated(): Promise<boolean> {
    return this.#guarded('replicated', () => this.ledger.isReplicated());
  }

  discard(): Promise<void> {
    return this.#guarded('discard', () => this.ledger.discard());
  }

  async #guarded<T>(operation: string, command: () => Promise<T>): Promise<T> {
    try {
      return await this.guard.circuits.run('invalidation', [this.ledger.shard], { operation }, command);
    } catch (error) {
      if (error instanceof RemoteStoreError)
        this.guard.observer.on({ type: 'remote.failed', operation, failure: error.failure });
      throw error;
    }
  }
}

import type { Milliseconds } from '../primitives/units.js';
import {
  type EntryPeek,
  type Fetched,
  type FetchRequest,
  type Filling,
  type LeaseAnswer,
  type LeaseRequest,
  type RemoteStore,
  RemoteStoreError,
  type Stored,
} from '../stores/contracts.js';
import type { CacheObserver } from './observer.js';

/** What stands between a store and its users. */
export interface StoreGuard {
  readonly observer: CacheObserver;
  /** Why nothing may be asked of the store right now, or `undefined`. */
  readonly closedBecause: () => string | undefined;
}

/** A store that reports its failures and can be closed for a while. */
export class GuardedStore implements RemoteStore {
  constructor(
    private readonly store: RemoteStore,
    private readonly guard: StoreGuard,
  ) {}

  get isAvailable(): boolean {
    return this.store.isAvailable && this.guard.closedBecause() === undefined;
  }

  fetch(request: FetchRequest): Promise<Fetched> {
    return this.#guarded('fetch', () => this.store.fetch(request));
  }

  mint(generations: readonly { readonly tag: string; readonly token: string }[]): Promise<string[]> {
    return this.#guarded('mint', () => this.store.mint(generations));
  }

  acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.#guarded('acquire', () => this.store.acquire(request));
  }

  seize(keys: readonly string[], token: string, duration: Milliseconds): Promise<void> {
    return this.#guarded('seize', () => this.store.seize(keys, token, duration));
  }

  fill(fillings: readonly Filling[]): Promise<boolean[]> {
    return this.#guarded('fill', () => this.store.fill(fillings));
  }

  release(key: string, token: string): Promise<void> {
    // Also while closed: a lease that is not given back holds up every other process.
    return this.#reported('release', () => this.store.release(key, token));
  }

  extend(key: string, token: string, duration: Milliseconds): Promise<boolean> {
    return this.#guarded('extend', () => this.store.extend(key, token, duration));
  }

  remove(keys: readonly string[]): Promise<boolean[]> {
    return this.#guarded('remove', () => this.store.remove(keys));
  }

  change(generations: readonly { readonly tag: string; readonly token: string }[]): Promise<void> {
    return this.#guarded('change', () => this.store.change(generations));
  }

  async *scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
    const pages = this.store.scan(what, pattern)[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.#guarded('scan', () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  }

  drop(what: Stored, keys: readonly string[]): Promise<number> {
    return this.#guarded('drop', () => this.store.drop(what, keys));
  }

  heads(keys: readonly string[]): Promise<(EntryPeek | null)[]> {
    return this.#guarded('heads', () => this.store.heads(keys));
  }

  dropSame(entries: readonly { readonly key: string; readonly identity: Buffer }[]): Promise<number> {
    return this.#guarded('drop', () => this.store.dropSame(entries));
  }

  count(): Promise<number> {
    return this.#guarded('count', () => this.store.count());
  }

  ping(): Promise<Milliseconds> {
    return this.#guarded('ping', () => this.store.ping());
  }

  #guarded<T>(operation: string, command: () => Promise<T>): Promise<T> {
    return this.#reported(operation, () => {
      const reason = this.guard.closedBecause();
      if (reason === undefined) return command();
      return Promise.reject(new RemoteStoreError('unavailable', operation, reason));
    });
  }

  async #reported<T>(operation: string, command: () => Promise<T>): Promise<T> {
    try {
      return await command();
    } catch (error) {
      if (error instanceof RemoteStoreError)
        this.guard.observer.on({ type: 'remote.failed', operation, failure: error.failure });
      throw error;
    }
  }
}

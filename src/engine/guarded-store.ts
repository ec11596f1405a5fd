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
import type { CircuitName } from './circuit-breaker.js';
import type { Circuits } from './circuits.js';
import type { CacheObserver } from './observer.js';
import type { Spans } from './spans.js';

/** What commands are called in events and metrics. */
export const COMMANDS: readonly string[] = Object.freeze([
  ...['fetch', 'mint', 'acquire', 'seize', 'fill', 'release', 'extend', 'remove', 'change', 'scan', 'drop', 'heads'],
  ...['count', 'ping', 'append', 'discard', 'follow'],
]);

/** What stands between a store and its users. */
export interface StoreGuard {
  readonly observer: CacheObserver;
  readonly circuits: Circuits;
  readonly spans: Spans;
  /** Why nothing may be asked of the store right now, or `undefined`. */
  readonly closedBecause: () => string | undefined;
}

/** A store whose commands pass a circuit breaker each kind; it reports failures, and can be closed for a while. */
export class GuardedStore implements RemoteStore {
  constructor(
    private readonly store: RemoteStore,
    private readonly guard: StoreGuard,
  ) {}

  get isAvailable(): boolean {
    return this.store.isAvailable && this.guard.closedBecause() === undefined && this.guard.circuits.isPassable('read');
  }

  fetch(request: FetchRequest): Promise<Fetched> {
    return this.#read('fetch', () => this.store.fetch(request));
  }

  mint(generations: readonly { readonly tag: string; readonly token: string }[]): Promise<string[]> {
    return this.#write('mint', () => this.store.mint(generations));
  }

  acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.#write('acquire', () => this.store.acquire(request));
  }

  seize(keys: readonly string[], token: string, duration: Milliseconds): Promise<void> {
    return this.#write('seize', () => this.store.seize(keys, token, duration));
  }

  fill(fillings: readonly Filling[]): Promise<boolean[]> {
    return this.#write('fill', () => this.store.fill(fillings));
  }

  release(key: string, token: string): Promise<void> {
    // Also while closed: a lease that is not given back holds up every other process. It deletes, and so works where writes
    // are refused: among them it would tell that the server is well.
    return this.#reported('release', () => this.#send('release', 'invalidation', () => this.store.release(key, token)));
  }

  extend(key: string, token: string, duration: Milliseconds): Promise<boolean> {
    return this.#write('extend', () => this.store.extend(key, token, duration));
  }

  remove(keys: readonly string[]): Promise<boolean[]> {
    return this.#invalidation('remove', () => this.store.remove(keys));
  }

  change(generations: readonly { readonly tag: string; readonly token: string }[]): Promise<void> {
    return this.#invalidation('change', () => this.store.change(generations));
  }

  async *scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
    const pages = this.store.scan(what, pattern)[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.#read('scan', () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  }

  drop(what: Stored, keys: readonly string[]): Promise<number> {
    return this.#invalidation('drop', () => this.store.drop(what, keys));
  }

  heads(keys: readonly string[]): Promise<(EntryPeek | null)[]> {
    return this.#read('heads', () => this.store.heads(keys));
  }

  dropSame(entries: readonly { readonly key: string; readonly identity: Buffer }[]): Promise<number> {
    return this.#invalidation('drop', () => this.store.dropSame(entries));
  }

  count(): Promise<number> {
    return this.#read('count', () => this.store.count());
  }

  ping(): Promise<Milliseconds> {
    return this.#read('ping', () => this.store.ping());
  }

  #read<T>(operation: string, command: () => Promise<T>): Promise<T> {
    return this.#unlessClosed(operation, 'read', command);
  }

  #write<T>(operation: string, command: () => Promise<T>): Promise<T> {
    return this.#unlessClosed(operation, 'write', command);
  }

  #invalidation<T>(operation: string, command: () => Promise<T>): Promise<T> {
    return this.#unlessClosed(operation, 'invalidation', command);
  }

  #unlessClosed<T>(operation: string, circuit: CircuitName, command: () => Promise<T>): Promise<T> {
    return this.#reported(operation, () => {
      const reason = this.guard.closedBecause();
      if (reason === undefined) return this.#send(operation, circuit, command);
      return Promise.reject(new RemoteStoreError('unavailable', operation, reason));
    });
  }

  /** Without a connection nothing is sent, and the connection tells by itself when it is back: that opens no circuit. */
  #send<T>(operation: string, circuit: CircuitName, command: () => Promise<T>): Promise<T> {
    const { circuits, spans } = this.guard;
    const sent = (): Promise<T> => spans.within('cache.redis', { 'db.operation.name': operation }, command);
    return this.store.isAvailable ? circuits.run(circuit, operation, sent) : command();
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

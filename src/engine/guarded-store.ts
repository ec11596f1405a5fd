import type { Milliseconds } from '../primitives/units.js';
import {
  type AnnouncementsEnd,
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
  ...['announcements', 'replicated', 'count', 'ping', 'append', 'discard', 'follow'],
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

  get shards(): readonly string[] {
    return this.store.shards;
  }

  shardsOf(keys: readonly string[], tags?: readonly string[]): readonly string[] {
    return this.store.shardsOf(keys, tags);
  }

  fetch(request: FetchRequest): Promise<Fetched> {
    const shards = this.store.shardsOf(request.keys, request.tags);
    return this.#unlessClosed('fetch', ['read', shards, request.reads], () => this.store.fetch(request));
  }

  mint(generations: readonly Generation[]): Promise<string[]> {
    return this.#unlessClosed('mint', ['write', this.#of(generations)], () => this.store.mint(generations));
  }

  acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.#write('acquire', [request.key], () => this.store.acquire(request));
  }

  seize(keys: readonly string[], token: string, duration: Milliseconds): Promise<void> {
    return this.#write('seize', keys, () => this.store.seize(keys, token, duration));
  }

  fill(fillings: readonly Filling[]): Promise<boolean[]> {
    const keys = fillings.map(({ key }) => key);
    return this.#write('fill', keys, () => this.store.fill(fillings));
  }

  release(key: string, token: string): Promise<void> {
    // Also while closed: a lease that is not given back holds up every other process. It deletes, and so works where writes
    // are refused: among them it would tell that the server is well.
    const circuit = ['invalidation', this.store.shardsOf([key])] as const;
    return this.#reported('release', () => this.#send('release', circuit, () => this.store.release(key, token)));
  }

  extend(key: string, token: string, duration: Milliseconds): Promise<boolean> {
    return this.#write('extend', [key], () => this.store.extend(key, token, duration));
  }

  remove(keys: readonly string[]): Promise<boolean[]> {
    return this.#invalidation('remove', keys, () => this.store.remove(keys));
  }

  change(generations: readonly Generation[]): Promise<void> {
    return this.#unlessClosed('change', ['invalidation', this.#of(generations)], () => this.store.change(generations));
  }

  get shardOfAnnouncements(): string {
    return this.store.shardOfAnnouncements;
  }

  announcements(token: string): Promise<AnnouncementsEnd> {
    return this.#unlessClosed('announcements', ['write', [this.shardOfAnnouncements]], () =>
      this.store.announcements(token),
    );
  }

  mintLate(generations: readonly Generation[], since: AnnouncementsEnd): Promise<string[] | undefined> {
    const shards = new Set([...this.#of(generations), this.shardOfAnnouncements]);
    return this.#unlessClosed('mint', ['write', [...shards]], () => this.store.mintLate(generations, since));
  }

  async *scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
    const pages = this.store.scan(what, pattern)[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.#everywhere('scan', () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  }

  drop(what: Stored, keys: readonly string[]): Promise<number> {
    return this.#invalidation('drop', keys, () => this.store.drop(what, keys));
  }

  heads(keys: readonly string[]): Promise<(EntryPeek | null)[]> {
    return this.#unlessClosed('heads', ['read', this.store.shardsOf(keys)], () => this.store.heads(keys));
  }

  dropSame(entries: readonly { readonly key: string; readonly identity: Buffer }[]): Promise<number> {
    const keys = entries.map(({ key }) => key);
    return this.#invalidation('drop', keys, () => this.store.dropSame(entries));
  }

  isReplicated(keys: readonly string[], tags: readonly string[]): Promise<boolean> {
    const shards = this.store.shardsOf(keys, tags);
    return this.#unlessClosed('replicated', ['invalidation', shards], () => this.store.isReplicated(keys, tags));
  }

  count(): Promise<number> {
    return this.#everywhere('count', () => this.store.count());
  }

  ping(): Promise<Milliseconds> {
    return this.#everywhere('ping', () => this.store.ping());
  }

  #write<T>(operation: string, keys: readonly string[], command: () => Promise<T>): Promise<T> {
    return this.#unlessClosed(operation, ['write', this.store.shardsOf(keys)], command);
  }

  #invalidation<T>(operation: string, keys: readonly string[], command: () => Promise<T>): Promise<T> {
    return this.#unlessClosed(operation, ['invalidation', this.store.shardsOf(keys)], command);
  }

  /** A read of all that is stored. */
  #everywhere<T>(operation: string, command: () => Promise<T>): Promise<T> {
    return this.#unlessClosed(operation, ['read', this.store.shards], command);
  }

  #of(generations: readonly Generation[]): readonly string[] {
    return this.store.shardsOf(
      [],
      generations.map(({ tag }) => tag),
    );
  }

  #unlessClosed<T>(operation: string, circuit: Circuit, command: () => Promise<T>): Promise<T> {
    return this.#reported(operation, () => {
      const reason = this.guard.closedBecause();
      if (reason === undefined) return this.#send(operation, circuit, command);
      return Promise.reject(new RemoteStoreError('unavailable', operation, reason));
    });
  }

  /** Without a connection nothing is sent, and the connection tells by itself when it is back: that opens no circuit. */
  #send<T>(operation: string, [name, shards, reads]: Circuit, command: () => Promise<T>): Promise<T> {
    const { circuits, spans } = this.guard;
    const sent = (): Promise<T> => spans.within('cache.redis', { 'db.operation.name': operation }, command);
    return this.store.isAvailable ? circuits.run(name, shards, { operation, reads }, sent) : command();
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

/** A kind of commands, the servers they go to, and how many reads each is for. */
type Circuit = readonly [CircuitName, readonly string[], reads?: number | undefined];

interface Generation {
  readonly tag: string;
  readonly token: string;
}

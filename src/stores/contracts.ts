import { CacheError } from '../primitives/errors.js';
import type { Milliseconds } from '../primitives/units.js';

/** What went wrong between us and the remote store. A closed set: it is the `error_type` label of metrics. */
export type RemoteFailure =
  | 'unavailable'
  | 'timeout'
  | 'authentication'
  | 'certificate'
  | 'permission'
  | 'out-of-memory'
  | 'read-only'
  | 'loading'
  | 'overloaded'
  | 'circuit-open'
  | 'protocol';

/** Every {@link RemoteFailure}. */
export const REMOTE_FAILURES: readonly RemoteFailure[] = Object.freeze([
  'unavailable',
  'timeout',
  'authentication',
  'certificate',
  'permission',
  'out-of-memory',
  'read-only',
  'loading',
  'overloaded',
  'circuit-open',
  'protocol',
]);

/**
 * A remote operation that failed. Carries no part of the client's own error: that holds the command with its arguments,
 * and so passwords and values.
 */
export class RemoteStoreError extends CacheError {
  constructor(
    readonly failure: RemoteFailure,
    readonly operation: string,
    /** What is the matter, and what to check: the last part of the message. */
    readonly detail: string,
    /** Which server failed, by address: of a Cluster one, else ''; `undefined` when that is not known. */
    readonly shard?: string,
  ) {
    const at = shard ? ` at ${shard}` : '';
    super('REMOTE_STORE', 'infrastructure', `Redis ${operation}${at} failed (${failure}): ${detail}`, {
      failure,
      operation,
    });
  }
}

/** What one round trip found: entries in the order of the keys asked for, generations in that of the tags; `null` is missing. */
export interface Fetched {
  readonly entries: readonly (Buffer | null)[];
  readonly generations: readonly (string | null)[];
  /** The lease tokens of the keys, where they were asked for. */
  readonly leases: readonly (string | null)[];
}

/** What a fetch is to read, all in one round trip. */
export interface FetchRequest {
  readonly keys: readonly string[];
  readonly tags: readonly string[];
  /** Whether to read the keys' leases too. */
  readonly leases: boolean;
  /** How many reads it is for, where it is for those of several callers: each of them counts for what guards the store. @default 1 */
  readonly reads?: number;
}

/** The right to fill an entry: asked for after a fetch that found nothing usable. */
export interface LeaseRequest {
  readonly key: string;
  readonly token: string;
  readonly duration: Milliseconds;
  /** Identity of the entry that the fetch found and the asker cannot use, empty for none; any other entry is news. */
  readonly seen: Buffer;
  /** Whether the seen entry is to stay while the lease is held (a refresh), or to go (it was invalidated or is broken). */
  readonly keepSeen: boolean;
}

/**
 * The answer to a {@link LeaseRequest}: an entry that has come meanwhile, the lease, or neither because somebody else holds
 * it. `replaces`: the entry that was seen was still there when the lease was granted.
 */
export type LeaseAnswer =
  | { readonly kind: 'found'; readonly bytes: Buffer }
  | { readonly kind: 'granted'; readonly replaces: boolean }
  | { readonly kind: 'busy' };

/** Where the announcements of a store end: its last one. */
export interface AnnouncementsEnd {
  readonly id: string;
  /** Tells it from another of the same id, of announcements that were lost and begun anew. */
  readonly text: string;
}

/** One entry to store, and until when. */
export interface Filling {
  readonly key: string;
  /** The lease under which it was loaded. */
  readonly token: string;
  readonly bytes: Buffer;
  readonly keepFor: Milliseconds;
}

/**
 * The shared tier. Every method settles within its deadline; rejections are {@link RemoteStoreError} and nothing else.
 * "Round trip" counts those of a healthy single server.
 */
export interface RemoteStore {
  /** False while commands would fail at once: not connected, or none configured. */
  readonly isAvailable: boolean;
  /** The parts that fail apart from each other, by address: the primaries of a Cluster. A single server is one part, called ''. */
  readonly shards: readonly string[];
  /** Those of {@link RemoteStore.shards} that hold these keys and tags, each once. */
  shardsOf(keys: readonly string[], tags?: readonly string[]): readonly string[];
  /** Reads entries, generations and leases. One round trip. */
  fetch(request: FetchRequest): Promise<Fetched>;
  /** Gives each missing generation the token beside it and returns the tokens in force, in order. One round trip. */
  mint(generations: readonly { readonly tag: string; readonly token: string }[]): Promise<string[]>;
  /** One round trip. */
  acquire(request: LeaseRequest): Promise<LeaseAnswer>;
  /** Takes the lease from whoever holds it: a `set` is newer than the load that is running. One round trip. */
  seize(keys: readonly string[], token: string, duration: Milliseconds): Promise<void>;
  /** Stores each entry whose lease still holds its token and ends that lease; says which were stored. One round trip. */
  fill(fillings: readonly Filling[]): Promise<boolean[]>;
  /** Ends the lease if it still holds the token. One round trip. */
  release(key: string, token: string): Promise<void>;
  /** Renews the lease if it still holds the token; false when it was taken away. One round trip. */
  extend(key: string, token: string, duration: Milliseconds): Promise<boolean>;
  /** Deletes entries and their leases together; says for each key whether there was an entry. One round trip. */
  remove(keys: readonly string[]): Promise<boolean[]>;
  /**
   * Announces the tags, then replaces their generations; where the server is out of memory, deletes both, which says the
   * same. One round trip, two on a Cluster.
   */
  change(generations: readonly { readonly tag: string; readonly token: string }[]): Promise<void>;
  /** Which of {@link RemoteStore.shards} holds the announcements. */
  readonly shardOfAnnouncements: string;
  /** Where the announcements end; `token` begins them where there are none. One round trip, then two. */
  announcements(token: string): Promise<AnnouncementsEnd>;
  /**
   * As `mint`, then reads the announcements made since a load began: `undefined` if one of them is of one of these tags,
   * or if that cannot be told any more. One round trip, two on a Cluster.
   */
  mintLate(
    generations: readonly { readonly tag: string; readonly token: string }[],
    since: AnnouncementsEnd,
  ): Promise<string[] | undefined>;
  /** Walks over the keys of all leases or entries that match the glob, a page at a time, on every primary. */
  scan(what: Stored, pattern: string): AsyncIterable<readonly string[]>;
  /** Deletes leases or entries by key and returns how many there were. One round trip. */
  drop(what: Stored, keys: readonly string[]): Promise<number>;
  /** The first bytes of entries, in order, enough for their heads as a rule, and the size of each. One round trip. */
  heads(keys: readonly string[]): Promise<(EntryPeek | null)[]>;
  /** Deletes each entry that still is the one whose identity is given; returns how many were. One round trip. */
  dropSame(entries: readonly { readonly key: string; readonly identity: Buffer }[]): Promise<number>;
  /**
   * Whether as many replicas as were asked for have what was removed and changed before under these keys and tags, or
   * anywhere when neither is given; true when none were asked for. One round trip, no longer than a command may take.
   */
  isReplicated(keys: readonly string[], tags: readonly string[]): Promise<boolean>;
  /** How many keys the store holds, those of others in the same database included. One round trip. */
  count(): Promise<number>;
  /** The time a round trip takes. */
  ping(): Promise<Milliseconds>;
}

/** The beginning of a stored entry. */
export interface EntryPeek {
  readonly head: Buffer;
  readonly bytes: number;
}

/** The two things stored under a key. */
export type Stored = 'lease' | 'entry';

/** How far a ledger goes. `appended` counts every record ever written, trimmed ones too. */
export interface LedgerEnd {
  readonly id: string;
  readonly appended: number;
}

/** A record as it was read; `text` is what {@link Ledger.append} was given. */
export interface LedgerRecord {
  readonly id: string;
  readonly text: string;
}

/** The append-only list of invalidations. Same deadlines and errors as {@link RemoteStore}. */
export interface Ledger {
  /** The part of the store that holds it, as in {@link RemoteStore.shards}. */
  readonly shard: string;
  /** Appends a record and returns its id; the oldest records go when there are too many. One round trip. */
  append(text: string): Promise<string>;
  /** Where the ledger ends, or `null` when there is none: it was never written, or was lost. One round trip. */
  end(): Promise<LedgerEnd | null>;
  /** Records after `id`, oldest first; waits up to `wait` for the first. Asked in the same tick as {@link end}, it is answered after it. */
  read(id: string, wait: Milliseconds): Promise<readonly LedgerRecord[]>;
  /** The newest records, newest first, at most `count`. One round trip. */
  latest(count: number): Promise<readonly LedgerRecord[]>;
  /** Whether as many replicas as were asked for have what was appended before. One round trip. */
  isReplicated(): Promise<boolean>;
  /** Deletes the whole ledger: every reader takes that as "everything may have changed". Works when memory is full. One round trip. */
  discard(): Promise<void>;
}

/** What happened to a connection. */
export type ConnectionEvent =
  | { readonly type: 'connection.ready'; readonly afterRetries: number }
  | {
      readonly type: 'connection.retrying';
      readonly failure: RemoteFailure;
      readonly attempt: number;
      readonly delay: Milliseconds;
    }
  /** A server serves that did not write what we wrote before: a failover, or a restart. The last of it may be lost. */
  | { readonly type: 'primary.changed' };

/** What a {@link MemoryStore} must know of a value, and what it notes on it: a value lies in one store, once. */
export interface Resident<Self> {
  readonly key: string;
  /** Bytes that the value occupies, about. */
  readonly bytes: number;
  /** How often it was asked for, as far as the store counts. */
  visits: number;
  /** Whether it has shown that it is asked for more than once. */
  isMain: boolean;
  /** Its neighbours in the store's queue. */
  older: Self | undefined;
  newer: Self | undefined;
}

/** Values in the memory of this process, bounded; which are evicted is the implementation's choice. */
export interface MemoryStore<V extends Resident<V>> {
  /** Whether it keeps nothing at all. */
  readonly isOff: boolean;
  readonly size: number;
  readonly bytes: number;
  /** How many values were evicted to make room. */
  readonly evictions: number;
  get(key: string): V | undefined;
  /** Keeps `value` under its key in place of what was there, unless it alone is larger than the store. */
  set(value: V): void;
  delete(key: string): boolean;
  keys(): Iterable<string>;
  values(): Iterable<V>;
  clear(): void;
  /** Has `listener` called with each value that is not kept, or not any more, for whatever reason. One listener. */
  onGone(listener: (value: V) => void): void;
}

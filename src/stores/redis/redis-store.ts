import { inspect } from 'node:util';
import type { Clock } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
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
} from '../contracts.js';
import { JoinedWrites } from './joined-writes.js';
import { walkKeys } from './key-walk.js';
import type { Keyspace } from './keyspace.js';
import { RedisAnnouncements } from './redis-announcements.js';
import type { RedisConnection } from './redis-connection.js';
import { RedisReads } from './redis-reads.js';
import type { ReplicaReader } from './replica-reader.js';
import { isReplicatedTo } from './replication.js';
import type { ScriptedRedis, WriteAnswer } from './scripts.js';

// One key for each tag ever seen would fill a server that evicts nothing. A generation that has expired is a missing one:
// its entries, if any live that long, are loaded once more.
const GENERATION_LIFE: Milliseconds = 30 * 86_400_000;
// A key and a handful of tags; an entry with a longer head is left to its TTL by sweeps.
const HEAD_BYTES = 1_024;

/** How a tag is given a token. */
interface Generation {
  readonly tag: string;
  readonly token: string;
}

/** The connections that a store uses. */
export interface StoreConnections {
  readonly commands: RedisConnection;
  /** For what removes and changes: {@link StoreConnections.commands}, unless it waits for replicas, which holds up what comes behind. */
  readonly invalidations: RedisConnection;
  /** Where entries are read from replicas. */
  readonly replicas: ReplicaReader | undefined;
}

/** What a store is made of. */
export interface RedisStoreParts {
  readonly keyspace: Keyspace;
  readonly clock: Clock;
  readonly scanCount: number;
  /** How many replicas must have an invalidation until it counts as replicated. */
  readonly waitReplicas: number;
}

/**
 * The shared tier on Redis. Commands of one method are sent in the same tick, so they share a round trip, to each of the
 * servers concerned; each command takes names of one slot.
 */
export class RedisStore implements RemoteStore {
  readonly #keyspace: Keyspace;
  readonly #reads: RedisReads;
  readonly #writes: JoinedWrites;
  readonly #announcements: RedisAnnouncements;

  constructor(
    private readonly connections: StoreConnections,
    private readonly parts: RedisStoreParts,
  ) {
    this.#keyspace = parts.keyspace;
    this.#reads = new RedisReads(connections.commands, connections.replicas, parts.keyspace);
    this.#writes = new JoinedWrites(connections.commands);
    this.#announcements = new RedisAnnouncements(connections, parts.keyspace.announcements);
  }

  get isAvailable(): boolean {
    return this.connections.commands.isReady;
  }

  get shards(): readonly string[] {
    return this.connections.commands.shards.all;
  }

  get shardOfAnnouncements(): string {
    return this.connections.commands.shards.of(this.#keyspace.announcements);
  }

  shardsOf(keys: readonly string[], tags: readonly string[] = []): readonly string[] {
    const { shards } = this.connections.commands;
    if (!shards.isClustered) return shards.all;
    // As each look does for itself.
    if (keys.length === 1 && tags.length === 0) return [shards.of(this.#keyspace.entry(keys[0] as string))];
    const found = new Set(keys.map((each) => shards.of(this.#keyspace.entry(each))));
    for (const tag of tags) found.add(shards.of(this.#keyspace.generation(tag)));
    return [...found];
  }

  fetch(request: FetchRequest): Promise<Fetched> {
    return this.#reads.fetch(request);
  }

  mint(generations: readonly Generation[]): Promise<string[]> {
    return this.#writes.ask(
      generations.map(({ tag, token }) => {
        return { kind: 'mint', names: [this.#keyspace.generation(tag)], given: [token, GENERATION_LIFE] };
      }),
      (present) => present.map(textOf),
    );
  }

  acquire({ key, token, duration, seen, keepSeen }: LeaseRequest): Promise<LeaseAnswer> {
    const { entry, lease } = this.#names(key);
    const given = [token, duration, seen, keepSeen ? '1' : '0'];
    return this.#writes.ask([{ kind: 'acquire', names: [entry, lease], given }], toLeaseAnswer);
  }

  seize(keys: readonly string[], token: string, duration: Milliseconds): Promise<void> {
    const given = [token, duration];
    return this.#writes.ask(
      keys.map((key) => ({ kind: 'seize', names: [this.#keyspace.lease(key)], given })),
      nothing,
    );
  }

  fill(fillings: readonly Filling[]): Promise<boolean[]> {
    return this.#writes.ask(
      fillings.map(({ key, token, bytes, keepFor }) => {
        const { entry, lease } = this.#names(key);
        return { kind: 'fill', names: [entry, lease], given: [token, untold(bytes), keepFor] };
      }),
      (stored) => stored.map((each) => each === 1),
    );
  }

  release(key: string, token: string): Promise<void> {
    const write = { kind: 'release', names: [this.#keyspace.lease(key)], given: [token] } as const;
    const released = this.#writes.ask([write], nothing);
    // Nobody awaits it, and the caller, who hears of the failed load first, may end this process in the same tick.
    this.#writes.flush();
    return released;
  }

  async extend(key: string, token: string, duration: Milliseconds): Promise<boolean> {
    const { lease } = this.#names(key);
    return (await this.#run('extend', lease, (redis) => redis.cacheExtend(lease, token, duration))) === 1;
  }

  remove(keys: readonly string[]): Promise<boolean[]> {
    return Promise.all(
      keys.map(async (key) => {
        const { entry, lease } = this.#names(key);
        return (await this.#invalidate('remove', entry, (redis) => redis.cacheRemove(entry, lease))) > 0;
      }),
    );
  }

  async change(generations: readonly Generation[]): Promise<void> {
    const [first] = generations;
    if (!first) return;
    const announcing = this.#announcements.add(
      first.token,
      generations.map(({ tag }) => tag),
    );
    // One server executes in the order of one connection; several do not.
    if (this.connections.invalidations.shards.isClustered) await announcing;
    const [isAnnounced] = await Promise.all([announcing, ...generations.map((each) => this.#replace(each))]);
    // The new generations were there before the announcements were gone: a load may have been stored under them.
    if (!isAnnounced) await Promise.all(generations.map(({ tag }) => this.#forget(tag)));
  }

  announcements(token: string): Promise<AnnouncementsEnd> {
    this.#writes.flush();
    return this.#announcements.end(token);
  }

  async mintLate(generations: readonly Generation[], since: AnnouncementsEnd): Promise<string[] | undefined> {
    const minting = this.mint(generations);
    // Before the announcements are read: one server executes in the order of one connection.
    this.#writes.flush();
    // What is announced after this was read changes a generation that was read before.
    if (this.connections.commands.shards.isClustered) await minting;
    const [tokens, announced] = await Promise.all([minting, this.#announcements.since(since)]);
    return !announced || generations.some(({ tag }) => announced.has(tag)) ? undefined : tokens;
  }

  async *scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
    this.#writes.flush();
    const match = this.#name(what, pattern);
    const walk = { match, count: this.parts.scanCount };
    for await (const names of walkKeys(this.connections.commands, walk))
      yield names.map((name) => this.#keyspace.keyOf(name));
  }

  async drop(what: Stored, keys: readonly string[]): Promise<number> {
    const names = keys.map((key) => this.#name(what, key));
    const dropped = await Promise.all(
      this.connections.commands.shards
        .bySlot(names)
        .map((group) => this.#invalidate('drop', group[0] as string, (redis) => redis.unlink(...group))),
    );
    return sum(dropped);
  }

  heads(keys: readonly string[]): Promise<(EntryPeek | null)[]> {
    return Promise.all(
      keys.map(async (key) => {
        const { entry } = this.#names(key);
        const [head, bytes] = await Promise.all([
          this.#run('heads', entry, (redis) => redis.getrangeBuffer(entry, 0, HEAD_BYTES - 1)),
          this.#run('heads', entry, (redis) => redis.strlen(entry)),
        ]).catch(nothingOfOurs);
        return head.length === 0 ? null : { head, bytes };
      }),
    );
  }

  async dropSame(entries: readonly { readonly key: string; readonly identity: Buffer }[]): Promise<number> {
    const dropped = await Promise.all(
      entries.map(({ key, identity }) => {
        const { entry } = this.#names(key);
        return this.#invalidate('drop', entry, (redis) => redis.cacheDropSame(entry, identity));
      }),
    );
    return sum(dropped);
  }

  isReplicated(keys: readonly string[], tags: readonly string[]): Promise<boolean> {
    const shards = keys.length + tags.length === 0 ? this.shards : this.shardsOf(keys, tags);
    return isReplicatedTo(this.parts.waitReplicas, this.connections.invalidations, shards);
  }

  async count(): Promise<number> {
    return sum(await this.connections.commands.onPrimaries('count', (node) => node.dbsize()));
  }

  /** The slowest of the primaries. */
  async ping(): Promise<Milliseconds> {
    const start = this.parts.clock.now();
    await this.connections.commands.onPrimaries('ping', (node) => node.ping());
    return this.parts.clock.now() - start;
  }

  async #replace({ tag, token }: Generation): Promise<void> {
    const name = this.#keyspace.generation(tag);
    try {
      await this.#invalidate('change', name, (redis) => redis.set(name, token, 'PX', GENERATION_LIFE));
    } catch (error) {
      // A server out of memory refuses SET but not UNLINK, and a missing generation means "changed" as well.
      if (!(error instanceof RemoteStoreError) || error.failure !== 'out-of-memory') throw error;
      await this.#forget(tag);
    }
  }

  async #forget(tag: string): Promise<void> {
    const name = this.#keyspace.generation(tag);
    await this.#invalidate('change', name, (redis) => redis.unlink(name));
  }

  #run<T>(operation: string, name: string, command: (redis: ScriptedRedis) => Promise<T>): Promise<T> {
    this.#writes.flush();
    return this.connections.commands.run(operation, name, command);
  }

  #invalidate<T>(operation: string, name: string, command: (redis: ScriptedRedis) => Promise<T>): Promise<T> {
    this.#writes.flush();
    return this.connections.invalidations.run(operation, name, command);
  }

  #names(key: string): { readonly entry: string; readonly lease: string } {
    return { entry: this.#keyspace.entry(key), lease: this.#keyspace.lease(key) };
  }

  #name(what: Stored, key: string): string {
    return what === 'entry' ? this.#keyspace.entry(key) : this.#keyspace.lease(key);
  }
}

/** A key of another type under our prefix must not stop a walk over all the others. */
function nothingOfOurs(error: unknown): [Buffer, number] {
  if (error instanceof RemoteStoreError && error.failure === 'protocol') return [Buffer.alloc(0), 0];
  throw error;
}

/**
 * The same bytes for the wire, and their length for whoever makes text of them: the client publishes the arguments of
 * EVALSHA as text on its diagnostics channel, to which tools listen that trace Redis.
 */
function untold(bytes: Buffer): Buffer {
  const told = (): string => `${bytes.length} bytes`;
  return Object.assign(bytes.subarray(), { toString: told, toJSON: told, [inspect.custom]: told });
}

function toLeaseAnswer([answer]: readonly WriteAnswer[]): LeaseAnswer {
  if (Buffer.isBuffer(answer)) return { kind: 'found', bytes: answer };
  return answer === 0 ? { kind: 'busy' } : { kind: 'granted', replaces: answer === 2 };
}

function textOf(answer: WriteAnswer): string {
  return String(answer);
}

function nothing(): undefined {
  return undefined;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

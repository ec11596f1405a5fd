import type { Clock } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
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
} from '../contracts.js';
import type { Keyspace } from './keyspace.js';
import type { RedisConnection } from './redis-connection.js';

// One key for each tag ever seen would fill a server that evicts nothing. A generation that has expired is a missing one:
// its entries, if any live that long, are loaded once more.
const GENERATION_LIFE: Milliseconds = 30 * 86_400_000;
// A key and a handful of tags; an entry with a longer head is left to its TTL by sweeps.
const HEAD_BYTES = 1_024;

/** A key of another type under our prefix must not stop a walk over all the others. */
function notOurs(error: unknown): [Buffer, number] {
  if (error instanceof RemoteStoreError && error.failure === 'protocol') return [Buffer.alloc(0), 0];
  throw error;
}

/** How a tag is given a token. */
interface Generation {
  readonly tag: string;
  readonly token: string;
}

/** The shared tier on one Redis server. Commands of one method are sent in the same tick, so they share a round trip. */
export class RedisStore implements RemoteStore {
  constructor(
    private readonly connection: RedisConnection,
    private readonly keyspace: Keyspace,
    private readonly clock: Clock,
    private readonly scanCount: number,
  ) {}

  get isAvailable(): boolean {
    return this.connection.isReady;
  }

  async fetch({ keys, tags, leases }: FetchRequest): Promise<Fetched> {
    const names = [...keys.map((key) => this.keyspace.entry(key)), ...tags.map((tag) => this.keyspace.generation(tag))];
    if (leases) names.push(...keys.map((key) => this.keyspace.lease(key)));
    if (names.length === 0) return { entries: [], generations: [], leases: [] };
    const values = await this.connection.run('fetch', (redis) => redis.mgetBuffer(names));
    const texts = values.slice(keys.length).map((value) => value?.toString('latin1') ?? null);
    return {
      entries: values.slice(0, keys.length),
      generations: texts.slice(0, tags.length),
      leases: texts.slice(tags.length),
    };
  }

  mint(generations: readonly Generation[]): Promise<string[]> {
    return Promise.all(
      generations.map(async ({ tag, token }) => {
        const name = this.keyspace.generation(tag);
        const present = await this.connection.run('mint', (redis) =>
          redis.set(name, token, 'PX', GENERATION_LIFE, 'NX', 'GET'),
        );
        return present ?? token;
      }),
    );
  }

  async acquire({ key, token, duration, seen, keepSeen }: LeaseRequest): Promise<LeaseAnswer> {
    const { keyspace } = this;
    const [kind, bytes] = await this.connection.run('acquire', (redis) =>
      redis.cacheAcquireBuffer(keyspace.entry(key), keyspace.lease(key), token, duration, seen, keepSeen ? '1' : '0'),
    );
    if (bytes) return { kind: 'found', bytes };
    return { kind: kind?.toString() === 'granted' ? 'granted' : 'busy' };
  }

  async seize(keys: readonly string[], token: string, duration: Milliseconds): Promise<void> {
    await Promise.all(
      keys.map((key) =>
        this.connection.run('seize', (redis) => redis.set(this.keyspace.lease(key), token, 'PX', duration)),
      ),
    );
  }

  fill(fillings: readonly Filling[]): Promise<boolean[]> {
    return Promise.all(
      fillings.map(async ({ key, token, bytes, keepFor }) => {
        const names = [this.keyspace.entry(key), this.keyspace.lease(key)] as const;
        return (await this.connection.run('fill', (redis) => redis.cacheFill(...names, token, bytes, keepFor))) === 1;
      }),
    );
  }

  async release(key: string, token: string): Promise<void> {
    await this.connection.run('release', (redis) => redis.cacheRelease(this.keyspace.lease(key), token));
  }

  async extend(key: string, token: string, duration: Milliseconds): Promise<boolean> {
    return (
      (await this.connection.run('extend', (redis) => redis.cacheExtend(this.keyspace.lease(key), token, duration))) ===
      1
    );
  }

  remove(keys: readonly string[]): Promise<boolean[]> {
    return Promise.all(
      keys.map(async (key) => {
        const names = [this.keyspace.entry(key), this.keyspace.lease(key)] as const;
        return (await this.connection.run('remove', (redis) => redis.cacheRemove(...names))) > 0;
      }),
    );
  }

  async change(generations: readonly Generation[]): Promise<void> {
    await Promise.all(
      generations.map(async ({ tag, token }) => {
        const name = this.keyspace.generation(tag);
        await this.connection
          .run('change', (redis) => redis.set(name, token, 'PX', GENERATION_LIFE))
          .catch((error: unknown) => {
            // A server out of memory refuses SET but not UNLINK, and a missing generation means "changed" as well.
            if (!(error instanceof RemoteStoreError) || error.failure !== 'out-of-memory') throw error;
            return this.connection.run('change', (redis) => redis.unlink(name));
          });
      }),
    );
  }

  async *scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
    const match = this.#name(what, pattern);
    let cursor = '0';
    do {
      const from = cursor;
      const [next, names] = await this.connection.run('scan', (redis) =>
        redis.scan(from, 'MATCH', match, 'COUNT', this.scanCount),
      );
      cursor = next;
      if (names.length > 0) yield names.map((name) => this.keyspace.keyOf(name));
    } while (cursor !== '0');
  }

  async drop(what: Stored, keys: readonly string[]): Promise<number> {
    if (keys.length === 0) return 0;
    const names = keys.map((key) => this.#name(what, key));
    return this.connection.run('drop', (redis) => redis.unlink(names));
  }

  heads(keys: readonly string[]): Promise<(EntryPeek | null)[]> {
    return Promise.all(
      keys.map(async (key) => {
        const name = this.keyspace.entry(key);
        const [head, bytes] = await Promise.all([
          this.connection.run('heads', (redis) => redis.getrangeBuffer(name, 0, HEAD_BYTES - 1)),
          this.connection.run('heads', (redis) => redis.strlen(name)),
        ]).catch(notOurs);
        return head.length === 0 ? null : { head, bytes };
      }),
    );
  }

  async dropSame(entries: readonly { readonly key: string; readonly identity: Buffer }[]): Promise<number> {
    const dropped = await Promise.all(
      entries.map(({ key, identity }) =>
        this.connection.run('drop', (redis) => redis.cacheDropSame(this.keyspace.entry(key), identity)),
      ),
    );
    return dropped.reduce((sum, count) => sum + count, 0);
  }

  count(): Promise<number> {
    return this.connection.run('count', (redis) => redis.dbsize());
  }

  async ping(): Promise<Milliseconds> {
    const start = this.clock.now();
    await this.connection.run('ping', (redis) => redis.ping());
    return this.clock.now() - start;
  }

  #name(what: Stored, key: string): string {
    return what === 'entry' ? this.keyspace.entry(key) : this.keyspace.lease(key);
  }
}

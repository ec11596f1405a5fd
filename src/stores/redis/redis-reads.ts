import { type Fetched, type FetchRequest, RemoteStoreError } from '../contracts.js';
import { JoinedReads } from './joined-reads.js';
import type { Keyspace } from './keyspace.js';
import type { RedisConnection } from './redis-connection.js';
import type { ReplicaReader } from './replica-reader.js';

type Values = (Buffer | null)[];

/** Beyond the name of an entry: its checksum, and when it was loaded. */
const PROOF_BYTES = 64;

/** Reads entries, generations and leases. */
export class RedisReads {
  readonly #joined: JoinedReads;

  constructor(
    private readonly primary: RedisConnection,
    private readonly replicas: ReplicaReader | undefined,
    private readonly keyspace: Keyspace,
  ) {
    this.#joined = new JoinedReads(primary);
  }

  /** One round trip; a second for entries that the replica asked has not, or has of old. */
  async fetch({ keys, tags, leases }: FetchRequest): Promise<Fetched> {
    const entries = keys.map((key) => this.keyspace.entry(key));
    const others = tags.map((tag) => this.keyspace.generation(tag));
    if (leases) others.push(...keys.map((key) => this.keyspace.lease(key)));
    const [found, rest] = await this.#read(entries, others);
    const texts = rest.map((value) => value?.toString('latin1') ?? null);
    return { entries: found, generations: texts.slice(0, tags.length), leases: texts.slice(tags.length) };
  }

  async #read(entries: readonly string[], others: readonly string[]): Promise<[Values, Values]> {
    if (this.replicas?.isReady && entries.length > 0)
      return Promise.all([this.#confirmed(this.replicas, entries), this.#joined.get(others)]);
    const values = await this.#joined.get(others.length === 0 ? entries : [...entries, ...others]);
    return [values.slice(0, entries.length), values.slice(entries.length)];
  }

  /**
   * Entries as a replica has them, which may be behind: the primary tells by their first bytes which are still the same.
   * Generations alone would not do, as a key can be invalidated without them.
   */
  async #confirmed(replicas: ReplicaReader, entries: readonly string[]): Promise<Values> {
    const [copies, proofs] = await Promise.all([
      replicas.read(entries),
      Promise.all(entries.map((entry) => this.#proof(entry))),
    ]);
    const values = copies.map((copy, i) => (copy && isSame(copy, proofs[i] as Buffer) ? copy : null));
    // What the primary has not is gone, whatever the replica says.
    const behind = [...entries.keys()].filter((i) => !values[i] && (proofs[i] as Buffer).length > 0);
    const current = await this.#joined.get(behind.map((i) => entries[i] as string));
    for (const [at, i] of behind.entries()) values[i] = current[at] ?? null;
    return values;
  }

  /** Empty when there is no entry, or something that is none of ours. */
  #proof(entry: string): Promise<Buffer> {
    const last = entry.length + PROOF_BYTES;
    return this.primary
      .run('fetch', entry, (redis) => redis.getrangeBuffer(entry, 0, last))
      .catch((error: unknown) => {
        if (error instanceof RemoteStoreError && error.failure === 'protocol') return Buffer.alloc(0);
        throw error;
      });
  }
}

function isSame(copy: Buffer, proof: Buffer): boolean {
  return proof.length > 0 && copy.subarray(0, proof.length).equals(proof);
}

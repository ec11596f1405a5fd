import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import { type Ledger, type RemoteFailure, type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { InvalidationBatch } from './invalidation-batch.js';
import { encodeRecord, type InvalidationRecord, splitRecord } from './invalidation-record.js';
import type { LocalView } from './local-view.js';
import type { OwnRecords } from './own-records.js';

/** What became of a batch. */
export interface Sent {
  /** Why Redis did not take it; `undefined` when it did. */
  readonly failure: RemoteFailure | undefined;
  /** Whether as many replicas as were asked for have it. */
  readonly replicated: boolean;
  /** How many entries were deleted. */
  readonly removed: number;
  /** Those of the batch's keys that had an entry. */
  readonly existed: ReadonlySet<string>;
}

/** What batches are sent with. */
export interface InvalidationSenderParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly remote: RemoteStore;
  readonly ledger: Ledger;
  readonly view: LocalView;
  readonly own: OwnRecords;
  readonly origin: string;
  readonly waitsForReplicas: boolean;
}

/** Carries out batches of invalidations: Redis first, then the ledger. */
export class InvalidationSender {
  constructor(private readonly parts: InvalidationSenderParts) {}

  /** Never rejects because of Redis. */
  async send(batch: InvalidationBatch): Promise<Sent> {
    const record = this.#recordOf(batch);
    const existed = new Set<string>();
    let removed = 0;
    try {
      await this.#removeKeys(batch, record, existed);
      for (const { name } of record.patterns) removed += await this.#removeMatching(name);
      for (const part of splitRecord(record)) await this.#append(part);
    } catch (error) {
      if (!(error instanceof RemoteStoreError)) throw error;
      return { failure: error.failure, replicated: false, removed: removed + existed.size, existed };
    }
    // Once more: a fetch that Redis served before the change may have been kept meanwhile.
    this.parts.view.apply({ ...record, keys: record.keys.filter(({ name }) => batch.keys.get(name)?.remove) });
    const replicated = await this.#isReplicated(batch, record);
    return { failure: undefined, replicated, removed: removed + existed.size, existed };
  }

  async #removeKeys(batch: InvalidationBatch, { tags }: InvalidationRecord, existed: Set<string>): Promise<void> {
    const { remote } = this.parts;
    const keys = [...batch.keys].filter(([, { remove }]) => remove).map(([key]) => key);
    // Nothing to do is not asked for: its success would tell the circuit breaker of a server that was never asked.
    const [found] = await Promise.all([
      keys.length > 0 ? remote.remove(keys) : [],
      tags.length > 0 ? remote.change(tags) : undefined,
    ]);
    for (const [i, key] of keys.entries()) if (found[i]) existed.add(key);
  }

  /**
   * Leases first, entries second. A fill accepted after the first pass began held a lease that the pass deletes, or had
   * stored its entry before the second pass began; the other order lets fills through between the passes.
   */
  async #removeMatching(pattern: string): Promise<number> {
    const { remote } = this.parts;
    for await (const keys of remote.scan('lease', pattern)) await remote.drop('lease', keys);
    let removed = 0;
    for await (const keys of remote.scan('entry', pattern)) removed += await remote.drop('entry', keys);
    return removed;
  }

  /** A replica that does not answer is no failure of the invalidation: it was made, and is asserted again after a failover. */
  async #isReplicated(batch: InvalidationBatch, { tags, patterns }: InvalidationRecord): Promise<boolean> {
    const { remote, ledger, waitsForReplicas } = this.parts;
    // Not asked for: an answer would tell the circuit breaker of servers that were never asked.
    if (!waitsForReplicas) return true;
    const names = tags.map(({ tag }) => tag);
    try {
      const made =
        patterns.length > 0 ? remote.isReplicated([], []) : remote.isReplicated([...batch.keys.keys()], names);
      return (await Promise.all([made, ledger.isReplicated()])).every((is) => is);
    } catch (error) {
      if (!(error instanceof RemoteStoreError)) throw error;
      return false;
    }
  }

  async #append(record: InvalidationRecord): Promise<void> {
    const { ledger, own } = this.parts;
    try {
      own.appended(await ledger.append(encodeRecord(record)));
    } catch (error) {
      if (!(error instanceof RemoteStoreError) || error.failure !== 'out-of-memory') throw error;
      // Out of memory Redis refuses to append but not to delete, and a ledger that is gone tells every reader to forget all.
      await ledger.discard();
    }
  }

  #recordOf(batch: InvalidationBatch): InvalidationRecord {
    const { random, clock, origin } = this.parts;
    return {
      origin,
      at: clock.now(),
      tags: [...batch.tags].map(([tag, cause]) => ({ tag, token: random.token(), cause })),
      keys: [...batch.keys].map(([name, { cause }]) => ({ name, cause })),
      patterns: [...batch.patterns].map(([name, cause]) => ({ name, cause })),
      again: false,
    };
  }
}

import { ENTITIES } from '../keys/entity-tags.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import { type Ledger, type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { BackgroundTasks } from './background-tasks.js';
import { EVERYTHING } from './generations.js';
import { type Invalidation, InvalidationBatch } from './invalidation-batch.js';
import { encodeRecord, type InvalidationRecord } from './invalidation-record.js';
import type { LocalView } from './local-view.js';
import type { CacheObserver } from './observer.js';
import { RecentInvalidations } from './recent-invalidations.js';

/** What became of an invalidation. */
export interface InvalidationOutcome {
  /** True: no reader gets what was invalidated, within its consistency's bound. False: it waits for Redis, sent first when it is back. */
  readonly acknowledged: boolean;
  /** How many invalidations wait for Redis in this process. */
  readonly queued: number;
  /** How many entries were deleted from Redis; those of tags are unusable at once and deleted later, so not counted. */
  readonly removed: number;
  /** Those of the invalidated keys that had an entry. */
  readonly existed: ReadonlySet<string>;
}

/** What invalidations are made with. */
export interface InvalidatorParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly remote: RemoteStore;
  readonly ledger: Ledger;
  readonly view: LocalView;
  readonly observer: CacheObserver;
  readonly background: BackgroundTasks;
  readonly origin: string;
  /** Called after tags were invalidated: their entries occupy memory that can be freed. */
  readonly onTagsChanged: () => void;
  /** Batches follow each other no sooner than this, so that a storm on one tag becomes a few changes of it. */
  readonly spacing: Milliseconds;
  /** How many invalidations may wait for Redis before they become one of everything. */
  readonly maxQueued: number;
}

interface Step {
  readonly batch: InvalidationBatch;
  readonly done: Promise<InvalidationOutcome>;
}

const RETRY_PAUSE: Milliseconds = 250;

/**
 * Invalidates tags, keys and patterns. This process is fenced at once; then Redis is told, deletions first; then the
 * ledger; then the caller. What comes while a batch is on its way shares the next one and is acknowledged with it. What
 * Redis does not take is queued, and until the queue is empty this process reads nothing from Redis.
 */
export class Invalidator {
  #queue = new InvalidationBatch();
  #next: Step | undefined;
  #last: Promise<unknown> = Promise.resolve();
  #retrying = false;
  #flushing = 0;
  #lastBegan = -Infinity;
  readonly #recent: RecentInvalidations;

  constructor(private readonly parts: InvalidatorParts) {
    this.#recent = new RecentInvalidations(parts.clock, parts.maxQueued);
  }

  /** How many invalidations wait for Redis. */
  get queued(): number {
    return this.#queue.size + this.#flushing;
  }

  /** Never rejects because of Redis. Two round trips for tags and keys; a pattern walks over the keyspace twice. */
  invalidate(invalidation: Invalidation): Promise<InvalidationOutcome> {
    this.#fence(invalidation);
    if (invalidation.patterns?.length) return this.#alone(invalidation);
    const step = this.#nextStep();
    step.batch.add(invalidation);
    return step.done;
  }

  /** Tells other instances that entries were replaced. One round trip. */
  announce(keys: readonly string[], cause: string): Promise<InvalidationOutcome> {
    const step = this.#nextStep();
    for (const key of keys) step.batch.announce(key, cause);
    return step.done;
  }

  /** Sends what is queued, now. What cannot be sent is queued again. */
  async flushQueue(): Promise<void> {
    if (this.#queue.size === 0) return;
    const batch = this.#queue;
    this.#queue = new InvalidationBatch();
    this.#flushing += batch.size;
    await this.#sendOrQueue(batch);
    this.#flushing -= batch.size;
  }

  /** Sends again what was acknowledged in the last minute: Redis may have lost it. */
  async assertAgain(): Promise<void> {
    const batch = this.#recent.all();
    if (batch.size > 0) await this.#sendOrQueue(batch);
  }

  #fence({ tags = [], keys = [], patterns = [] }: Invalidation): void {
    const named = (names: readonly string[]): { name: string; cause: string }[] =>
      names.map((name) => ({ name, cause: '' }));
    this.parts.view.apply({ tags: tags.map((tag) => ({ tag })), keys: named(keys), patterns: named(patterns) });
  }

  #alone(invalidation: Invalidation): Promise<InvalidationOutcome> {
    const batch = new InvalidationBatch();
    batch.add(invalidation);
    return this.#sendOrQueue(batch);
  }

  /** The step that still gathers: begun when the one before it has ended, at the earliest `spacing` after that began. */
  #nextStep(): Step {
    if (this.#next) return this.#next;
    const batch = new InvalidationBatch();
    const done = this.#last.then(async () => {
      const { clock, spacing } = this.parts;
      const early = this.#lastBegan + spacing - clock.now();
      if (early > 0) await clock.sleep(early);
      this.#next = undefined;
      this.#lastBegan = clock.now();
      return this.#sendOrQueue(batch);
    });
    this.#next = { batch, done };
    this.#last = done.catch(() => undefined);
    return this.#next;
  }

  async #sendOrQueue(batch: InvalidationBatch): Promise<InvalidationOutcome> {
    const outcome = await this.#send(batch);
    if (outcome.acknowledged) return outcome;
    this.#queue.absorb(batch);
    this.#queue.collapseBeyond(this.parts.maxQueued);
    this.#retryLater();
    return { ...outcome, queued: this.queued };
  }

  async #send(batch: InvalidationBatch): Promise<InvalidationOutcome> {
    const record = this.#recordOf(batch);
    const existed = new Set<string>();
    let removed = 0;
    try {
      await this.#removeKeys(batch, record, existed);
      for (const { name } of record.patterns) removed += await this.#removeMatching(name);
      await this.#append(record);
    } catch (error) {
      if (!(error instanceof RemoteStoreError)) throw error;
      return this.#report(batch, {
        acknowledged: false,
        queued: this.queued,
        removed: removed + existed.size,
        existed,
      });
    }
    this.#recent.remember(batch);
    if (batch.tags.size > 0) this.parts.onTagsChanged();
    // Once more: a fetch that Redis served before the change may have been kept meanwhile.
    this.parts.view.apply({ ...record, keys: record.keys.filter(({ name }) => batch.keys.get(name)?.remove) });
    return this.#report(batch, { acknowledged: true, queued: this.queued, removed: removed + existed.size, existed });
  }

  async #removeKeys(batch: InvalidationBatch, { tags }: InvalidationRecord, existed: Set<string>): Promise<void> {
    const { remote } = this.parts;
    const keys = [...batch.keys].filter(([, { remove }]) => remove).map(([key]) => key);
    const [found] = await Promise.all([remote.remove(keys), remote.change(tags)]);
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

  async #append(record: InvalidationRecord): Promise<void> {
    const { ledger } = this.parts;
    await ledger.append(encodeRecord(record)).catch((error: unknown) => {
      if (!(error instanceof RemoteStoreError) || error.failure !== 'out-of-memory') throw error;
      // Out of memory Redis refuses to append but not to delete, and a ledger that is gone tells every reader to forget all.
      return ledger.discard();
    });
  }

  #recordOf(batch: InvalidationBatch): InvalidationRecord {
    const { random, clock, origin } = this.parts;
    return {
      origin,
      at: clock.now(),
      tags: [...batch.tags].map(([tag, cause]) => ({ tag, token: random.token(), cause })),
      keys: [...batch.keys].map(([name, { cause }]) => ({ name, cause })),
      patterns: [...batch.patterns].map(([name, cause]) => ({ name, cause })),
    };
  }

  #report(batch: InvalidationBatch, outcome: InvalidationOutcome): InvalidationOutcome {
    const kinds = [...batch.tags.keys()].map(kindOf);
    for (const { remove } of batch.keys.values()) if (remove) kinds.push('key');
    kinds.push(...[...batch.patterns].map(() => 'pattern'));
    if (kinds.length > 0)
      this.parts.observer.on({
        type: 'invalidation.done',
        kinds,
        removed: outcome.removed,
        acknowledged: outcome.acknowledged,
      });
    return outcome;
  }

  #retryLater(): void {
    if (this.#retrying) return;
    this.#retrying = true;
    this.parts.clock.after(RETRY_PAUSE, () => {
      this.#retrying = false;
      this.parts.background.run('queued invalidations', async () => {
        await this.flushQueue();
      });
    });
  }
}

/** What a tag's invalidation is counted under: never an id. */
function kindOf(tag: string): string {
  if (tag === EVERYTHING) return 'everything';
  const entity = tag.slice(0, Math.max(0, tag.indexOf(':')));
  return (ENTITIES as readonly string[]).includes(entity) ? entity : 'tag';
}

import { ENTITIES } from '../keys/entity-tags.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import type { BackgroundTasks } from './background-tasks.js';
import { EVERYTHING } from './generations.js';
import { type Invalidation, InvalidationBatch } from './invalidation-batch.js';
import type { InvalidationSender, Sent } from './invalidation-sender.js';
import type { LocalView } from './local-view.js';
import type { CacheObserver } from './observer.js';
import type { Spans } from './spans.js';
import { RecentInvalidations } from './recent-invalidations.js';

/** What became of an invalidation. */
export interface InvalidationOutcome {
  /**
   * True: no reader gets what was invalidated, within its consistency's bound. False: it waits for Redis, sent first when
   * it is back; or it was made, and has not reached as many replicas as were asked for.
   */
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
  readonly sender: InvalidationSender;
  readonly view: LocalView;
  readonly observer: CacheObserver;
  readonly spans: Spans;
  readonly background: BackgroundTasks;
  /** Called after tags were invalidated: their entries occupy memory that can be freed. */
  readonly onTagsChanged: () => void;
  /** One tag is changed no sooner than this after its last change, so that a storm on it becomes a few changes. */
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
  #stopped = false;
  #flushing = 0;
  #flushed: Promise<unknown> = Promise.resolve();
  /** When each tag was last sent, oldest first, for as long as that matters. */
  readonly #sentAt = new Map<string, Milliseconds>();
  readonly #recent: RecentInvalidations;

  constructor(private readonly parts: InvalidatorParts) {
    this.#recent = new RecentInvalidations(parts.clock, parts.maxQueued);
  }

  /** How many invalidations wait for Redis. */
  get queued(): number {
    return this.#queue.size + this.#flushing;
  }

  /** Whether what was queued is being sent: `flushed` fulfils when it was, or is queued again. */
  get isFlushing(): boolean {
    return this.#flushing > 0;
  }

  get flushed(): Promise<unknown> {
    return this.#flushed;
  }

  /** Never rejects because of Redis. Two round trips for tags and keys, for tags on a Cluster three; a pattern walks over the keyspace twice. */
  invalidate(invalidation: Invalidation): Promise<InvalidationOutcome> {
    return this.parts.spans.within('cache.invalidate', { 'cache.cause': invalidation.cause }, () =>
      this.#send(invalidation),
    );
  }

  #send(invalidation: Invalidation): Promise<InvalidationOutcome> {
    const batch = new InvalidationBatch();
    batch.add(invalidation);
    this.#fence(batch);
    // A walk takes its time: it goes alone, so that nothing waits behind it.
    if (batch.patterns.size > 0) return this.#sendOrQueue(batch);
    const step = this.#nextStep();
    step.batch.absorb(batch);
    return step.done;
  }

  /** Tells other instances that entries were replaced. One round trip. */
  announce(keys: readonly string[], cause: string): Promise<InvalidationOutcome> {
    const step = this.#nextStep();
    for (const key of keys) step.batch.announce(key, cause);
    return step.done;
  }

  /**
   * Invalidates when Redis answers again, without trying now: it has just failed. Until then this process reads nothing
   * from there and stores nothing, so that no later `set` of the same key is undone by this.
   */
  queueUp(invalidation: Invalidation): void {
    const batch = new InvalidationBatch();
    batch.add(invalidation);
    this.#fence(batch);
    this.#enqueue(batch);
  }

  /** Sends what is queued, now. What cannot be sent is queued again. */
  flushQueue(): Promise<void> {
    const flush = this.#flush();
    this.#flushed = Promise.allSettled([this.#flushed, flush]);
    return flush;
  }

  async #flush(): Promise<void> {
    if (this.#queue.size === 0) return;
    const batch = this.#queue;
    const { size } = batch;
    this.#queue = new InvalidationBatch();
    this.#flushing += size;
    try {
      await this.#sendOrQueue(batch);
    } catch (error) {
      this.#enqueue(batch);
      throw error;
    } finally {
      this.#flushing -= size;
    }
  }

  /** Sends again what was made in the last minute: Redis may have lost it. As it is queued, nothing is read from Redis before that. */
  async assertAgain(): Promise<void> {
    const batch = this.#recent.all();
    if (batch.size === 0) return;
    this.#enqueue(batch);
    await this.flushQueue();
  }

  /** Sends what is under way and what is queued, once; then nothing is tried again. Returns how many invalidations are lost with this process. */
  async stop(): Promise<number> {
    this.#stopped = true;
    await this.#last;
    await this.flushQueue();
    return this.queued;
  }

  /** Makes this process forget what is being invalidated, and what it fetches meanwhile. */
  #fence({ tags, keys, patterns }: InvalidationBatch): void {
    const removed = [...keys].filter(([, { remove }]) => remove);
    this.parts.view.apply({
      tags: [...tags.keys()].map((tag) => ({ tag })),
      keys: removed.map(([name, { cause }]) => ({ name, cause })),
      patterns: [...patterns].map(([name, cause]) => ({ name, cause })),
    });
  }

  /** The step that still gathers: begun when the one before it has ended, and none of its tags was changed just now. */
  #nextStep(): Step {
    if (this.#next) return this.#next;
    const batch = new InvalidationBatch();
    const done = this.#last.then(async () => {
      const early = this.#restOf(batch);
      if (early > 0) await this.parts.clock.sleep(early);
      this.#next = undefined;
      for (const tag of batch.tags.keys()) {
        // Inserted anew, so that the oldest stay first.
        this.#sentAt.delete(tag);
        this.#sentAt.set(tag, this.parts.clock.now());
      }
      return this.#sendOrQueue(batch);
    });
    this.#next = { batch, done };
    this.#last = done.catch(() => undefined);
    return this.#next;
  }

  /** How long a batch has to wait for the tag that was changed last. */
  #restOf({ tags }: InvalidationBatch): Milliseconds {
    const { clock, spacing } = this.parts;
    const now = clock.now();
    for (const [tag, at] of this.#sentAt) {
      if (at + spacing > now) break;
      this.#sentAt.delete(tag);
    }
    return Math.max(0, ...[...tags.keys()].map((tag) => (this.#sentAt.get(tag) ?? -Infinity) + spacing - now));
  }

  async #sendOrQueue(batch: InvalidationBatch): Promise<InvalidationOutcome> {
    const sent = await this.parts.sender.send(batch);
    if (sent.failure === undefined) {
      this.#recent.remember(batch);
      if (batch.tags.size > 0) this.parts.onTagsChanged();
      return this.#report(batch, sent);
    }
    // Between the first fence and the failure a reader may have kept what is still in Redis.
    this.#fence(batch);
    if (sent.failure === 'permission' || sent.failure === 'protocol') batch.replacePatterns();
    this.#enqueue(batch);
    return this.#report(batch, sent);
  }

  #enqueue(batch: InvalidationBatch): void {
    this.#queue.absorb(batch);
    this.#queue.collapseBeyond(this.parts.maxQueued);
    this.#retryLater();
  }

  #report(batch: InvalidationBatch, { failure, replicated, removed, existed }: Sent): InvalidationOutcome {
    const acknowledged = failure === undefined && replicated;
    const kinds = [...batch.tags.keys()].map(kindOf);
    for (const { remove } of batch.keys.values()) if (remove) kinds.push('key');
    kinds.push(...[...batch.patterns].map(() => 'pattern'));
    if (kinds.length > 0) this.parts.observer.on({ type: 'invalidation.done', kinds, removed, acknowledged });
    return { acknowledged, queued: this.queued, removed, existed };
  }

  #retryLater(): void {
    if (this.#retrying || this.#stopped) return;
    this.#retrying = true;
    this.parts.clock.after(RETRY_PAUSE, () => {
      this.#retrying = false;
      if (!this.#stopped) this.parts.background.run('queued invalidations', () => this.flushQueue());
    });
  }
}

/** What a tag's invalidation is counted under: never an id. */
function kindOf(tag: string): string {
  if (tag === EVERYTHING) return 'everything';
  // The reserved tag of an indexed pattern.
  if (tag.startsWith('~')) return 'pattern';
  const entity = tag.slice(0, Math.max(0, tag.indexOf(':')));
  return (ENTITIES as readonly string[]).includes(entity) ? entity : 'tag';
}

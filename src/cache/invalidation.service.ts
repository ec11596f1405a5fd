import { Inject, Injectable } from '@nestjs/common';
import { type HistoryEntry, searchLedger } from '../engine/audit.js';
import type { BlastRadius } from '../engine/census.js';
import { EVERYTHING } from '../engine/generations.js';
import { type Inconsistency, searchInconsistencies } from '../engine/inconsistencies.js';
import type { Invalidation } from '../engine/invalidation-batch.js';
import { watchLedger } from '../engine/ledger-watch.js';
import type { SweepProgress } from '../engine/sweeper.js';
import { checkKey, checkList } from '../keys/alphabet.js';
import type { CacheKey } from '../keys/key.js';
import { indexTag, KeyPattern } from '../keys/pattern.js';
import { KeyRegistry } from '../keys/registry.js';
import { finiteNumber, wholeNumber } from '../primitives/checks.js';
import { CacheError, InvalidOptionError } from '../primitives/errors.js';
import type { Milliseconds } from '../primitives/units.js';
import { RemoteStoreError } from '../stores/contracts.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { CacheRuntime } from './cache-runtime.js';
import type { RuleCoverage } from './coverage/coverage.js';
import { EventBinder } from './event-binder.js';
import { entityTag, type InvalidationRule } from './invalidation-rules.js';
import { type ChangedSpan, spanOf } from './time/instant.js';
import { withTimeTags } from './time/time-tags.js';
import { CACHE_OPTIONS, CACHE_RUNTIME } from './tokens.js';

const LONGEST_CAUSE = 200;

/** What an invalidation did, or with `dryRun` would do. */
export interface InvalidationResult {
  /** True: no reader gets what was invalidated (in strict mode at once, else within the coherence window). False: it is queued, or was a dry run. */
  readonly acknowledged: boolean;
  /** How many invalidations of this process wait for Redis; they are sent before anything else when it is back. */
  readonly queued: number;
  /** The tags that were invalidated. */
  readonly tags: readonly string[];
  /** How many entries were deleted at once; those of tags are unusable at once and freed by a later sweep, so not counted. */
  readonly removed: number;
  /** What a dry run found; absent otherwise. */
  readonly blastRadius?: BlastRadius;
}

/** How an invalidation is done. */
export interface InvalidationOptions {
  /** Who or what asked, for the audit: at most 200 characters. @default the method's name */
  readonly cause?: string;
  /** Counts what would go and invalidates nothing. Walks over entries, at most 20,000 of them, and estimates the rest. @default false */
  readonly dryRun?: boolean;
  /** Invalidates even more of the cache than the module's `blastLimit` allows. @default false */
  readonly force?: boolean;
  /** The time of which data changed: of what carries the tags, buckets of a time series outside of it stay. @default all time */
  readonly span?: ChangedSpan;
}

/** Which invalidations of the past are asked for. */
export interface HistoryOptions {
  readonly tag?: string;
  readonly key?: string | CacheKey;
  /** Milliseconds since the epoch. */
  readonly since?: Milliseconds;
  /** At most so many, newest first. @default 100 */
  readonly limit?: number;
}

/** An invalidation that would take a larger share of the cache than `blastLimit` allows. `fields`: `share`, `limit`, `entries`. */
export class InvalidationTooBroadError extends CacheError {
  /** @internal */
  constructor({ share, entries }: BlastRadius, limit: number) {
    const percent = (part: number): string => `${(100 * part).toFixed(1)} %`;
    const message = `This invalidation would take ${entries} entries, ${percent(share)} of the cache; blastLimit is ${percent(limit)}. Nothing was invalidated; pass { force: true } to do it`;
    super('INVALIDATION_TOO_BROAD', 'usage', message, { share, limit, entries });
  }
}

/**
 * Invalidates by what changed. Tags cost the same however many entries carry them. No invalidation fails because of Redis:
 * while it is away this process is fenced at once, and the invalidation is queued (`acknowledged: false`). Every method
 * throws InvalidKeyError for an id, tag or pattern outside its alphabet, InvalidOptionError for a cause that is no string or
 * too long, and InvalidationTooBroadError beyond `blastLimit`.
 */
@Injectable()
export class InvalidationService {
  readonly #keys: KeyRegistry;

  /** @internal */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) private readonly options: ResolvedCacheOptions,
    @Inject(EventBinder) private readonly binder: EventBinder,
  ) {
    this.#keys = new KeyRegistry(options.templates, options.indexedPatterns);
  }

  /** Everything tagged `metric:{id}`. Two round trips, as for all tags; on a Cluster three. */
  async metric(id: string | number, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#invalidate({ tags: [entityTag('metric', id)], cause: 'invalidation.metric' }, options);
  }

  /** Everything tagged `user:{id}`. */
  async user(id: string | number, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#invalidate({ tags: [entityTag('user', id)], cause: 'invalidation.user' }, options);
  }

  /** Everything tagged `agent:{id}`. */
  async agent(id: string | number, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#invalidate({ tags: [entityTag('agent', id)], cause: 'invalidation.agent' }, options);
  }

  /** Everything tagged `workspace:{id}`. */
  async workspace(id: string | number, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#invalidate({ tags: [entityTag('workspace', id)], cause: 'invalidation.workspace' }, options);
  }

  /** Everything that carries one of the tags. */
  async tags(tags: readonly string[], options?: InvalidationOptions): Promise<InvalidationResult> {
    const checked = [...new Set(checkList(tags, 'tags', (tag) => checkKey(tag, 'tag')))];
    return this.#invalidate({ tags: checked, cause: 'invalidation.tags' }, options);
  }

  /** These keys. Two round trips. */
  async keys(keys: readonly (string | CacheKey)[], options?: InvalidationOptions): Promise<InvalidationResult> {
    const names = [...new Set(checkList(keys, 'keys', (key) => this.#keys.resolve(key).name))];
    return this.#invalidate({ keys: names, cause: 'invalidation.keys' }, options);
  }

  /** Every key that a glob matches. Walks over the keyspace twice, unless it is one of the module's `indexedPatterns`; prefer tags. */
  async pattern(pattern: string, options?: InvalidationOptions): Promise<InvalidationResult> {
    const { text } = KeyPattern.parse(pattern);
    const isIndexed = this.options.indexedPatterns.some((indexed) => indexed.text === text);
    if (isIndexed) return this.#invalidate({ tags: [indexTag(text)], cause: 'invalidation.pattern' }, options);
    return this.#invalidate({ patterns: [text], cause: 'invalidation.pattern' }, options);
  }

  /** Everything under the prefix. */
  all(options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#invalidate({ tags: [EVERYTHING], cause: 'invalidation.all' }, options);
  }

  /** The rules in force: which event invalidates what. */
  rules(): readonly Pick<InvalidationRule, 'event' | 'description'>[] {
    return this.binder.rules.map(({ event, description }) => ({ event, description }));
  }

  /**
   * What the rules in force reach, and what they most likely miss: templates that no event invalidates, events that take
   * nothing, events that are not emitted, tags that are too broad; and what cannot be told. The functions of rules,
   * templates and `CacheEvict` are called with made-up values for it. No round trip.
   */
  coverage(): RuleCoverage {
    return this.binder.book.coverage();
  }

  /**
   * Invalidations of the past from the ledger, newest first: when, what, why, by which instance. The ledger keeps about
   * the last 10,000 records. One round trip. @throws RemoteStoreError while Redis is away
   */
  async history({ tag, key, since, limit = 100 }: HistoryOptions = {}): Promise<HistoryEntry[]> {
    return searchLedger(this.runtime.ledger, {
      ...bounds(limit, since),
      ...(tag !== undefined && { tag: tag === EVERYTHING ? tag : checkKey(tag, 'tag') }),
      ...(key !== undefined && { key: this.#keys.resolve(key) }),
    });
  }

  /**
   * What spot checks have found, newest first: values that were served although their source had said otherwise, each with
   * all that was known of its key. Of one template each instance tells once a minute. The ledger keeps them among its last
   * 10,000 records. One round trip. @throws RemoteStoreError while Redis is away
   */
  async inconsistencies({ key, since, limit = 100 }: Omit<HistoryOptions, 'tag'> = {}): Promise<Inconsistency[]> {
    return searchInconsistencies(this.runtime.ledger, {
      ...bounds(limit, since),
      ...(key !== undefined && { key: this.#keys.resolve(key).name }),
    });
  }

  /**
   * Resolves with the invalidations of this cache from now on, whoever makes them, each within about a quarter of a
   * second, until `signal` is aborted. It reads the ledger and changes nothing; while Redis is away it waits, and then goes
   * on where it was. Four round trips a second. @throws RemoteStoreError where Redis is away at the beginning
   */
  watch(signal: AbortSignal): Promise<AsyncIterable<HistoryEntry>> {
    return watchLedger(this.runtime, signal);
  }

  /** Frees the memory of invalidated entries now and resolves when that is done. Happens by itself within a minute of an invalidation by tag. */
  sweep(): Promise<SweepProgress> {
    return this.runtime.sweeper.sweep();
  }

  /** How far the sweep that runs has come, or how the last one ended. No round trip. */
  sweepProgress(): SweepProgress {
    return this.runtime.sweeper.progress;
  }

  async #invalidate(
    asked: Invalidation,
    { cause = asked.cause, dryRun = false, force = false, span = {} }: InvalidationOptions = {},
  ): Promise<InvalidationResult> {
    const { tags = [] } = asked;
    const reached = withTimeTags(tags, spanOf(span), this.options.timeSeries, this.runtime.clock.now());
    const wanted = { ...asked, tags: reached };
    checkCause(cause);
    if (dryRun) {
      const blastRadius = await this.runtime.census(wanted);
      return { acknowledged: false, queued: this.runtime.invalidator.queued, tags, removed: 0, blastRadius };
    }
    if (!force) await this.#checkBreadth(wanted);
    const { acknowledged, queued, removed } = await this.runtime.invalidator.invalidate({ ...wanted, cause });
    return { acknowledged, queued, removed, tags };
  }

  /** A limit that cannot be checked does not stop an invalidation: a wrong number is worse than an empty cache. */
  async #checkBreadth(wanted: Invalidation): Promise<void> {
    const limit = this.options.blastLimit;
    if (limit === undefined || !this.runtime.store.isAvailable) return;
    const blastRadius = await this.runtime.census(wanted).catch(ignoreRedis);
    if (blastRadius && blastRadius.share > limit) throw new InvalidationTooBroadError(blastRadius, limit);
  }
}

function bounds(
  limit: number,
  since: Milliseconds | undefined,
): { readonly limit: number; readonly since?: Milliseconds } {
  return {
    limit: wholeNumber('limit', limit, { min: 1, max: 10_000 }),
    ...(since !== undefined && { since: finiteNumber('since', since, { min: 0, max: Number.MAX_SAFE_INTEGER }) }),
  };
}

/** What others invalidate travels with it: a cause that cannot be written, or read, would be their failure. */
function checkCause(cause: unknown): void {
  if (typeof cause === 'string' && cause.length <= LONGEST_CAUSE) return;
  throw new InvalidOptionError('cause', `a string of at most ${LONGEST_CAUSE} characters`, cause);
}

function ignoreRedis(error: unknown): undefined {
  if (!(error instanceof RemoteStoreError)) throw error;
}

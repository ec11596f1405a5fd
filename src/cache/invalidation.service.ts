import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit, Optional } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import { EVERYTHING } from '../engine/generations.js';
import type { InvalidationOutcome } from '../engine/invalidator.js';
import { checkKey } from '../keys/alphabet.js';
import { KeyPattern } from '../keys/pattern.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { CacheRuntime } from './cache-runtime.js';
import { DOMAIN_RULES, entityTag, type InvalidationRule } from './invalidation-rules.js';
import { RecentIds } from './recent-ids.js';
import { CACHE_OPTIONS, CACHE_RUNTIME } from './tokens.js';

/** What an invalidation did. */
export interface InvalidationResult {
  /** True: no reader gets what was invalidated (in strict mode at once, else within the coherence window). False: it is queued. */
  readonly acknowledged: boolean;
  /** How many invalidations of this process wait for Redis; they are sent before anything else when it is back. */
  readonly queued: number;
  /** The tags that were invalidated. */
  readonly tags: readonly string[];
  /** How many entries were deleted at once; those of tags are unusable at once and freed later, so not counted. */
  readonly removed: number;
}

/** What the caller adds to the record of an invalidation. */
export interface InvalidationOptions {
  /** Who or what asked, for the audit. @default the method's name */
  readonly cause?: string;
}

/**
 * Invalidates by what changed. Tags cost the same however many entries carry them. Nothing here fails because of Redis:
 * while it is away this process is fenced at once, and the invalidation is queued (`acknowledged: false`).
 */
@Injectable()
export class InvalidationService implements OnModuleInit, OnModuleDestroy {
  readonly #logger = new Logger('Cache');
  readonly #recentIds = new RecentIds();
  readonly #unsubscribe: (() => void)[] = [];

  /** @internal */
  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) private readonly options: ResolvedCacheOptions,
    @Optional() @Inject(EventEmitter2) private readonly emitter?: EventEmitter2,
  ) {}

  /** Everything tagged `metric:{id}`. @throws InvalidKeyError for an id outside the alphabet, as do all methods here */
  async metric(id: string | number, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#tags([entityTag('metric', id)], options?.cause ?? 'invalidation.metric');
  }

  /** Everything tagged `user:{id}`. */
  async user(id: string | number, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#tags([entityTag('user', id)], options?.cause ?? 'invalidation.user');
  }

  /** Everything tagged `agent:{id}`. */
  async agent(id: string | number, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#tags([entityTag('agent', id)], options?.cause ?? 'invalidation.agent');
  }

  /** Everything tagged `workspace:{id}`. */
  async workspace(id: string | number, options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#tags([entityTag('workspace', id)], options?.cause ?? 'invalidation.workspace');
  }

  /** Everything that carries one of the tags. */
  async tags(tags: readonly string[], options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#tags([...new Set(tags.map((tag) => checkKey(tag, 'tag')))], options?.cause ?? 'invalidation.tags');
  }

  /** Every key that a glob matches. Walks over the keyspace twice; prefer tags. */
  async pattern(pattern: string, options?: InvalidationOptions): Promise<InvalidationResult> {
    const { text } = KeyPattern.parse(pattern);
    const cause = options?.cause ?? 'invalidation.pattern';
    return toResult(await this.runtime.invalidator.invalidate({ patterns: [text], cause }), []);
  }

  /** Everything under the prefix. */
  all(options?: InvalidationOptions): Promise<InvalidationResult> {
    return this.#tags([EVERYTHING], options?.cause ?? 'invalidation.all');
  }

  /** The rules in force: which event invalidates what. */
  rules(): readonly Pick<InvalidationRule, 'event' | 'description'>[] {
    return this.#rules().map(({ event, description }) => ({ event, description }));
  }

  /** @internal */
  onModuleInit(): void {
    if (!this.emitter) {
      this.#logger.warn(
        'No EventEmitterModule: domain events invalidate nothing. Import EventEmitterModule.forRoot() in the root module.',
      );
      return;
    }
    for (const rule of this.#rules()) this.#subscribe(this.emitter, rule);
  }

  /** @internal */
  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #rules(): readonly InvalidationRule[] {
    return [...DOMAIN_RULES, ...this.options.rules];
  }

  #subscribe(emitter: EventEmitter2, rule: InvalidationRule): void {
    // `emitAsync` awaits what a listener returns, although the emitter's types do not say so.
    const handler = ((payload: unknown) => this.#handle(rule, payload)) as (payload: unknown) => void;
    emitter.on(rule.event, handler);
    this.#unsubscribe.push(() => emitter.off(rule.event, handler));
  }

  /** Resolves when the invalidation is done, so that `emitAsync` does; never rejects, so that no emitter fails because of its listener. */
  async #handle(rule: InvalidationRule, payload: unknown): Promise<void> {
    try {
      const eventId = eventIdOf(payload);
      if (eventId !== undefined && !this.#recentIds.add(`${rule.event} ${eventId}`)) return;
      const tags = rule.tags(payload as never).map((tag) => checkKey(tag, `a tag of ${rule.event}`));
      await this.#tags(tags, eventId === undefined ? rule.event : `${rule.event} ${eventId}`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#logger.error(
        `Event ${rule.event} invalidated nothing: ${why}. Entries it concerns stay until their TTL; mend the emitter.`,
      );
    }
  }

  async #tags(tags: readonly string[], cause: string): Promise<InvalidationResult> {
    return toResult(await this.runtime.invalidator.invalidate({ tags, cause }), tags);
  }
}

function toResult({ acknowledged, queued, removed }: InvalidationOutcome, tags: readonly string[]): InvalidationResult {
  return { acknowledged, queued, removed, tags };
}

function eventIdOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('eventId' in payload)) return undefined;
  const { eventId } = payload;
  return typeof eventId === 'string' && eventId.length > 0 && eventId.length <= 200 ? eventId : undefined;
}

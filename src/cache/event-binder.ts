import { Inject, Injectable, Logger, type OnModuleDestroy, type OnModuleInit, Optional } from '@nestjs/common';
import { EventEmitter2 } from '@nestjs/event-emitter';
import type { Invalidation } from '../engine/invalidation-batch.js';
import { checkKey, checkList } from '../keys/alphabet.js';
import type { ResolvedCacheOptions } from './cache-options.js';
import type { CacheRuntime } from './cache-runtime.js';
import { RuleBook } from './coverage/rule-book.js';
import { DOMAIN_RULES, type InvalidationRule } from './invalidation-rules.js';
import { resolveTargets } from './invalidation-targets.js';
import { RecentIds } from './recent-ids.js';
import { spanOf } from './time/instant.js';
import { withTimeTags } from './time/time-tags.js';
import { CACHE_OPTIONS, CACHE_RUNTIME } from './tokens.js';

/** Binds the rules of domain events, and those of the application, to EventEmitter2 while the application runs. */
@Injectable()
export class EventBinder implements OnModuleInit, OnModuleDestroy {
  /** What the rules in force reach. */
  readonly book: RuleBook;
  readonly #rules: InvalidationRule[];
  readonly #logger = new Logger('Cache');
  readonly #unsubscribe: (() => void)[] = [];
  #started = false;

  constructor(
    @Inject(CACHE_RUNTIME) private readonly runtime: CacheRuntime,
    @Inject(CACHE_OPTIONS) private readonly options: ResolvedCacheOptions,
    @Optional() @Inject(EventEmitter2) private readonly emitter?: EventEmitter2,
  ) {
    this.#rules = [...DOMAIN_RULES, ...options.rules];
    this.book = new RuleBook(runtime.clock, options, this.#rules);
  }

  /** The rules in force. */
  get rules(): readonly InvalidationRule[] {
    return this.#rules;
  }

  /** One for another cache, over the same emitter. */
  beside(runtime: CacheRuntime, options: ResolvedCacheOptions): EventBinder {
    return new EventBinder(runtime, options, this.emitter);
  }

  /** Whether events reach the rules at all. */
  get isBound(): boolean {
    return this.emitter !== undefined;
  }

  /** Puts a further rule in force. */
  add(rule: InvalidationRule): void {
    this.#rules.push(rule);
    if (this.#started && this.emitter) this.#subscribe(this.emitter, rule);
  }

  onModuleInit(): void {
    this.#started = true;
    if (this.emitter) for (const rule of this.rules) this.#subscribe(this.emitter, rule);
    else if (this.options.name === undefined)
      this.#logger.warn(
        'No EventEmitterModule: domain events invalidate nothing. Import EventEmitterModule.forRoot() in the root module.',
      );
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe();
  }

  #subscribe(emitter: EventEmitter2, rule: InvalidationRule): void {
    // `emitAsync` awaits what a listener returns, although the emitter's types do not say so.
    // Ids are remembered for each rule: several rules may be about one event.
    const seen = { ids: new RecentIds(), underWay: new Map<string, Promise<unknown>>() };
    const handler = ((payload: unknown) => this.#handle(rule, payload, seen)) as (payload: unknown) => void;
    emitter.on(rule.event, handler);
    this.#unsubscribe.push(() => emitter.off(rule.event, handler));
  }

  /** Resolves when the invalidation is done, so that `emitAsync` does; never rejects: no emitter fails because of its listener. */
  async #handle(rule: InvalidationRule, payload: unknown, seen: Seen): Promise<void> {
    this.book.saw(rule);
    try {
      // Before the id is remembered: a payload that is refused must not stand in the way of the mended one.
      const targets = this.#targets(rule, payload as never);
      const eventId = eventIdOf(payload);
      if (eventId !== undefined) await this.#once({ ...targets, cause: `${rule.event} ${eventId}` }, seen);
      else await this.runtime.invalidator.invalidate({ ...targets, cause: rule.event });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const nothing = this.options.name === undefined ? 'nothing' : `nothing in the cache ${this.options.name}`;
      this.#logger.error(
        `Event ${rule.event} invalidated ${nothing}: ${why}. Entries it concerns stay until their TTL; mend the emitter.`,
      );
    }
  }

  #targets(rule: InvalidationRule, payload: never): Omit<Invalidation, 'cause'> {
    const wanted = rule.tags(payload);
    const tags = checkList(wanted, `the tags of ${rule.event}`, (tag) => checkKey(tag, `a tag of ${rule.event}`));
    const { tags: reached, ...targets } = resolveTargets(
      { tags, keys: rule.keys?.(payload), patterns: rule.patterns?.(payload) },
      this.options.indexedPatterns,
    );
    const span = spanOf(rule.span?.(payload) ?? {});
    return { ...targets, tags: withTimeTags(reached ?? [], span, this.options.timeSeries, this.runtime.clock.now()) };
  }

  /** An occurrence told twice is acted upon once; told again meanwhile, it is done when the first is. */
  async #once(occurrence: Invalidation, { ids, underWay }: Seen): Promise<void> {
    const { cause } = occurrence;
    if (ids.add(cause)) {
      const work = this.runtime.invalidator.invalidate(occurrence).finally(() => underWay.delete(cause));
      underWay.set(cause, work);
    }
    await underWay.get(cause);
  }
}

/** The occurrences that one rule has seen, and those that it is acting upon. */
interface Seen {
  readonly ids: RecentIds;
  readonly underWay: Map<string, Promise<unknown>>;
}

function eventIdOf(payload: unknown): string | undefined {
  if (typeof payload !== 'object' || payload === null || !('eventId' in payload)) return undefined;
  const { eventId } = payload;
  return typeof eventId === 'string' && eventId.length > 0 && eventId.length <= 200 ? eventId : undefined;
}

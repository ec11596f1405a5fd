import type { CacheEvent, CacheObserver } from '../engine/observer.js';
import { channel } from 'node:diagnostics_channel';
import type { MissCause } from '../engine/lookup.js';
import type { Milliseconds } from '../primitives/units.js';
import type { ConnectionEvent } from '../stores/contracts.js';
import type { TtlChanged } from './advice/ttl-changed.js';
import type { WarmUpEvent } from './warming/warm-up-events.js';

/** What callers can ask of the cache; the `operation` label of metrics. */
export const OPERATIONS = Object.freeze([
  'get',
  'set',
  'delete',
  'exists',
  'clear_pattern',
  'get_or_load',
  'get_many',
  'set_many',
  'get_or_load_many',
] as const);

/** One of {@link OPERATIONS}. */
export type Operation = (typeof OPERATIONS)[number];

/** An operation has ended. */
export interface OperationEnded {
  readonly type: 'operation.ended';
  readonly operation: Operation;
  /** The key's template, or `other`. */
  readonly label: string;
  /** `degraded`: Redis could not be asked, so this says nothing about hits and misses. */
  readonly outcome: 'hit' | 'miss' | 'degraded' | 'done' | 'failed';
  readonly tier?: 'l1' | 'l2';
  /** Why there was no hit. */
  readonly cause?: MissCause;
  /** Whether the value was loaded for another caller. */
  readonly coalesced?: boolean;
  /** How long the load of the value took: what a hit has saved. */
  readonly loadTook?: Milliseconds;
  /** Zero for a hit in memory: it takes about a microsecond, and asking the clock would be a good part of that. */
  readonly took: Milliseconds;
}

/** An argument was refused. */
export interface UsageRefused {
  readonly type: 'usage.refused';
  readonly operation: Operation;
}

/** Everything that can be observed of the cache. */
export type AnyCacheEvent = CacheEvent | ConnectionEvent | OperationEnded | UsageRefused | WarmUpEvent | TtlChanged;

/** Every event, for tools that attach from outside: `diagnostics_channel.subscribe('shadower:cache', …)`. */
const CHANNEL = channel('shadower:cache');

/** What the cache of `CacheModule.forRoot` is called. */
export const DEFAULT_CACHE = 'default';

/** Hears an event, and which cache it is of: `default`, or the name that it was given. Must return quickly. */
export type CacheListener = (event: AnyCacheEvent, cache: string) => void;

/**
 * Passes events of one cache on to whoever listens to it, or to all caches; a listener that throws is left out of that
 * event only. What concerns Redis itself (the connection, circuits, failovers) is told once, by the default cache.
 */
export class CacheEvents implements CacheObserver {
  readonly #own: Listeners = { list: [] };
  readonly #all: Listeners;

  /** Those of the default cache. */
  constructor();
  /** @internal Those of a further cache: whoever listens to all caches of `root` hears them too. */
  constructor(cache: string, root: CacheEvents);
  constructor(
    /** Whose events they are: `default`, or the name of the cache. */
    readonly cache = DEFAULT_CACHE,
    root?: CacheEvents,
  ) {
    this.#all = root ? root.#all : { list: [] };
  }

  /** Whether anybody listens; nothing need be measured when not. */
  get isObserved(): boolean {
    return this.#own.list.length + this.#all.list.length > 0;
  }

  /** Calls `listener` for every event of every cache from now on, until the returned function is called. */
  subscribe(listener: CacheListener): () => void {
    return added(this.#all, listener);
  }

  /** The same, of this cache only. */
  subscribeOwn(listener: CacheListener): () => void {
    return added(this.#own, listener);
  }

  /** Tells every listener of `event`. What a listener throws does not reach the cache. */
  on(event: AnyCacheEvent): void {
    if (CHANNEL.hasSubscribers) CHANNEL.publish(this.cache === DEFAULT_CACHE ? event : { ...event, cache: this.cache });
    this.#tell(this.#own, event);
    this.#tell(this.#all, event);
  }

  #tell({ list }: Listeners, event: AnyCacheEvent): void {
    for (const listener of list) {
      try {
        listener(event, this.cache);
      } catch {
        // Nothing may break a read, least of all its observation; and reporting it would call the same listener.
      }
    }
  }
}

/** In the order in which they came. The list is replaced and never changed: who is called while it is walked may end listening. */
interface Listeners {
  list: readonly CacheListener[];
}

function added(listeners: Listeners, listener: CacheListener): () => void {
  if (!listeners.list.includes(listener)) listeners.list = [...listeners.list, listener];
  return () => {
    listeners.list = listeners.list.filter((each) => each !== listener);
  };
}

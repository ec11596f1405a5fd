import { AsyncLocalStorage } from 'node:async_hooks';
import type { AnyCacheEvent, OperationEnded } from '../cache/cache-events.js';
import type { Milliseconds } from '../primitives/units.js';

/** What the cache did for one request, told by its worst: a request that loaded once has missed. */
export type RequestCacheOutcome = 'none' | 'hit' | 'stale' | 'miss' | 'degraded';

const RANK: readonly RequestCacheOutcome[] = ['none', 'hit', 'stale', 'miss', 'degraded'];

/** Gathers what the cache does while one request is answered. */
export class RequestOutcome {
  static readonly #current = new AsyncLocalStorage<RequestOutcome>();
  #worst: RequestCacheOutcome = 'none';
  #took: Milliseconds = 0;

  /** Runs `work` so that what the cache does for it is known by `this`. */
  within<T>(work: () => T): T {
    return RequestOutcome.#current.run(this, work);
  }

  /** To be subscribed to the events of the cache: they are told in the context of the caller. */
  static readonly listen = (event: AnyCacheEvent): void => {
    if (event.type !== 'operation.ended' && event.type !== 'stale.served') return;
    const current = RequestOutcome.#current.getStore();
    if (current && event.type === 'operation.ended') current.#ended(event);
    else if (current) current.#atLeast('stale');
  };

  get worst(): RequestCacheOutcome {
    return this.#worst;
  }

  /** As a metric of `Server-Timing`, or `undefined` when the cache was not asked. */
  get serverTiming(): string | undefined {
    return this.#worst === 'none' ? undefined : `cache;desc=${this.#worst};dur=${this.#took.toFixed(1)}`;
  }

  #ended({ outcome, took }: OperationEnded): void {
    this.#took += took;
    if (outcome === 'hit' || outcome === 'miss' || outcome === 'degraded') this.#atLeast(outcome);
  }

  #atLeast(outcome: RequestCacheOutcome): void {
    if (RANK.indexOf(outcome) > RANK.indexOf(this.#worst)) this.#worst = outcome;
  }
}

import type { CacheEngine } from '../../engine/cache-engine.js';
import { isFound } from '../../engine/lookup.js';
import type { Clock } from '../../primitives/clock.js';
import type { CacheEvents } from '../cache-events.js';
import type { Loadable } from './loaders.js';
import { untilAborted } from './until-aborted.js';
import type { WarmUpEnding, WarmUpProgress, WarmUpResult } from './warm-up-events.js';

/** What runs are made with. */
export interface WarmUpRunParts {
  readonly engine: CacheEngine;
  readonly events: CacheEvents;
  readonly clock: Clock;
  /** How many loads may be under way at a time. */
  readonly concurrency: number;
}

/** So many keys are looked for in one round trip. */
const CHUNK = 100;

/**
 * One walk over the keys of a warm-up: those that no tier has are loaded, behind all readers. A loader that fails is
 * counted, and the others go on. Whatever is under way when it is stopped goes on as any load does.
 */
export class WarmUpRun {
  #progress: WarmUpProgress;
  #ending: WarmUpEnding | undefined;

  constructor(
    private readonly parts: WarmUpRunParts,
    private readonly plan: string,
    private readonly keys: readonly Loadable[],
  ) {
    this.#progress = { keys: keys.length, loaded: 0, present: 0, failed: 0 };
  }

  /** Says how it ended. */
  async run(signal: AbortSignal): Promise<WarmUpEnding> {
    const { clock, events } = this.parts;
    const start = clock.now();
    events.on({ type: 'warm-up.began', plan: this.plan, keys: this.keys.length });
    for (let from = 0; from < this.keys.length && !this.#hasEnded(signal); from += CHUNK)
      await untilAborted(signal, this.#chunk(this.keys.slice(from, from + CHUNK), signal));
    const how = (this.#ending ??= signal.aborted ? 'stopped' : 'done');
    events.on({ type: 'warm-up.ended', plan: this.plan, how, took: clock.now() - start, progress: this.#progress });
    return how;
  }

  async #chunk(keys: readonly Loadable[], signal: AbortSignal): Promise<void> {
    const looked = await this.parts.engine.readMany(keys.map(({ plan }) => plan));
    const missing = keys.filter((_, i) => {
      const look = looked[i];
      if (look && isFound(look)) this.#count('present');
      return !look || !isFound(look);
    });
    // What is loaded while Redis is away is not stored: it would be loaded in vain, and again when Redis is back.
    if (looked.some((look) => look.cause === 'degraded')) this.#ending = 'away';
    const queue = missing.values();
    const worker = async (): Promise<void> => {
      for (const key of queue) {
        if (this.#hasEnded(signal)) return;
        await this.#load(key, signal);
      }
    };
    await Promise.all(Array.from({ length: this.parts.concurrency }, worker));
  }

  async #load({ plan, loader }: Loadable, signal: AbortSignal): Promise<void> {
    try {
      const found = await this.parts.engine.lookupBehind(plan, loader, signal);
      if (!found) return;
      if (found.cause === 'degraded') this.#ending = 'away';
      this.#count(found.source === 'loader' && !found.coalesced ? 'loaded' : 'present');
    } catch (error) {
      this.#count('failed', error);
    }
  }

  /** What comes after the end has been told is not told any more. */
  #count(result: WarmUpResult, error?: unknown): void {
    if (this.#ending === 'stopped') return;
    this.#progress = { ...this.#progress, [result]: this.#progress[result] + 1 };
    const failure = error === undefined ? {} : { error };
    this.parts.events.on({ type: 'warm-up.key', plan: this.plan, result, progress: this.#progress, ...failure });
  }

  #hasEnded(signal: AbortSignal): boolean {
    return this.#ending !== undefined || signal.aborted;
  }
}

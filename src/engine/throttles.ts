import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';

const MAX_KEYS = 10_000;

/** Keys that are not to be refreshed for a while. Bounded: the oldest is forgotten, which costs one refresh too many. */
export class Throttles {
  readonly #until = new Map<string, { readonly at: Milliseconds; readonly failed: boolean }>();

  constructor(private readonly clock: Clock) {}

  /** `failed`: because the source did; else because another process is refreshing it. */
  hold(key: string, duration: Milliseconds, failed: boolean): void {
    if (duration <= 0) return;
    this.#until.delete(key);
    this.#until.set(key, { at: this.clock.now() + duration, failed });
    if (this.#until.size > MAX_KEYS) this.#until.delete(this.#until.keys().next().value as string);
  }

  release(key: string): void {
    this.#until.delete(key);
  }

  /** Why the key is held, or `undefined` when it is not. */
  heldBecause(key: string): 'failed' | 'elsewhere' | undefined {
    const held = this.#until.get(key);
    if (!held) return undefined;
    if (this.clock.now() < held.at) return held.failed ? 'failed' : 'elsewhere';
    this.#until.delete(key);
    return undefined;
  }
}

import { monotonic } from '../coherence/history.js';

const EVERY_MS = 10;

/**
 * Measures for how long this process could not run although it had something to do: the part of a delay that is the busy
 * machine's. Limits of the suite are extended by it, so that they can be tight where the machine is not busy.
 */
export class StallMeter {
  readonly #timer: NodeJS.Timeout;
  #last = monotonic();
  #longest = 0;

  constructor() {
    this.#timer = setInterval(() => this.#tick(), EVERY_MS);
    this.#timer.unref();
  }

  /** The longest stall since this was asked before, in milliseconds. */
  take(): number {
    this.#tick();
    const longest = this.#longest;
    this.#longest = 0;
    return longest;
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  #tick(): void {
    const now = monotonic();
    this.#longest = Math.max(this.#longest, now - this.#last - EVERY_MS);
    this.#last = now;
  }
}

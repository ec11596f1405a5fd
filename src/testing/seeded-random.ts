import type { Random } from '../primitives/random.js';

const URL_SAFE = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_';
const TOKEN_LENGTH = 12;

/**
 * Chance that a seed repeats, by the generator mulberry32. For tests only: two of one seed make the same tokens, so
 * processes that share a Redis must not share a seed.
 */
export class SeededRandom implements Random {
  #state: number;

  /** @param seed a whole number; the same one gives the same sequence */
  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  fraction(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  }

  token(): string {
    return Array.from({ length: TOKEN_LENGTH }, () => URL_SAFE[this.below(URL_SAFE.length)]).join('');
  }

  /** A whole number from 0 to `limit` - 1. */
  below(limit: number): number {
    return Math.floor(this.fraction() * limit);
  }

  /** A number from `low` up to `high`. */
  between(low: number, high: number): number {
    return low + this.fraction() * (high - low);
  }
}

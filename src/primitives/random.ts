import { randomFillSync } from 'node:crypto';

/** The one source of chance. */
export interface Random {
  /** A number in [0, 1). */
  fraction(): number;
  /** Twelve URL-safe characters, 72 random bits: never seen before, and never to be counted to. */
  token(): string;
}

const TOKEN_BYTES = 9;
const POOL_BYTES = TOKEN_BYTES * 512;

/** Chance from the operating system; a pool spares one system call per token. */
export class SystemRandom implements Random {
  readonly #pool = Buffer.allocUnsafe(POOL_BYTES);
  #used = POOL_BYTES;

  fraction(): number {
    return Math.random();
  }

  token(): string {
    if (this.#used === POOL_BYTES) {
      randomFillSync(this.#pool);
      this.#used = 0;
    }
    const start = this.#used;
    this.#used += TOKEN_BYTES;
    return this.#pool.toString('base64url', start, this.#used);
  }
}

import type { Resident } from '../contracts.js';

/** A queue that any of its values can leave at once. It is made of their own links, so it costs no memory beyond them. */
export class Fifo<V extends Resident<V>> {
  #oldest: V | undefined;
  #newest: V | undefined;
  #count = 0;
  #bytes = 0;

  get oldest(): V | undefined {
    return this.#oldest;
  }

  get count(): number {
    return this.#count;
  }

  get bytes(): number {
    return this.#bytes;
  }

  add(value: V): void {
    value.older = this.#newest;
    if (this.#newest) this.#newest.newer = value;
    else this.#oldest = value;
    this.#newest = value;
    this.#count++;
    this.#bytes += value.bytes;
  }

  /** `value` must be in this queue. */
  remove(value: V): void {
    const { older, newer } = value;
    if (older) older.newer = newer;
    else this.#oldest = newer;
    if (newer) newer.older = older;
    else this.#newest = older;
    value.older = undefined;
    value.newer = undefined;
    this.#count--;
    this.#bytes -= value.bytes;
  }

  clear(): void {
    this.#oldest = undefined;
    this.#newest = undefined;
    this.#count = 0;
    this.#bytes = 0;
  }
}

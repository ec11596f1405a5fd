import type { MemoryStore, Sized } from '../contracts.js';

/** Both bounds of a tier; whichever is reached first evicts. */
export interface MemoryBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Values of this process by key, the least recently used evicted first. */
export class MemoryTier<V extends Sized> implements MemoryStore<V> {
  // A Map iterates in insertion order; a value that is used is inserted again, so the first is the least recently used.
  readonly #values = new Map<string, V>();
  #bytes = 0;
  #evictions = 0;

  constructor(private readonly bounds: MemoryBounds) {}

  get size(): number {
    return this.#values.size;
  }

  get bytes(): number {
    return this.#bytes;
  }

  get evictions(): number {
    return this.#evictions;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value === undefined) return undefined;
    this.#values.delete(key);
    this.#values.set(key, value);
    return value;
  }

  set(key: string, value: V): void {
    this.delete(key);
    if (value.bytes > this.bounds.maxBytes) return;
    this.#values.set(key, value);
    this.#bytes += value.bytes;
    while (this.#values.size > this.bounds.maxEntries || this.#bytes > this.bounds.maxBytes) this.#evictOldest();
  }

  delete(key: string): boolean {
    const value = this.#values.get(key);
    if (value === undefined) return false;
    this.#bytes -= value.bytes;
    return this.#values.delete(key);
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  entries(): IterableIterator<[string, V]> {
    return this.#values.entries();
  }

  clear(): void {
    this.#values.clear();
    this.#bytes = 0;
  }

  #evictOldest(): void {
    const oldest = this.#values.keys().next();
    if (oldest.done) return;
    this.delete(oldest.value);
    this.#evictions++;
  }
}

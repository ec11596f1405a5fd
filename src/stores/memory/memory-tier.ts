import type { MemoryStore, Resident } from '../contracts.js';
import { Fifo } from './fifo.js';
import { Ghosts } from './ghosts.js';

/** Both bounds of a tier; whichever is reached first evicts. */
export interface MemoryBounds {
  readonly maxEntries: number;
  readonly maxBytes: number;
}

/** Share of either bound above which new values must make room for themselves. */
const SMALL_SHARE = 0.1;
const MOST_VISITS = 3;

/**
 * Values of this process by key. Evicts as S3-FIFO does (Yang et al., FIFO queues are all you need for cache eviction,
 * SOSP 2023): a new value waits in a small queue and goes to the main one only if it is asked for meanwhile, so a scan
 * passes through the small queue and takes nothing else with it. What was evicted from there and comes back soon goes to
 * the main queue at once. There a value has one more turn for each time it was asked for. A hit is one look in a Map.
 */
export class MemoryTier<V extends Resident<V>> implements MemoryStore<V> {
  readonly #values = new Map<string, V>();
  readonly #small = new Fifo<V>();
  readonly #main = new Fifo<V>();
  readonly #ghosts = new Ghosts();
  #evictions = 0;
  #gone: (value: V) => void = () => undefined;

  constructor(private readonly bounds: MemoryBounds) {}

  get isOff(): boolean {
    return this.bounds.maxEntries < 1;
  }

  get size(): number {
    return this.#values.size;
  }

  get bytes(): number {
    return this.#small.bytes + this.#main.bytes;
  }

  get evictions(): number {
    return this.#evictions;
  }

  onGone(listener: (value: V) => void): void {
    this.#gone = listener;
  }

  get(key: string): V | undefined {
    const value = this.#values.get(key);
    if (value !== undefined && value.visits < MOST_VISITS) value.visits++;
    return value;
  }

  set(value: V): void {
    const { key, bytes } = value;
    const former = this.#values.get(key);
    if (former) this.#remove(former);
    if (bytes > this.bounds.maxBytes || this.isOff) {
      this.#gone(value);
      return;
    }
    value.isMain = former?.isMain ?? this.#ghosts.take(key);
    value.visits = former?.visits ?? 0;
    while (this.size >= this.bounds.maxEntries || this.bytes + bytes > this.bounds.maxBytes) this.#makeRoom();
    this.#values.set(key, value);
    this.#queueOf(value).add(value);
  }

  delete(key: string): boolean {
    const value = this.#values.get(key);
    if (value) this.#remove(value);
    return value !== undefined;
  }

  keys(): IterableIterator<string> {
    return this.#values.keys();
  }

  values(): IterableIterator<V> {
    return this.#values.values();
  }

  clear(): void {
    const values = [...this.#values.values()];
    this.#values.clear();
    this.#small.clear();
    this.#main.clear();
    this.#ghosts.clear();
    for (const value of values) this.#gone(value);
  }

  #queueOf({ isMain }: V): Fifo<V> {
    return isMain ? this.#main : this.#small;
  }

  #remove(value: V): void {
    this.#values.delete(value.key);
    this.#queueOf(value).remove(value);
    this.#gone(value);
  }

  /** One step: the oldest of a queue leaves the tier, or has another turn in the main queue. */
  #makeRoom(): void {
    const oldest = this.#isSmallFull() ? this.#small.oldest : (this.#main.oldest ?? this.#small.oldest);
    if (oldest === undefined) return;
    if (oldest.visits > 0) this.#giveTurn(oldest);
    else this.#evict(oldest);
  }

  #giveTurn(value: V): void {
    this.#queueOf(value).remove(value);
    value.visits = value.isMain ? value.visits - 1 : 0;
    value.isMain = true;
    this.#main.add(value);
  }

  #evict(value: V): void {
    if (!value.isMain) this.#ghosts.add(value.key, this.size / 2);
    this.#remove(value);
    this.#evictions++;
  }

  #isSmallFull(): boolean {
    const { count, bytes } = this.#small;
    const { maxEntries, maxBytes } = this.bounds;
    return count > 0 && (count >= SMALL_SHARE * maxEntries || bytes >= SMALL_SHARE * maxBytes);
  }
}

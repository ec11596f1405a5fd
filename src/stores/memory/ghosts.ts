/**
 * Keys that were evicted lately, as 32-bit hashes: what comes back soon was evicted too early. Two keys of one hash do no
 * harm but a wrong guess. They are forgotten by halves, which needs no queue.
 */
export class Ghosts {
  #young = new Set<number>();
  #old = new Set<number>();

  /** Remembers `key` and, of those before it, the last `half` at least and twice as many at most. */
  add(key: string, half: number): void {
    this.#young.add(hashOf(key));
    if (this.#young.size < half) return;
    this.#old = this.#young;
    this.#young = new Set();
  }

  /** Whether `key` is among them; it is not any more then. */
  take(key: string): boolean {
    if (this.#young.size + this.#old.size === 0) return false;
    const hash = hashOf(key);
    return this.#young.delete(hash) || this.#old.delete(hash);
  }

  clear(): void {
    this.#young.clear();
    this.#old.clear();
  }
}

/** FNV-1a; a signed integer, which V8 keeps without a box. */
function hashOf(key: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < key.length; i++) hash = Math.imul(hash ^ key.charCodeAt(i), 0x01000193);
  return hash;
}

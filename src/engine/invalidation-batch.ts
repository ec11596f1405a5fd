import { EVERYTHING } from './generations.js';

/** What is to be invalidated, and why. Keys and patterns without the prefix. */
export interface Invalidation {
  readonly tags?: readonly string[];
  readonly keys?: readonly string[];
  readonly patterns?: readonly string[];
  /** The event or caller, as it will stand in the ledger. */
  readonly cause: string;
}

/** A key of a batch. */
export interface BatchKey {
  readonly cause: string;
  /** False when the entry was just written and other instances are only to drop their copies. */
  readonly remove: boolean;
}

/** Invalidations gathered to be sent together; for one tag, key or pattern the last cause wins. */
export class InvalidationBatch {
  readonly tags = new Map<string, string>();
  readonly keys = new Map<string, BatchKey>();
  readonly patterns = new Map<string, string>();

  get size(): number {
    return this.tags.size + this.keys.size + this.patterns.size;
  }

  add({ tags = [], keys = [], patterns = [], cause }: Invalidation): void {
    for (const tag of tags) this.tags.set(tag, cause);
    for (const key of keys) this.keys.set(key, { cause, remove: true });
    for (const pattern of patterns) this.patterns.set(pattern, cause);
  }

  /** Adds a key whose entry stays. */
  announce(key: string, cause: string): void {
    if (!this.keys.get(key)?.remove) this.keys.set(key, { cause, remove: false });
  }

  /** Takes over another batch. Removing covers announcing: an entry whose announcement was not sent may be the old one. */
  absorb(other: InvalidationBatch): void {
    for (const [tag, cause] of other.tags) this.tags.set(tag, cause);
    for (const [key, { cause }] of other.keys) this.keys.set(key, { cause, remove: true });
    for (const [pattern, cause] of other.patterns) this.patterns.set(pattern, cause);
  }

  /** A walk that Redis refuses would be refused for ever: everything is invalidated instead, which needs none. */
  replacePatterns(): void {
    if (this.patterns.size === 0) return;
    const cause = `${[...this.patterns.keys()].join(' ')} could not be walked over`;
    this.patterns.clear();
    this.tags.set(EVERYTHING, cause);
  }

  /** Bounds the memory of a long outage: too many become one invalidation of everything, which covers them all. */
  collapseBeyond(limit: number): void {
    if (this.size <= limit) return;
    const cause = `${this.size} queued invalidations collapsed`;
    this.tags.clear();
    this.keys.clear();
    this.patterns.clear();
    this.tags.set(EVERYTHING, cause);
  }
}

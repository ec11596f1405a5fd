import type { Stamp } from '../codec/envelope.js';

/**
 * What a loaded value rests on beyond the tags that its load began with: tags that became known later, whose generations
 * must still be read; and those of cached values that were read while it was loaded, with the generations under which
 * these were valid.
 */
export class Reliance {
  readonly #tags = new Set<string>();
  readonly #tokens = new Map<string, string>();
  #isUncertain = false;

  /** Tags whose generations are not known. */
  get tags(): ReadonlySet<string> {
    return this.#tags;
  }

  /** Tags of values that were read, with their generations then. */
  get tokens(): ReadonlyMap<string, string> {
    return this.#tokens;
  }

  /** Whether something was read of which it is not known under which generations it was valid, or two reads disagree. */
  get isUncertain(): boolean {
    return this.#isUncertain;
  }

  addTags(tags: readonly string[]): void {
    for (const tag of tags) this.#tags.add(tag);
  }

  /** A value was read that is valid under these; `undefined` where that is not known. */
  addStamps(stamps: readonly Stamp[] | undefined): void {
    if (!stamps) this.#isUncertain = true;
    for (const { tag, token } of stamps ?? []) {
      if ((this.#tokens.get(tag) ?? token) !== token) this.#isUncertain = true;
      this.#tokens.set(tag, token);
    }
  }

  /** Whether it goes beyond `tags`. */
  goesBeyond(tags: ReadonlySet<string>): boolean {
    if (this.#isUncertain) return true;
    for (const tag of this.#tags) if (!tags.has(tag)) return true;
    for (const tag of this.#tokens.keys()) if (!tags.has(tag)) return true;
    return false;
  }
}

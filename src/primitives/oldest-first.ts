/**
 * The keys of a Map or Set, oldest first, each once. To ask `keys().next()` for the oldest each time is slow: V8 then
 * walks past all that was deleted in front, 0.1 ms in a Map of 100,000. This goes on from where it was.
 */
export class OldestFirst<K> {
  #walk: Iterator<K> | undefined;

  constructor(private readonly keys: { keys(): Iterator<K> }) {}

  /** The oldest key that is still there and was not returned before; after the newest it begins again, `undefined` for none. */
  next(): K | undefined {
    const next = (this.#walk ??= this.keys.keys()).next();
    if (!next.done) return next.value;
    this.#walk = this.keys.keys();
    const again = this.#walk.next();
    if (!again.done) return again.value;
    this.#walk = undefined;
    return undefined;
  }
}

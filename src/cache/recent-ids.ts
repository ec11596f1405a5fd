/** The ids seen lately, bounded: the oldest are forgotten first. */
export class RecentIds {
  readonly #ids = new Set<string>();

  constructor(private readonly limit = 10_000) {}

  /** Remembers an id; false when it was seen already. */
  add(id: string): boolean {
    if (this.#ids.has(id)) return false;
    this.#ids.add(id);
    if (this.#ids.size > this.limit) this.#ids.delete(this.#ids.values().next().value as string);
    return true;
  }
}

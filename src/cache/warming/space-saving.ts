/** A key with how often it was met: `error` of that may have been others, whose counter it took over. */
interface Counter {
  name: string;
  count: number;
  error: number;
}

/**
 * The most frequent of many names in few counters, each met in constant time: Space-Saving (Metwally, Agrawal, El Abbadi
 * 2005). A name that has no counter takes that of the least frequent. Counters stand in order of their counts, so that one
 * which grows by one changes places with the first of its equals.
 */
export class SpaceSaving {
  readonly #counters: Counter[] = [];
  readonly #places = new Map<string, number>();
  /** Where the first counter of each count stands. */
  readonly #firsts = new Map<number, number>();

  constructor(private readonly capacity: number) {}

  /** How many names have a counter. */
  get size(): number {
    return this.#counters.length;
  }

  /** Meets a name once. */
  add(name: string): void {
    this.#grow(this.#places.get(name) ?? this.#newcomer(name));
  }

  /** Halves all counts, so that what comes next weighs twice as much. */
  halve(): void {
    const counters = this.#counters.splice(0);
    this.clear();
    for (const { name, count, error } of counters) {
      const halved = { name, count: count >> 1, error: error >> 1 };
      if (halved.count > 0) this.#append(halved);
    }
  }

  clear(): void {
    this.#counters.length = 0;
    this.#places.clear();
    this.#firsts.clear();
  }

  /** How often each name was met at least, where that is more than never. */
  *[Symbol.iterator](): IterableIterator<[string, number]> {
    for (const { name, count, error } of this.#counters) if (count > error) yield [name, count - error];
  }

  #newcomer(name: string): number {
    const last = this.#counters.at(-1);
    if (!last || this.#counters.length < this.capacity) {
      this.#append({ name, count: 0, error: 0 });
      return this.#counters.length - 1;
    }
    this.#places.delete(last.name);
    last.name = name;
    last.error = last.count;
    this.#places.set(name, this.#counters.length - 1);
    return this.#counters.length - 1;
  }

  #append(counter: Counter): void {
    const place = this.#counters.push(counter) - 1;
    this.#places.set(counter.name, place);
    if (!this.#firsts.has(counter.count)) this.#firsts.set(counter.count, place);
  }

  #grow(place: number): void {
    const { count } = this.#counters[place] as Counter;
    const first = this.#firsts.get(count) as number;
    const grown = this.#swap(place, first);
    if (this.#counters[first + 1]?.count === count) this.#firsts.set(count, first + 1);
    else this.#firsts.delete(count);
    grown.count = count + 1;
    if (!this.#firsts.has(grown.count)) this.#firsts.set(grown.count, first);
  }

  /** Two counters of one count change places; returns the one that was at `from`. */
  #swap(from: number, to: number): Counter {
    const [moving, other] = [this.#counters[from] as Counter, this.#counters[to] as Counter];
    this.#counters[to] = moving;
    this.#counters[from] = other;
    this.#places.set(other.name, from);
    this.#places.set(moving.name, to);
    return moving;
  }
}

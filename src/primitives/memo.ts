/**
 * What `make` returns for an argument, made once while the argument is in use. Two generations: when the younger has
 * `size` arguments it becomes the elder, whose arguments that nobody asked for since are forgotten. So at least `size` and
 * at most twice as many are kept, and a hit is one look in a Map. What throws is not kept.
 */
export class Memo<K, V> {
  #younger = new Map<K, V>();
  #elder: ReadonlyMap<K, V> = new Map();

  constructor(
    private readonly size: number,
    private readonly make: (argument: K) => V,
  ) {}

  of(argument: K): V {
    const known = this.#younger.get(argument);
    return known === undefined ? this.#taken(argument) : known;
  }

  #taken(argument: K): V {
    const value = this.#elder.get(argument) ?? this.make(argument);
    if (this.#younger.size >= this.size) {
      this.#elder = this.#younger;
      this.#younger = new Map();
    }
    this.#younger.set(argument, value);
    return value;
  }
}

import { InvalidOptionError } from '../../primitives/errors.js';
import { Memo } from '../../primitives/memo.js';

const KEPT_ENTRIES = 2_000;
const PREFIX = /^[a-zA-Z0-9_.-]+(:[a-zA-Z0-9_.-]+)*$/;

/**
 * Names in Redis. Everything begins with the prefix, so one access rule covers it. The braces make an entry and its
 * lease share a hash slot; they are not in the key alphabet, so no user's key can make a pair of its own.
 */
export class Keyspace {
  readonly ledger: string;
  readonly announcements: string;
  readonly #entry: string;
  /** The same text each time: what it hashes to, and its slot, are known then. */
  readonly #entries = new Memo(KEPT_ENTRIES, (key: string) => `${this.#entry}${key}}`);
  readonly #lease: string;
  readonly #generation: string;

  /** @param cache the name of a further cache below the prefix; left out, it is that of the prefix itself */
  constructor(prefix: string, cache?: string) {
    if (!PREFIX.test(prefix))
      throw new InvalidOptionError('prefix', 'words of a-z A-Z 0-9 _ - . separated by colons', prefix);
    const ledger = `${prefix}:ledger`;
    // An @ is in no prefix, so that no other application's can be the same by chance.
    const own = cache === undefined ? prefix : `${prefix}:@${cache}`;
    // In one slot with the ledger of the prefix: one command follows them all.
    this.ledger = cache === undefined ? ledger : `${own}:ledger:{${ledger}}`;
    // In the ledger's slot: an invalidation needs that server anyway, and depends on no further one.
    this.announcements = `${own}:announced:{${ledger}}`;
    this.#entry = `${own}:e:{`;
    this.#lease = `${own}:l:{`;
    this.#generation = `${own}:g:{`;
  }

  entry(key: string): string {
    return this.#entries.of(key);
  }

  lease(key: string): string {
    return `${this.#lease}${key}}`;
  }

  generation(tag: string): string {
    return `${this.#generation}${tag}}`;
  }

  /** The key behind the name of an entry or a lease. */
  keyOf(name: string): string {
    return name.slice(this.#entry.length, -1);
  }
}

import type { Fetched, FetchRequest, Filling, Ledger, LeaseAnswer, RemoteStore } from './contracts.js';

const NOWHERE: readonly string[] = Object.freeze(['']);

/**
 * The shared tier of a process that has none: it holds nothing, grants every lease and accepts every fill, so the same
 * read path runs on the in-process tier alone.
 */
export class LocalStore implements RemoteStore {
  readonly isAvailable = true;
  readonly shards = NOWHERE;

  shardsOf(): readonly string[] {
    return NOWHERE;
  }

  fetch({ keys, tags, leases }: FetchRequest): Promise<Fetched> {
    return Promise.resolve({
      entries: keys.map(() => null),
      generations: tags.map(() => null),
      leases: leases ? keys.map(() => null) : [],
    });
  }

  /** One token for all: with nothing shared, what this process knows of its tags decides alone. */
  mint(generations: readonly unknown[]): Promise<string[]> {
    return Promise.resolve(generations.map(() => 'local'));
  }

  acquire(): Promise<LeaseAnswer> {
    return Promise.resolve({ kind: 'granted' });
  }

  seize(): Promise<void> {
    return Promise.resolve();
  }

  fill(fillings: readonly Filling[]): Promise<boolean[]> {
    return Promise.resolve(fillings.map(() => true));
  }

  release(): Promise<void> {
    return Promise.resolve();
  }

  extend(): Promise<boolean> {
    return Promise.resolve(true);
  }

  remove(keys: readonly string[]): Promise<boolean[]> {
    return Promise.resolve(keys.map(() => false));
  }

  change(): Promise<void> {
    return Promise.resolve();
  }

  async *scan(): AsyncIterable<readonly string[]> {
    // Nothing is stored, so there is no page to yield.
  }

  drop(): Promise<number> {
    return Promise.resolve(0);
  }

  heads(keys: readonly string[]): Promise<null[]> {
    return Promise.resolve(keys.map(() => null));
  }

  dropSame(): Promise<number> {
    return Promise.resolve(0);
  }

  isReplicated(): Promise<boolean> {
    return Promise.resolve(true);
  }

  count(): Promise<number> {
    return Promise.resolve(0);
  }

  ping(): Promise<number> {
    return Promise.resolve(0);
  }
}

/** The ledger of a process that shares its cache with nobody: the newest records, for the audit. */
export class LocalLedger implements Ledger {
  readonly shard = '';
  readonly #records: { readonly id: string; readonly text: string }[] = [];
  #appended = 0;

  constructor(private readonly length = 10_000) {}

  append(text: string): Promise<string> {
    const id = `${++this.#appended}-0`;
    this.#records.push({ id, text });
    if (this.#records.length > this.length) this.#records.shift();
    return Promise.resolve(id);
  }

  end(): Promise<{ id: string; appended: number }> {
    return Promise.resolve({ id: `${this.#appended}-0`, appended: this.#appended });
  }

  read(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  latest(count: number): Promise<readonly { readonly id: string; readonly text: string }[]> {
    return Promise.resolve(this.#records.slice(-count).reverse());
  }

  isReplicated(): Promise<boolean> {
    return Promise.resolve(true);
  }

  discard(): Promise<void> {
    this.#records.length = 0;
    return Promise.resolve();
  }
}

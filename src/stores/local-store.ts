import type {
  AnnouncementsEnd,
  Fetched,
  FetchRequest,
  Filling,
  Ledger,
  LeaseAnswer,
  RemoteStore,
} from './contracts.js';

const NOWHERE: readonly string[] = Object.freeze(['']);
const MOST_GENERATIONS = 100_000;
const MOST_ANNOUNCEMENTS = 10_000;

interface Generation {
  readonly tag: string;
  readonly token: string;
}

/**
 * The shared tier of a process that has none: it holds no entries, grants every lease and accepts every fill, so the same
 * read path runs on the in-process tier alone. It has the generations and announcements that loads are stamped by.
 */
export class LocalStore implements RemoteStore {
  readonly isAvailable = true;
  readonly shards = NOWHERE;
  readonly shardOfAnnouncements = '';
  readonly #generations = new Map<string, string>();
  /** The tags of the newest announcements, oldest first. */
  readonly #announced: (readonly string[])[] = [];
  #announcedEver = 0;

  shardsOf(): readonly string[] {
    return NOWHERE;
  }

  fetch({ keys, tags, leases }: FetchRequest): Promise<Fetched> {
    return Promise.resolve({
      entries: keys.map(() => null),
      generations: tags.map((tag) => this.#generations.get(tag) ?? null),
      leases: leases ? keys.map(() => null) : [],
    });
  }

  mint(generations: readonly Generation[]): Promise<string[]> {
    return Promise.resolve(generations.map((each) => this.#minted(each)));
  }

  acquire(): Promise<LeaseAnswer> {
    return Promise.resolve({ kind: 'granted', replaces: false });
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

  change(generations: readonly Generation[]): Promise<void> {
    this.#announced.push(generations.map(({ tag }) => tag));
    this.#announcedEver += 1;
    if (this.#announced.length > MOST_ANNOUNCEMENTS) this.#announced.shift();
    for (const each of generations) this.#replace(each);
    return Promise.resolve();
  }

  announcements(): Promise<AnnouncementsEnd> {
    return Promise.resolve({ id: String(this.#announcedEver), text: '' });
  }

  mintLate(generations: readonly Generation[], { id }: AnnouncementsEnd): Promise<string[] | undefined> {
    const made = this.#announcedEver - Number(id);
    const since = new Set(this.#announced.slice(this.#announced.length - made).flat());
    const isTold = made <= this.#announced.length && generations.every(({ tag }) => !since.has(tag));
    return Promise.resolve(isTold ? generations.map((each) => this.#minted(each)) : undefined);
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

  #minted(generation: Generation): string {
    const present = this.#generations.get(generation.tag);
    if (present === undefined) this.#replace(generation);
    return present ?? generation.token;
  }

  /** The oldest goes where there are too many: a generation that is missing means "changed". */
  #replace({ tag, token }: Generation): void {
    this.#generations.delete(tag);
    this.#generations.set(tag, token);
    if (this.#generations.size <= MOST_GENERATIONS) return;
    for (const oldest of this.#generations.keys()) {
      this.#generations.delete(oldest);
      return;
    }
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

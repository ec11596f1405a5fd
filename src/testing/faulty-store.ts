import { type Clock, SystemClock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import {
  type AnnouncementsEnd,
  type EntryPeek,
  type Fetched,
  type FetchRequest,
  type Filling,
  type LeaseAnswer,
  type LeaseRequest,
  type RemoteFailure,
  type RemoteStore,
  RemoteStoreError,
  type Stored,
} from '../stores/contracts.js';
import { type StoreChance, StoreFaults, type StoreMethod } from './store-faults.js';

/**
 * A store that does what another does, except where it is told to fail, to be late, to hang or to lose writes: by script
 * or by seeded chance. Errors are {@link RemoteStoreError}, as the contract says. Two things break the contract on
 * purpose: a hanging call never settles, and a lost invalidation leaves what it was to remove.
 */
export class FaultyStore implements RemoteStore {
  readonly #faults = new StoreFaults();

  /** @param clock what delays are measured by; the system's unless given */
  constructor(
    private readonly inner: RemoteStore,
    private readonly clock: Clock = new SystemClock(),
  ) {}

  get isAvailable(): boolean {
    return this.inner.isAvailable;
  }

  get shards(): readonly string[] {
    return this.inner.shards;
  }

  shardsOf(keys: readonly string[], tags?: readonly string[]): readonly string[] {
    return this.inner.shardsOf(keys, tags);
  }

  /** The next `times` calls of `method`, 1 unless given, are not made and reject with `failure`. */
  failNext(method: StoreMethod, failure: RemoteFailure, times = 1): void {
    this.#faults.add(method, { kind: 'fail', failure }, times);
  }

  /** The next `times` calls of `method`, 1 unless given, are made, and reject with `failure` all the same. */
  loseAnswerNext(method: StoreMethod, failure: RemoteFailure, times = 1): void {
    this.#faults.add(method, { kind: 'lose-answer', failure }, times);
  }

  /** Every call from now on rejects with `failure`, until {@link heal}. */
  failAll(failure: RemoteFailure): void {
    this.#faults.add('any', { kind: 'fail', failure }, Infinity);
  }

  /** The next `times` calls of `method`, 1 unless given, are made `delay` milliseconds later. */
  delayNext(method: StoreMethod, delay: Milliseconds, times = 1): void {
    this.#faults.add(method, { kind: 'delay', delay }, times);
  }

  /** The next `times` calls of `method`, 1 unless given, are not made and never settle. */
  hangNext(method: StoreMethod, times = 1): void {
    this.#faults.add(method, { kind: 'hang' }, times);
  }

  /** The next `times` calls of `method`, 1 unless given, are answered as successes and not made. */
  loseNext(method: StoreMethod, times = 1): void {
    this.#faults.add(method, { kind: 'lose' }, times);
  }

  /** Calls that no script concerns meet faults by chance, until {@link heal}. */
  chance(chance: StoreChance): void {
    this.#faults.byChance(chance);
  }

  /** No more faults. Calls that hang go on hanging. */
  heal(): void {
    this.#faults.clear();
  }

  fetch(request: FetchRequest): Promise<Fetched> {
    return this.#call('fetch', () => this.inner.fetch(request));
  }

  mint(generations: readonly { readonly tag: string; readonly token: string }[]): Promise<string[]> {
    const lost = (): string[] => generations.map(({ token }) => token);
    return this.#call('mint', () => this.inner.mint(generations), lost);
  }

  acquire(request: LeaseRequest): Promise<LeaseAnswer> {
    return this.#call(
      'acquire',
      () => this.inner.acquire(request),
      () => ({ kind: 'granted', replaces: false }),
    );
  }

  seize(keys: readonly string[], token: string, duration: Milliseconds): Promise<void> {
    return this.#call('seize', () => this.inner.seize(keys, token, duration), nothing);
  }

  fill(fillings: readonly Filling[]): Promise<boolean[]> {
    const lost = (): boolean[] => fillings.map(() => true);
    return this.#call('fill', () => this.inner.fill(fillings), lost);
  }

  release(key: string, token: string): Promise<void> {
    return this.#call('release', () => this.inner.release(key, token), nothing);
  }

  extend(key: string, token: string, duration: Milliseconds): Promise<boolean> {
    return this.#call(
      'extend',
      () => this.inner.extend(key, token, duration),
      () => true,
    );
  }

  remove(keys: readonly string[]): Promise<boolean[]> {
    const lost = (): boolean[] => keys.map(() => true);
    return this.#call('remove', () => this.inner.remove(keys), lost);
  }

  change(generations: readonly { readonly tag: string; readonly token: string }[]): Promise<void> {
    return this.#call('change', () => this.inner.change(generations), nothing);
  }

  get shardOfAnnouncements(): string {
    return this.inner.shardOfAnnouncements;
  }

  announcements(token: string): Promise<AnnouncementsEnd> {
    return this.#call('announcements', () => this.inner.announcements(token));
  }

  mintLate(
    generations: readonly { readonly tag: string; readonly token: string }[],
    since: AnnouncementsEnd,
  ): Promise<string[] | undefined> {
    const lost = (): string[] => generations.map(({ token }) => token);
    return this.#call('mintLate', () => this.inner.mintLate(generations, since), lost);
  }

  async *scan(what: Stored, pattern: string): AsyncIterable<readonly string[]> {
    const pages = this.inner.scan(what, pattern)[Symbol.asyncIterator]();
    for (;;) {
      const page = await this.#call('scan', () => pages.next());
      if (page.done) return;
      yield page.value;
    }
  }

  drop(what: Stored, keys: readonly string[]): Promise<number> {
    return this.#call(
      'drop',
      () => this.inner.drop(what, keys),
      () => keys.length,
    );
  }

  heads(keys: readonly string[]): Promise<(EntryPeek | null)[]> {
    return this.#call('heads', () => this.inner.heads(keys));
  }

  dropSame(entries: readonly { readonly key: string; readonly identity: Buffer }[]): Promise<number> {
    return this.#call(
      'dropSame',
      () => this.inner.dropSame(entries),
      () => entries.length,
    );
  }

  isReplicated(keys: readonly string[], tags: readonly string[]): Promise<boolean> {
    return this.#call('isReplicated', () => this.inner.isReplicated(keys, tags));
  }

  count(): Promise<number> {
    return this.#call('count', () => this.inner.count());
  }

  ping(): Promise<Milliseconds> {
    return this.#call('ping', () => this.inner.ping());
  }

  async #call<T>(method: StoreMethod, make: () => Promise<T>, lost?: () => T): Promise<T> {
    const fault = this.#faults.next(method);
    switch (fault?.kind) {
      case 'fail':
        throw new RemoteStoreError(fault.failure, method, 'made to fail by a test');
      case 'lose-answer':
        await make();
        throw new RemoteStoreError(fault.failure, method, 'answer lost by a test');
      case 'hang':
        return new Promise<never>(nothing);
      case 'lose':
        return lost ? lost() : make();
      case 'delay':
        await this.clock.sleep(fault.delay);
    }
    return make();
  }
}

function nothing(): void {
  // A write that was lost, and a promise that never settles.
}

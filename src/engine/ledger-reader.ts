import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import {
  type Ledger,
  type LedgerEnd,
  type LedgerRecord,
  type RemoteFailure,
  RemoteStoreError,
} from '../stores/contracts.js';
import { decodeRecord, emptyRecord, encodeRecord } from './invalidation-record.js';
import type { LocalView } from './local-view.js';
import type { CacheObserver, LedgerGap } from './observer.js';
import type { OwnRecords } from './own-records.js';
import type { Reassertion } from './reassertion.js';
import { compareIds } from './stream-id.js';

/** What a reader is made of. */
export interface LedgerReaderParts {
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly view: LocalView;
  readonly observer: CacheObserver;
  /** This instance: its own records were applied when they were written. */
  readonly origin: string;
  readonly own: OwnRecords;
  /** Asserts again what this process remembers: when history was lost, and when another instance tells of a failover. */
  readonly reassertion: Pick<Reassertion, 'told'>;
}

const PAUSE_AFTER_FAILURE: Milliseconds = 50;

/**
 * Follows the ledger and renews the coherence lease. Each turn asks for the ledger's end and for new records together.
 * The count of records ever appended must agree with the records seen: if it does not, some were trimmed, evicted or lost
 * in a failover before they were read, and everything local is forgotten.
 */
export class LedgerReader {
  #position: LedgerEnd | undefined;
  #state: 'following' | 'stopped' = 'following';
  #running: Promise<void> = Promise.resolve();
  #failure: RemoteFailure | undefined;

  constructor(private readonly parts: LedgerReaderParts) {}

  /** The last record that was applied, if the ledger is being followed. */
  get position(): string | undefined {
    return this.#position?.id;
  }

  start(): void {
    this.#running = this.#run();
  }

  /** Ends after the turn under way; close the connection to end that too. */
  async stop(): Promise<void> {
    this.#state = 'stopped';
    await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#isFollowing()) {
      try {
        await (this.#position ? this.#follow(this.#position) : this.#join());
        this.#failure = undefined;
      } catch (error) {
        this.#report(error);
        if (this.#isFollowing()) await this.parts.clock.sleep(PAUSE_AFTER_FAILURE);
      }
    }
  }

  /** It tries again twenty times a second: what repeats is told once. */
  #report(error: unknown): void {
    const failure = error instanceof RemoteStoreError ? error.failure : 'protocol';
    // That there is no connection the connection itself tells.
    if (failure !== this.#failure && failure !== 'unavailable')
      this.parts.observer.on({ type: 'remote.failed', operation: 'follow', failure });
    this.#failure = failure;
  }

  #isFollowing(): boolean {
    return this.#state === 'following';
  }

  /** Finds a place to read from. Only what is fetched after it is covered, so everything older is forgotten. */
  async #join(): Promise<void> {
    const { clock, ledger, view } = this.parts;
    const asOf = clock.now();
    const end = await ledger.end();
    if (!end) {
      // Without a record of ours a ledger that is evicted and written anew could not be told from one that never was.
      await ledger.append(this.#greeting());
      return;
    }
    view.forget();
    this.#position = end;
    this.parts.own.startFrom(end.id);
    this.#renew(asOf);
  }

  async #follow(position: LedgerEnd): Promise<void> {
    const { clock, ledger, view } = this.parts;
    const asOf = clock.now();
    const ending = ledger.end();
    const reading = ledger.read(position.id, view.lease.window / 4);
    // It may fail while we still wait for the other; nobody would be listening.
    reading.catch(() => undefined);
    const end = await ending;
    if (!end || end.appended < position.appended || compareIds(end.id, position.id) < 0) {
      this.#lose('lost');
      return;
    }
    if (end.id === position.id && end.appended === position.appended) this.#renew(asOf);
    this.#advance(position, end, await reading, asOf);
  }

  #advance(from: LedgerEnd, end: LedgerEnd, records: readonly LedgerRecord[], asOf: Milliseconds): void {
    for (const record of records) this.#apply(record);
    const last = records.at(-1)?.id ?? from.id;
    const position = { id: last, appended: from.appended + records.length };
    // The read was served after the end was told, so it may hold later records too; only those up to the end can be counted.
    const later = records.filter(({ id }) => compareIds(id, end.id) > 0).length;
    const caughtUp = compareIds(last, end.id) >= 0;
    if ((caughtUp || records.length === 0) && position.appended - later !== end.appended) {
      this.#lose('trimmed');
      return;
    }
    // Checked against the end that was told, not the last record read: a record of ours may be on its way to us still.
    if (caughtUp && this.parts.own.isMissingUpTo(end.id)) {
      this.#lose('lost');
      return;
    }
    this.#position = position;
    if (caughtUp) this.#renew(asOf);
  }

  #apply({ id, text }: LedgerRecord): void {
    const record = decodeRecord(text);
    if (!record) {
      // Perhaps of a newer version: it says that something changed, but not what.
      this.parts.view.forget();
      this.parts.observer.on({ type: 'ledger.gap', why: 'unreadable' });
      return;
    }
    const isOwn = record.origin === this.parts.origin;
    if (isOwn) this.parts.own.read(id);
    else if (record.again) this.parts.reassertion.told();
    this.parts.view.apply(isOwn ? { ...record, keys: [], patterns: [] } : record);
  }

  #renew(asOf: Milliseconds): void {
    const { clock, view, observer } = this.parts;
    const { lease } = view;
    const now = clock.now();
    const since = lease.asOf;
    const isRegained = Number.isFinite(since) && !lease.holds(now);
    lease.renew(asOf);
    if (isRegained) observer.on({ type: 'coherence.regained', took: now - since });
  }

  #lose(why: LedgerGap): void {
    this.#position = undefined;
    this.parts.own.forget();
    this.parts.view.forget();
    this.parts.observer.on({ type: 'ledger.gap', why });
    this.parts.reassertion.told();
  }

  #greeting(): string {
    return encodeRecord(emptyRecord(this.parts.origin, this.parts.clock.now()));
  }
}

import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import { type Ledger, type LedgerRecord, RemoteStoreError } from '../stores/contracts.js';
import { entriesOf, type HistoryEntry } from './audit.js';
import { decodeRecord } from './invalidation-record.js';
import { compareIds } from './stream-id.js';

/** What a ledger is watched with. */
export interface LedgerWatchParts {
  readonly clock: Clock;
  readonly ledger: Ledger;
}

/** How often the ledger is asked. */
const PAUSE: Milliseconds = 250;
/** How many of the newest records are asked for until all that are new are among them; at last as many as a ledger keeps. */
const LOOKS = [10, 200, 10_000];
const BEFORE_ALL = '0-0';

/**
 * Resolves with the invalidations that are written from now on, oldest first, until `signal` is aborted. While Redis is
 * away it asks on; what a ledger that was lost has held is not told. @throws RemoteStoreError where the first question is
 * not answered
 */
export async function watchLedger(parts: LedgerWatchParts, signal: AbortSignal): Promise<AsyncIterable<HistoryEntry>> {
  return entriesAfter(await newestIn(parts.ledger), parts, signal);
}

async function* entriesAfter(
  from: string,
  { clock, ledger }: LedgerWatchParts,
  signal: AbortSignal,
): AsyncGenerator<HistoryEntry> {
  let last = from;
  while (!signal.aborted) {
    const newest = await whileAway(newestIn(ledger), last);
    // It was lost, and begun anew by a server whose clock is behind.
    if (compareIds(newest, last) < 0) last = newest;
    for (const { id, text } of newest === last ? [] : await whileAway(recordsAfter(ledger, last), [])) {
      const record = decodeRecord(text);
      if (record) yield* entriesOf(id, record);
      last = id;
    }
    await pause(clock, signal);
  }
}

async function newestIn(ledger: Ledger): Promise<string> {
  const [newest] = await ledger.latest(1);
  return newest?.id ?? BEFORE_ALL;
}

/**
 * The records after `id`, oldest first, as far as the ledger has kept them. The newest are asked for, and not those after
 * the last: a blocking read would hold up the one by which this process stays coherent.
 */
async function recordsAfter(ledger: Ledger, id: string): Promise<readonly LedgerRecord[]> {
  let later: readonly LedgerRecord[] = [];
  for (const count of LOOKS) {
    later = before(await ledger.latest(count), id);
    if (later.length < count) break;
  }
  return later.toReversed();
}

/** Those before the first that is not after `id`, of records newest first: most often that is one of the first. */
function before(records: readonly LedgerRecord[], id: string): readonly LedgerRecord[] {
  const end = records.findIndex((record) => compareIds(record.id, id) <= 0);
  return end < 0 ? records : records.slice(0, end);
}

async function whileAway<T>(asked: Promise<T>, otherwise: T): Promise<T> {
  return asked.catch((error: unknown) => {
    if (error instanceof RemoteStoreError) return otherwise;
    throw error;
  });
}

/** Keeps no process alive, and ends at once with the signal. */
function pause(clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = clock.after(PAUSE, end);
    signal.addEventListener('abort', end);
    function end(): void {
      timer.cancel();
      signal.removeEventListener('abort', end);
      resolve();
    }
  });
}

import type { Unreadable } from '../codec/envelope.js';
import type { Milliseconds } from '../primitives/units.js';
import type { RemoteFailure } from '../stores/contracts.js';
import type { CircuitName, CircuitState } from './circuit-breaker.js';
import type { Misfitting, StaleReason, ValueOrigin } from './lookup.js';

/** Why stored history could not be followed without a gap. */
export type LedgerGap = 'trimmed' | 'lost' | 'unreadable';

/**
 * Why a loaded value was not cached. `invalidated`: while it was loaded. `late-tags`: it got tags that nobody had told of
 * before. `uncertain`: it rests on a value of which it is not known under which generations that was valid. `skipped`: its
 * loader said so.
 */
export type NotStored =
  'not-serializable' | 'too-large' | 'invalidated' | 'degraded' | 'late-tags' | 'uncertain' | 'skipped';

/**
 * What came of loading a value once more that had been served. `inconsistent`: a grace time after the source had said
 * otherwise it was served still. No sample: `gone` (it was served no more), `busy` (its source had no room to spare),
 * `failed` (its loader threw, or returned what is not stored).
 */
export type SpotCheckOutcome = 'consistent' | 'inconsistent' | 'gone' | 'busy' | 'failed';

/** Something worth counting or logging that no return value tells. Named by what has happened. */
export type CacheEvent =
  /** A command on the shared tier failed; the reader was served without it. */
  | { readonly type: 'remote.failed'; readonly operation: string; readonly failure: RemoteFailure }
  /** Stored bytes were not an entry of ours and were treated as a miss. */
  | { readonly type: 'entry.rejected'; readonly label: string; readonly why: Unreadable }
  /** A loaded value was returned but not cached. */
  | { readonly type: 'value.not-stored'; readonly label: string; readonly why: NotStored }
  /**
   * A value did not fit its template's schema: an entry's (a miss), a loader's or a set one (an InvalidValueError). `path`
   * is where in the value, by names of properties; `error` what the schema threw, whose message may quote the value.
   */
  | {
      readonly type: 'value.invalid';
      readonly label: string;
      readonly origin: ValueOrigin;
      readonly why: Misfitting;
      readonly path: string;
      readonly error?: unknown;
    }
  /** A template's `migrate` threw, took longer than two seconds, or made what JSON cannot hold; the entry was a miss. */
  | {
      readonly type: 'migration.failed';
      readonly label: string;
      readonly fromVersion: number;
      readonly error: unknown;
    }
  /** A loader ended; `failed` when it threw, unless the error says that there is no such value. */
  | {
      readonly type: 'load.ended';
      readonly label: string;
      readonly took: Milliseconds;
      readonly failed: boolean;
      readonly background: boolean;
    }
  /** A load waited for another process that was loading the same key, and now asks again. */
  | { readonly type: 'lease.waited'; readonly label: string; readonly took: Milliseconds }
  /** L1 is trusted again after `took` without news from the ledger; it was not trusted for the part of it beyond the window. */
  | { readonly type: 'coherence.regained'; readonly took: Milliseconds }
  /** A load was not begun: as many as its source allows were under way, for as long as this one could wait. */
  | { readonly type: 'load.rejected'; readonly label: string; readonly source: string }
  /** A reader was given a value past its TTL. */
  | { readonly type: 'stale.served'; readonly label: string; readonly reason: StaleReason }
  /** Commands of this kind are sent again, are not sent any more, or one is sent to see; `failure` is what opened it, `shard` the node of a Cluster. */
  | {
      readonly type: 'circuit.changed';
      readonly circuit: CircuitName;
      readonly state: CircuitState;
      readonly failure?: RemoteFailure;
      readonly shard?: string;
    }
  /** An invalidation was acknowledged, or queued because Redis is away. */
  | {
      readonly type: 'invalidation.done';
      readonly kinds: readonly string[];
      readonly removed: number;
      readonly acknowledged: boolean;
    }
  /** L1 was emptied because the ledger could not be followed without a gap. */
  | { readonly type: 'ledger.gap'; readonly why: LedgerGap }
  /** A walk that frees the memory of invalidated entries has ended. */
  | { readonly type: 'sweep.ended'; readonly scanned: number; readonly removed: number }
  /** A value that had been served was loaded once more and compared. */
  | { readonly type: 'spot-check.ended'; readonly label: string; readonly outcome: SpotCheckOutcome }
  /** The process ended while invalidations waited for Redis. */
  | { readonly type: 'invalidations.lost'; readonly count: number }
  /** A task nobody awaits failed for a reason that nothing else reports. */
  | { readonly type: 'task.failed'; readonly task: string; readonly error: unknown };

/** Receives what happens inside; must not throw and must return quickly. */
export interface CacheObserver {
  /** One thing has happened. */
  on(event: CacheEvent): void;
}

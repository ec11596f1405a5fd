import type { Stamp } from '../codec/envelope.js';
import type { CacheKey } from '../keys/key.js';
import type { LoadPolicy } from '../keys/load-policy.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Lifetime } from './lifetime.js';

/** How strictly a read follows invalidations by other processes: within the coherence window, or at once. */
export type Consistency = 'default' | 'strict';

/**
 * Why the cache had no usable answer. `absent`: never there, as far as this process remembers. `evicted`: it should be
 * there still, but Redis has it no more. `version`: it was stored for another version of the template. `invalid`: it does
 * not fit the template's schema. `degraded`: Redis could not be asked.
 */
export type MissCause =
  'absent' | 'expired' | 'invalidated' | 'evicted' | 'unreadable' | 'version' | 'invalid' | 'degraded';

/**
 * Why a stale value was served. `refreshing`: a refresh runs behind. `slow`: it took longer than the soft timeout.
 * `failed`: it failed, just now or within the throttle time. `rejected`: its source has no room for another load.
 */
export type StaleReason = 'refreshing' | 'slow' | 'failed' | 'rejected';

/** How a value does not fit its template's schema: that has issues with it, threw, or has not answered in time. */
export type Misfitting = 'issues' | 'threw' | 'slow';

/** Where a value comes from that does not fit: an entry in Redis, a loader, or a caller of `set`. */
export type ValueOrigin = 'entry' | 'loader' | 'set';

/** How one read or write is to be done. */
export interface ReadPlan {
  readonly key: CacheKey;
  /** What the call says; `undefined`: as long as the template says when the value is there. */
  readonly ttl: Milliseconds | undefined;
  readonly policy: LoadPolicy;
  readonly consistency: Consistency;
  /** It has its place in the budget already: that of the call which loads it with others, or the one it waited for. */
  readonly isBatched?: boolean;
}

/** A value with where it came from. */
export interface Found extends Lifetime {
  readonly value: unknown;
  readonly source: 'l1' | 'l2' | 'loader';
  /** Past its `freshUntil`. */
  readonly stale: boolean;
  readonly staleReason?: StaleReason;
  /** Why the loader ran. */
  readonly cause?: MissCause;
  /** Whether the load was another caller's. */
  readonly coalesced: boolean;
  /** Whether the loaded value was stored for others. */
  readonly stored: boolean;
  /** The generations under which it is valid. Of what memory had they are told within loads only; `undefined` is not known. */
  readonly stamps?: readonly Stamp[] | undefined;
  /**
   * For a load that turned out to rest on further tags: when these were shown to be unchanged; -Infinity for never. A read
   * that began later cannot share it.
   */
  readonly checkedAt?: Milliseconds | undefined;
}

/** No usable value, and why. */
export interface NotFound {
  readonly cause: MissCause;
}

/** True for a value. */
export function isFound(result: Found | NotFound): result is Found {
  return 'source' in result;
}

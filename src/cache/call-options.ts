import type { Consistency, MissCause, StaleReason } from '../engine/lookup.js';
import type { CacheKey } from '../keys/key.js';
import type { LoadPolicyOptions, TagsOf } from '../keys/load-policy.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';

/** A key: a template filled in, or a raw string of 1 to 256 characters of `a-z A-Z 0-9 : _ - .` */
export type KeyLike = string | CacheKey;

/** How one read is done. */
export interface ReadOptions {
  /** `strict`: no invalidation acknowledged before this call is missed; L1 is not used. @default the module's */
  readonly consistency?: Consistency;
}

/** How one entry is stored. */
export interface EntryOptions {
  /** Seconds for which it is fresh. @default the key's timeframe or template, else the module's `defaultTtl` */
  readonly ttl?: Seconds;
  /** Seconds after that for which it may be served stale. @default the template's, else the module's */
  readonly grace?: Seconds;
  /** Tags beyond those of the key. */
  readonly tags?: readonly string[];
  /** Further tags, made of the value, beside those that its template makes. */
  readonly tagsOf?: TagsOf;
}

/** How a value is read and, where it is missing, loaded. */
export interface LoadOptions extends ReadOptions, EntryOptions, LoadPolicyOptions {}

/** A value and what is known of it: the freshness contract. */
export interface Lookup<T> {
  readonly value: T;
  /** When the load of the value began, in milliseconds since the epoch. */
  readonly asOf: Milliseconds;
  readonly source: 'l1' | 'l2' | 'loader';
  /** Past its TTL. */
  readonly stale: boolean;
  /**
   * Why the loader ran: `absent`, `expired`, `invalidated`, `unreadable`, `version`, `invalid`, `degraded` (Redis away). Or why the
   * value is stale: `refreshing` behind, `slow` (longer than the soft timeout), `failed` (the refresh did, now or within
   * the throttle time), `rejected` (its source has no room). Absent for a fresh hit.
   */
  readonly reason?: MissCause | StaleReason;
  /** Seconds for which the value is still fresh; negative when stale. */
  readonly ttl: Seconds;
  /** Whether it was loaded for another caller of this process at the same time. */
  readonly coalesced: boolean;
  /** Whether it is in the cache now. */
  readonly stored: boolean;
}

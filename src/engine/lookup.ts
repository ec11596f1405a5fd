import type { CacheKey } from '../keys/key.js';
import type { Milliseconds } from '../primitives/units.js';
import type { Lifetime } from './local-view.js';

/** How strictly a read follows invalidations by other processes: within the coherence window, or at once. */
export type Consistency = 'default' | 'strict';

/** Why the cache had no usable answer. */
export type MissCause = 'absent' | 'expired' | 'invalidated' | 'unreadable' | 'version' | 'degraded';

/** How one read or write is to be done; nothing left to default. */
export interface ReadPlan {
  readonly key: CacheKey;
  readonly ttl: Milliseconds;
  readonly grace: Milliseconds;
  readonly consistency: Consistency;
}

/** A value with where it came from. */
export interface Found extends Lifetime {
  readonly value: unknown;
  readonly source: 'l1' | 'l2' | 'loader';
  /** Past its `freshUntil`; a refresh runs behind. */
  readonly stale: boolean;
  /** Why the loader ran. */
  readonly cause?: MissCause;
  /** Whether the load was another caller's. */
  readonly coalesced: boolean;
  /** Whether the loaded value was stored for others. */
  readonly stored: boolean;
}

/** No usable value, and why. */
export interface NotFound {
  readonly cause: MissCause;
}

/** True for a value. */
export function isFound(result: Found | NotFound): result is Found {
  return 'source' in result;
}

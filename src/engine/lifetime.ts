import type { Milliseconds } from '../primitives/units.js';

/** What a value is known to be: when its load began, how long that took, and until when it may be used. */
export interface Lifetime {
  readonly loadedAt: Milliseconds;
  readonly loadTook: Milliseconds;
  readonly freshUntil: Milliseconds;
  readonly keepUntil: Milliseconds;
}

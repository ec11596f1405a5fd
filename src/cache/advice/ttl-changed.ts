import type { Milliseconds } from '../../primitives/units.js';

/** A TTL of a template with `advice: { auto }` was moved, by this instance for all. */
export interface TtlChanged {
  readonly type: 'ttl.changed';
  /** The template. */
  readonly label: string;
  /** What it says itself, its timeframe or the module: with a `{timeframe}` there are several. */
  readonly declared: Milliseconds;
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  /** Why, in one sentence. */
  readonly reason: string;
}

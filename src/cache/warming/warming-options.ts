import { finiteNumber, wholeNumber } from '../../primitives/checks.js';
import type { Milliseconds } from '../../primitives/units.js';

/** How values are loaded before anybody asks. */
export interface WarmingOptions {
  /** How many loads of warm-ups this process has under way at a time, of each plan. @default 4 */
  readonly concurrency?: number;
  /**
   * How many of the keys that are read most are loaded again on start and after a broad invalidation, at most 500, of
   * templates with a `LoaderFor`; 0 counts nothing. @default 100
   */
  readonly hotKeys?: number;
  /** How often in milliseconds what was counted of them is written to Redis. @default 30000 */
  readonly windowMs?: Milliseconds;
}

/** {@link WarmingOptions} with nothing left to default. */
export interface ResolvedWarmingOptions {
  readonly concurrency: number;
  readonly hotKeys: number;
  readonly window: Milliseconds;
}

/** Fills in defaults. @throws InvalidOptionError */
export function resolveWarming({
  concurrency = 4,
  hotKeys = 100,
  windowMs = 30_000,
}: WarmingOptions): ResolvedWarmingOptions {
  return {
    concurrency: wholeNumber('warming.concurrency', concurrency, { min: 1, max: 1_000 }),
    hotKeys: wholeNumber('warming.hotKeys', hotKeys, { min: 0, max: 500 }),
    window: finiteNumber('warming.windowMs', windowMs, { min: 100, max: 3_600_000 }),
  };
}

import type { Milliseconds } from '../../primitives/units.js';

/**
 * How a run of a warm-up ended. `done`: every key was tried. `stopped`: the process ends, or another instance has taken the
 * lease. `away`: Redis is. `failed`: what names the keys threw.
 */
export type WarmUpEnding = 'done' | 'stopped' | 'away' | 'failed';

/** What became of one key. `present`: a fresh value was cached already. */
export type WarmUpResult = 'loaded' | 'present' | 'failed';

/** What a run has done so far, or did. */
export interface WarmUpProgress {
  readonly keys: number;
  readonly loaded: number;
  readonly present: number;
  readonly failed: number;
}

/** Of a run that had not begun. */
export const NO_PROGRESS: WarmUpProgress = Object.freeze({ keys: 0, loaded: 0, present: 0, failed: 0 });

/** A warm-up goes on: told at its beginning, after each key, and at its end. Never names a key. */
export type WarmUpEvent =
  | { readonly type: 'warm-up.began'; readonly plan: string; readonly keys: number }
  | {
      readonly type: 'warm-up.key';
      readonly plan: string;
      readonly result: WarmUpResult;
      readonly error?: unknown;
      readonly progress: WarmUpProgress;
    }
  | {
      readonly type: 'warm-up.ended';
      readonly plan: string;
      readonly how: WarmUpEnding;
      readonly took: Milliseconds;
      readonly progress: WarmUpProgress;
      readonly error?: unknown;
    }
  /** Redis is away: the plan waits until it is back. */
  | { readonly type: 'warm-up.waiting'; readonly plan: string };

import type { CacheRecorder, Recorded } from './cache-recorder.js';

/** What a matcher of vitest or jest returns. */
export interface MatcherResult {
  readonly pass: boolean;
  /** What was expected, and what there was. */
  readonly message: () => string;
}

/** Matchers on a {@link CacheRecorder}, for `expect.extend(cacheMatchers)` of vitest and jest. The template may be left out: then all count. */
export const cacheMatchers = {
  /** One load, of a template or in all. */
  toHaveLoadedOnce: (recorder: CacheRecorder, template?: string): MatcherResult =>
    compared('loads', recorder.of(template), 1, template),
  /** So many loads. */
  toHaveLoadedTimes: (recorder: CacheRecorder, times: number, template?: string): MatcherResult =>
    compared('loads', recorder.of(template), times, template),
  /** So many hits. */
  toHaveHitTimes: (recorder: CacheRecorder, times: number, template?: string): MatcherResult =>
    compared('hits', recorder.of(template), times, template),
  /** So many misses. */
  toHaveMissedTimes: (recorder: CacheRecorder, times: number, template?: string): MatcherResult =>
    compared('misses', recorder.of(template), times, template),
};

/** The matchers, as they are to be declared to vitest or jest: `interface Matchers<T> extends CacheMatchers<T> {}`. */
export interface CacheMatchers<R = unknown> {
  /** One load, of a template or in all. */
  toHaveLoadedOnce(template?: string): R;
  /** So many loads. */
  toHaveLoadedTimes(times: number, template?: string): R;
  /** So many hits. */
  toHaveHitTimes(times: number, template?: string): R;
  /** So many misses. */
  toHaveMissedTimes(times: number, template?: string): R;
}

function compared(what: keyof Recorded, counted: Recorded, times: number, template = 'all templates'): MatcherResult {
  const { loads, hits, misses } = counted;
  const pass = counted[what] === times;
  return {
    pass,
    message: () =>
      `expected ${pass ? 'another number than ' : ''}${times} ${what} of ${template}; there were ${loads} loads, ${hits} hits and ${misses} misses`,
  };
}

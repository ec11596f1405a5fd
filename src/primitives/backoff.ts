import type { Random } from './random.js';
import type { Milliseconds } from './units.js';

/** When to try again: `base`, doubled after each of the first `attempts` tries, then for ever at the longest delay. */
export interface RetrySchedule {
  readonly attempts: number;
  readonly base: Milliseconds;
  /** The longest delay. */
  readonly cap: Milliseconds;
  /** Share of a delay that may be added or taken away by chance, 0 to 1, so that a fleet does not knock in step. */
  readonly jitter: number;
}

/** The delay before retry number `attempt` (the first is 1). Never ends: a cache that stops trying needs a person to restart it. */
export function retryDelay(schedule: RetrySchedule, attempt: number, random: Random): Milliseconds {
  const doublings = Math.min(attempt, Math.max(schedule.attempts, 1)) - 1;
  const delay = Math.min(schedule.base * 2 ** doublings, schedule.cap);
  return Math.round(delay * (1 + schedule.jitter * (2 * random.fraction() - 1)));
}

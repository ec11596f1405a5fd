import type { Clock, Timer } from './clock.js';
import type { Milliseconds } from './units.js';

/**
 * Settles as `work` does, or rejects with `onTimeout()` after `limit`. The work itself is not stopped; what it does later
 * is ignored. Redis clients leave promises pending for ever in several faults, so nothing may await one without this.
 */
export function withDeadline<T>(
  clock: Clock,
  limit: Milliseconds,
  work: Promise<T>,
  onTimeout: () => Error,
): Promise<T> {
  let timer: Timer | undefined;
  const expired = new Promise<never>((_resolve, reject) => {
    timer = clock.after(limit, () => {
      // After a stall of the process timers run before the answers that have arrived meanwhile are read: those come first.
      setImmediate(() => {
        reject(onTimeout());
      });
    });
  });
  return Promise.race([work, expired]).finally(() => timer?.cancel());
}

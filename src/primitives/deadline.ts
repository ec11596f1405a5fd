import type { Clock } from './clock.js';
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
  // By hand: what Promise.race and finally allocate costs more than the rest of a command.
  return new Promise((resolve, reject) => {
    // After a stall of the process timers run before the answers that have arrived meanwhile are read: those come first.
    const timer = clock.after(limit, () => setImmediate(() => reject(onTimeout())));
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        reject(error as Error);
      },
    );
  });
}

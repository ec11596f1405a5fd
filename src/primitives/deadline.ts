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
  return new Promise((resolve, reject) => {
    const timer = clock.after(limit, () => {
      // After a stall of the process timers run before the answers that have arrived meanwhile are read: those come first.
      setImmediate(() => {
        reject(onTimeout());
      });
    });
    work.then(
      (value) => {
        timer.cancel();
        resolve(value);
      },
      (error: unknown) => {
        timer.cancel();
        // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- what the work rejected with
        reject(error);
      },
    );
  });
}

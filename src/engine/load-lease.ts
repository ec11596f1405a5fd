import type { Clock, Timer } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import { type RemoteStore, RemoteStoreError } from '../stores/contracts.js';

/** What is needed to hold leases. */
export interface LoadLeaseParts {
  readonly clock: Clock;
  readonly remote: RemoteStore;
  readonly duration: Milliseconds;
}

/** A lease that was granted. */
export interface LoadLease {
  readonly key: string;
  readonly token: string;
  /** Set by a fill that reached Redis: whether it was accepted or not, there is nothing left to give back. */
  spent: boolean;
}

/**
 * Runs `work` while it keeps a lease: renews it at a third of its duration, so that a slow loader is not run twice, and
 * ends it afterwards if the work did not spend it. Whoever takes gives back, in one place.
 */
export async function holdingLease<T>(parts: LoadLeaseParts, lease: LoadLease, work: () => Promise<T>): Promise<T> {
  const renewal = renewing(parts, lease);
  try {
    return await work();
  } finally {
    renewal.cancel();
    // Not awaited: the caller has its value. Unreleased, the lease ends by itself after its duration.
    if (!lease.spent) ignoring(parts.remote.release(lease.key, lease.token));
  }
}

function renewing({ clock, remote, duration }: LoadLeaseParts, { key, token }: LoadLease): Timer {
  let timer: Timer;
  const schedule = (): void => {
    timer = clock.after(duration / 3, renew);
  };
  const renew = (): void => {
    ignoring(remote.extend(key, token, duration));
    schedule();
  };
  schedule();
  return { cancel: () => timer.cancel() };
}

/** The failure of such a command costs a later load and nothing else; the store's observer has counted it. */
export function ignoring(command: Promise<unknown>): void {
  command.catch((error: unknown) => {
    if (!(error instanceof RemoteStoreError)) throw error;
  });
}

import { performance } from 'node:perf_hooks';
import type { Milliseconds } from './units.js';

/** A scheduled call that has not run yet. */
export interface Timer {
  /** The call will not run; nothing where it has. */
  cancel(): void;
}

/** The one source of time and of timers. */
export interface Clock {
  /** The current instant. Never runs backwards within a process. */
  now(): Milliseconds;
  /** Calls `work` once after `delay`. The timer does not keep the process alive. */
  after(delay: Milliseconds, work: () => void): Timer;
  /** Resolves after `delay`. Somebody waits for it, so it keeps the process alive. */
  sleep(delay: Milliseconds): Promise<void>;
}

// A property that is computed at each reading; so is the global of that name, which is why it is imported.
const ORIGIN: Milliseconds = performance.timeOrigin;

/** When this process started, in whole milliseconds: instants counted from here are small numbers. */
export const PROCESS_START: Milliseconds = Math.floor(ORIGIN);

/**
 * The machine's clock, read through the monotonic counter: an administrator who sets the time back or forward while the
 * process runs moves no expiry. Two processes still differ as their machines' clocks did when they started.
 */
export class SystemClock implements Clock {
  now(): Milliseconds {
    return ORIGIN + performance.now();
  }

  after(delay: Milliseconds, work: () => void): Timer {
    const timer = setTimeout(work, delay);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  }

  sleep(delay: Milliseconds): Promise<void> {
    return new Promise((resolve) => {
      setTimeout(resolve, delay);
    });
  }
}

import type { Milliseconds } from '../index.js';

/** Time as the command sees it; tests hand in another. */
export interface Clock {
  /** Milliseconds since 1970, by this machine's clock. */
  now(): Milliseconds;
  /** Calls `work` after `delay` unless cancelled by the function it returns; does not keep the process alive. */
  after(delay: Milliseconds, work: () => void): () => void;
}

/** This machine's. */
export const MACHINE_CLOCK: Clock = {
  now: () => performance.timeOrigin + performance.now(),
  after: (delay, work) => {
    const timer = setTimeout(work, delay).unref();
    return () => {
      clearTimeout(timer);
    };
  },
};

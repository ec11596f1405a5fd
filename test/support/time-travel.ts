import { vi } from 'vitest';

/** Moves the clock that the caches of this process read; nothing else is faked, and the end of the test puts it back. */
export interface TimeTravel {
  forward(ms: number): void;
}

/** From now on the process's monotonic clock can be set forward. Timers, and Redis, keep to real time. */
export function timeTravel(): TimeTravel {
  const real = performance.now.bind(performance);
  let ahead = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => real() + ahead);
  return {
    forward: (ms) => {
      ahead += ms;
    },
  };
}

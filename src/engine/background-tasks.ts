import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import type { CacheObserver } from './observer.js';

const DRAIN_STEP: Milliseconds = 20;

/** The one door for work that nobody awaits: it is named, its failure is reported, and it can be drained. */
export class BackgroundTasks {
  readonly #running = new Set<Promise<void>>();

  constructor(private readonly observer: CacheObserver) {}

  run(task: string, work: () => Promise<unknown>): void {
    const running: Promise<void> = work()
      .then(
        () => undefined,
        (error: unknown) => this.observer.on({ type: 'task.failed', task, error }),
      )
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
  }

  /** Includes work that somebody else awaits, errors and all, in what is drained. */
  watch(work: Promise<unknown>): void {
    const ended = (): void => void this.#running.delete(watched);
    const watched = work.then(ended, ended);
    this.#running.add(watched);
  }

  /** Resolves when everything that was started has ended, or after `limit`. */
  async drain(clock: Clock, limit: Milliseconds): Promise<void> {
    const end = clock.now() + limit;
    // In short steps: one long timer would hold the process for its whole time after the work has ended.
    while (this.#running.size > 0 && clock.now() < end)
      await Promise.race([Promise.all(this.#running), clock.sleep(DRAIN_STEP)]);
  }
}

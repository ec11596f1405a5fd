import type { CacheObserver } from './observer.js';

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

  /** Resolves when everything that was started has ended. */
  async drain(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}

/** What a request came to. */
interface Ended {
  readonly at: number;
  readonly source: string;
}

/** Requests that come at a rate of their own, however slow the answers are. */
export class OpenLoad {
  readonly failures: unknown[] = [];
  readonly #ended: Ended[] = [];
  #sent = 0;

  constructor(
    private readonly perSecond: number,
    private readonly request: (number: number) => Promise<{ readonly source: string }>,
  ) {}

  /** Sends for `ms` milliseconds and resolves when all is answered. */
  async run(ms: number): Promise<void> {
    const start = performance.now();
    const already = this.#sent;
    const running = new Set<Promise<void>>();
    while (performance.now() - start < ms) {
      const due = already + ((performance.now() - start) * this.perSecond) / 1_000;
      while (this.#sent < due) {
        const work = this.#send(this.#sent++).finally(() => running.delete(work));
        running.add(work);
      }
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    await Promise.all(running);
  }

  /** Milliseconds from `since` until the last answer that Redis did not give. */
  lastMissAfter(since: number): number {
    const misses = this.#ended.filter(({ at, source }) => at > since && source === 'loader');
    return Math.max(0, ...misses.map(({ at }) => at - since));
  }

  async #send(number: number): Promise<void> {
    try {
      const { source } = await this.request(number);
      this.#ended.push({ at: performance.now(), source });
    } catch (error) {
      this.failures.push(error);
    }
  }
}

import type { Clock } from '../primitives/clock.js';
import { CacheError } from '../primitives/errors.js';
import type { Milliseconds, Seconds } from '../primitives/units.js';

/** What a source can be asked at a time. */
export interface SourceLimit {
  readonly maxLoads: number;
  /** How long a load may wait for its turn. */
  readonly maxWait: Milliseconds;
}

/** A load was not begun, as its source had as many under way as it may have, and none ended in time. */
export class LoadRejectedError extends CacheError {
  /** What HTTP answers with. With `status` and `expose` Nest's own handler knows it for an error of HTTP, and hides the message. */
  readonly statusCode = 503;
  readonly status = 503;
  readonly expose = false;
  /** When it may be worth while to try again. */
  readonly retryAfter: Seconds;

  /** @internal */
  constructor(source: string, { maxLoads, maxWait }: SourceLimit) {
    const retryAfter = Math.max(1, Math.ceil(maxWait / 1000));
    super(
      'LOAD_REJECTED',
      'loader',
      `source ${source} has ${maxLoads} loads under way, its limit, and none ended within ${maxWait} ms; try again later, or raise sources.${source}.maxLoads`,
      { source, maxLoads, retryAfter },
    );
    this.retryAfter = retryAfter;
  }
}

/** The loads of one source that this process has under way; those that must wait are served in order, those of nobody last. */
class LoadBudget {
  #running = 0;
  readonly #waiting = new Set<() => void>();
  /** Those that nobody waits for: while a reader does, none of them begins. */
  readonly #behind = new Set<() => void>();

  constructor(
    private readonly source: string,
    private readonly limit: SourceLimit,
    private readonly clock: Clock,
  ) {}

  get hasRoom(): boolean {
    return this.#running < this.limit.maxLoads && this.#waiting.size === 0;
  }

  /** Whether one more would leave room for another, or, where there is room for one only, whether that is free. */
  get hasSpareRoom(): boolean {
    return this.hasRoom && (this.#running === 0 || this.#running + 1 < this.limit.maxLoads);
  }

  async run<T>(maxWait: Milliseconds, work: () => Promise<T>): Promise<T> {
    if (this.hasRoom) this.#running += 1;
    else await this.#turn(maxWait);
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** As `run`, for what nobody waits for: after all who do, however long that takes. `undefined` when `signal` ends the waiting. */
  async runBehind<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T | undefined> {
    if (signal.aborted) return undefined;
    if (this.hasRoom) this.#running += 1;
    else if (!(await this.#turnBehind(signal))) return undefined;
    try {
      return await work();
    } finally {
      this.#leave();
    }
  }

  /** Resolves with whether a place was taken. */
  #turnBehind(signal: AbortSignal): Promise<boolean> {
    return new Promise((resolve) => {
      const giveUp = (): void => {
        this.#behind.delete(begin);
        resolve(false);
      };
      const begin = (): void => {
        signal.removeEventListener('abort', giveUp);
        resolve(true);
      };
      signal.addEventListener('abort', giveUp, { once: true });
      this.#behind.add(begin);
    });
  }

  /** Resolves with a place taken. */
  #turn(maxWait: Milliseconds): Promise<void> {
    if (maxWait === 0) return Promise.reject(new LoadRejectedError(this.source, this.limit));
    return new Promise((resolve, reject) => {
      const timer = this.clock.after(maxWait, () => {
        this.#waiting.delete(begin);
        reject(new LoadRejectedError(this.source, this.limit));
      });
      const begin = (): void => {
        timer.cancel();
        resolve();
      };
      this.#waiting.add(begin);
    });
  }

  /** Hands the place on: freed and taken again, a newcomer could slip in between. */
  #leave(): void {
    const from = this.#waiting.size > 0 ? this.#waiting : this.#behind;
    const [next] = from;
    if (!next) {
      this.#running -= 1;
      return;
    }
    from.delete(next);
    next();
  }
}

/** The budgets of all sources that have a limit. */
export class LoadBudgets {
  readonly #budgets: ReadonlyMap<string, LoadBudget>;
  #spare: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly limits: ReadonlyMap<string, SourceLimit>,
    clock: Clock,
  ) {
    this.#budgets = new Map([...limits].map(([source, limit]) => [source, new LoadBudget(source, limit, clock)]));
  }

  /** Whether a load of `source` would begin at once. */
  hasRoom(source: string | undefined): boolean {
    return this.#of(source)?.hasRoom ?? true;
  }

  /** Runs a load in its turn; `isPatient` for one that may wait for it. @throws LoadRejectedError */
  run<T>(source: string | undefined, isPatient: boolean, load: () => Promise<T>): Promise<T> {
    const budget = this.#of(source);
    if (!budget || source === undefined) return load();
    return budget.run(isPatient ? (this.limits.get(source)?.maxWait ?? 0) : 0, load);
  }

  /**
   * Runs a load that nobody needs: one such at a time, of whatever source, and when its turn comes only where that leaves
   * room for others; else not at all, and resolves with `undefined`.
   */
  runSpare<T>(source: string | undefined, load: () => Promise<T>): Promise<T | undefined> {
    const turn = this.#spare.then(() =>
      this.#of(source)?.hasSpareRoom === false ? undefined : this.run(source, false, load),
    );
    this.#spare = turn.catch(() => undefined);
    return turn;
  }

  /** Runs a load that nobody waits for when no reader waits for `source`; `undefined` when `signal` came first. */
  async runBehind<T>(source: string | undefined, signal: AbortSignal, load: () => Promise<T>): Promise<T | undefined> {
    const budget = this.#of(source);
    if (budget) return budget.runBehind(signal, load);
    return signal.aborted ? undefined : load();
  }

  /** Runs one load that asks several sources. In one order everywhere, so that two such loads never wait for each other. */
  runAll<T>(sources: ReadonlySet<string>, load: () => Promise<T>): Promise<T> {
    return [...sources]
      .sort()
      .reduceRight<() => Promise<T>>((inner, source) => () => this.run(source, true, inner), load)();
  }

  #of(source: string | undefined): LoadBudget | undefined {
    return source === undefined ? undefined : this.#budgets.get(source);
  }
}

import { InvalidOptionError } from '../../primitives/errors.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { NamedCache } from '../caches.js';
import { Plans } from '../plans.js';
import { HotKeys } from './hot-keys.js';
import { Loaders } from './loaders.js';
import { Preloader, PRELOADING } from './preloader.js';
import { Turns } from './turns.js';
import { type ScheduleParts, type WarmUpPlan, WarmUpSchedule } from './warm-up-schedule.js';

/** Redis that answers by then was never away. */
const CONNECTING: Milliseconds = 2_000;

/** What is loaded in one cache before anybody asks. */
export class CacheWarming {
  readonly loaders: Loaders;
  readonly #parts: ScheduleParts;
  readonly #schedules = new Map<string, WarmUpSchedule>();
  readonly #awaited: WarmUpSchedule[] = [];
  #hot: HotKeys | undefined;
  #preloader: Preloader | undefined;

  constructor(private readonly cache: NamedCache) {
    const { options, runtime, events } = cache;
    const { engine, clock, random, store: remote } = runtime;
    this.loaders = new Loaders(new Plans(options, runtime.connection !== undefined));
    const turns = new Turns({ remote, random, clock, duration: options.lease });
    const { concurrency } = options.warming;
    this.#parts = { engine, clock, events, turns, concurrency, leaseDuration: options.lease };
  }

  /** The names of the plans, preloading included. */
  get plans(): readonly string[] {
    return [...this.#schedules.keys(), ...(this.#preloader ? [PRELOADING] : [])];
  }

  /** @throws InvalidOptionError for a name that another plan has */
  add(plan: WarmUpPlan, isAwaited: boolean): void {
    if (this.#schedules.has(plan.name) || plan.name === PRELOADING)
      throw new InvalidOptionError('the name of a warm-up', 'that of one plan, and not preloading', plan.name);
    const schedule = new WarmUpSchedule(plan, this.#parts);
    this.#schedules.set(plan.name, schedule);
    if (isAwaited) this.#awaited.push(schedule);
  }

  /** Begins as soon as Redis can be used; resolves, at once as a rule, when plans have ended that readiness waits for. */
  async start(): Promise<void> {
    const settled = this.#awaited.map((schedule) => schedule.settled);
    this.#startPreloading();
    const { connection, clock } = this.cache.runtime;
    const wake = (): void => this.#each((schedule) => schedule.wake());
    if (connection) connection.onReady(wake);
    else wake();
    if (connection && !connection.isReady)
      clock.after(CONNECTING, () => {
        if (!connection.isReady) this.#each((schedule) => schedule.wait());
      });
    await Promise.all(settled);
  }

  /** Begins nothing more, gives leases back, and writes what was counted. */
  async stop(): Promise<void> {
    const schedules = [...this.#schedules.values()];
    await Promise.all([...schedules.map((schedule) => schedule.stop()), this.#preloader?.stop(), this.#hot?.stop()]);
  }

  #startPreloading(): void {
    const { options, runtime, events } = this.cache;
    const { hotKeys: most, window } = options.warming;
    if (most === 0 || this.loaders.preloaded.size === 0) return;
    const { clock, random, popularity, store: remote, view } = runtime;
    const notes = { remote, random, duration: options.lease };
    this.#hot = new HotKeys({ ...notes, clock, events, popularity, loaders: this.loaders, most, window });
    this.#hot.start();
    this.#preloader = new Preloader({ ...this.#parts, view, hot: this.#hot, remote });
    this.#preloader.start();
  }

  #each(work: (schedule: WarmUpSchedule) => void): void {
    for (const schedule of this.#schedules.values()) work(schedule);
  }
}

import type { Clock, Timer } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import { RemoteStoreError } from '../../stores/contracts.js';
import type { CacheEvents } from '../cache-events.js';
import type { Loadable } from './loaders.js';
import type { Turns } from './turns.js';
import { untilAborted } from './until-aborted.js';
import { NO_PROGRESS, type WarmUpEnding } from './warm-up-events.js';
import { WarmUpRun, type WarmUpRunParts } from './warm-up-run.js';

/** A warm-up as it is carried out; nothing left to default. */
export interface WarmUpPlan {
  /** The same in every instance, and of no other plan. */
  readonly name: string;
  readonly keys: () => Promise<readonly Loadable[]>;
  readonly every: Milliseconds | undefined;
  readonly onBoot: boolean;
}

/** What schedules are made with. */
export interface ScheduleParts extends WarmUpRunParts {
  readonly clock: Clock;
  readonly events: CacheEvents;
  readonly turns: Turns;
  /** After what time an instance asks again for a lease that another has. */
  readonly leaseDuration: Milliseconds;
}

/** A plan without `every` is not carried out again for instances that start within this time of its end. */
const FRESH_BOOT: Milliseconds = 60_000;
const RETRY: Milliseconds = 30_000;

/**
 * When one instance carries out one plan. Whoever gets the lease does it; the others ask again when it may have ended, and
 * see that it is done, or take over. `every` counts from the end of a run, so a run that takes longer never meets itself.
 * Without Redis nothing is loaded: the plan waits for it, and says so once.
 */
export class WarmUpSchedule {
  readonly #stop = new AbortController();
  readonly #settled: (() => void)[] = [];
  #timer: Timer | undefined;
  #attempt: Promise<void> | undefined;
  readonly #bootedAt: Milliseconds;
  #isToldAway = false;

  constructor(
    private readonly plan: WarmUpPlan,
    private readonly parts: ScheduleParts,
  ) {
    this.#bootedAt = parts.clock.now();
  }

  /** Resolves when the plan was carried out, here or elsewhere, or cannot be now. */
  get settled(): Promise<void> {
    return new Promise((resolve) => this.#settled.push(resolve));
  }

  /** Looks whether it is time, as at the start and whenever Redis is back; nothing while it is at it. */
  wake(): void {
    if (this.#stop.signal.aborted || this.#attempt) return;
    this.#timer?.cancel();
    this.#attempt = this.#tried().finally(() => {
      this.#attempt = undefined;
    });
  }

  /** Redis is away: waits to be woken. */
  wait(): void {
    if (this.#stop.signal.aborted) return;
    if (!this.#isToldAway) this.parts.events.on({ type: 'warm-up.waiting', plan: this.plan.name });
    this.#isToldAway = true;
    this.#settle();
  }

  /** Begins nothing more and gives the lease back; resolves when that is done. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    this.#settle();
    await this.#attempt;
  }

  async #tried(): Promise<void> {
    try {
      this.#again(await this.#next());
    } catch (error) {
      if (error instanceof RemoteStoreError) this.wait();
      else this.parts.events.on({ type: 'task.failed', task: `warm-up ${this.plan.name}`, error });
      this.#again(Math.max(RETRY, this.plan.every ?? 0));
    }
  }

  /** Carries it out if it is time; says in what time to look again, `undefined` for never. */
  async #next(): Promise<Milliseconds | undefined> {
    const { turns, clock, leaseDuration } = this.parts;
    const { name, every } = this.plan;
    const rest = every ?? FRESH_BOOT;
    const early = await this.#tooEarly(rest);
    if (early > 0) return early;
    let ending: WarmUpEnding | undefined;
    const outcome = await turns.take(name, clock.now() - rest, this.#stop.signal, async (signal) => {
      ending = await this.#run(signal);
      return ending === 'done';
    });
    if (outcome.kind === 'busy') return leaseDuration;
    if (ending === 'away') throw new RemoteStoreError('unavailable', 'warm-up', 'it went away meanwhile');
    this.#isToldAway = false;
    this.#settle();
    if (outcome.kind === 'done') return every === undefined ? undefined : Math.max(0, outcome.at + rest - clock.now());
    if (ending === 'stopped') return leaseDuration;
    return ending === 'done' ? every : Math.max(RETRY, rest);
  }

  /** How long a plan that is not for the boot still waits where it was never carried out; that it was, the turn tells. */
  async #tooEarly(rest: Milliseconds): Promise<Milliseconds> {
    const { turns, clock } = this.parts;
    if (this.plan.onBoot || (await turns.lastDone(this.plan.name)) !== undefined) return 0;
    return this.#bootedAt + rest - clock.now();
  }

  async #run(signal: AbortSignal): Promise<WarmUpEnding> {
    const { name } = this.plan;
    try {
      const keys = await untilAborted(signal, this.plan.keys());
      return keys ? await new WarmUpRun(this.parts, name, keys).run(signal) : 'stopped';
    } catch (error) {
      this.parts.events.on({ type: 'warm-up.ended', plan: name, how: 'failed', took: 0, progress: NO_PROGRESS, error });
      return 'failed';
    }
  }

  #again(delay: Milliseconds | undefined): void {
    if (delay === undefined || this.#stop.signal.aborted) return;
    this.#timer = this.parts.clock.after(delay, () => this.wake());
  }

  #settle(): void {
    for (const resolve of this.#settled.splice(0)) resolve();
  }
}

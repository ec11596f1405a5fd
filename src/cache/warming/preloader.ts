import type { Timer } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { LocalView } from '../../engine/local-view.js';
import { isFound } from '../../engine/lookup.js';
import { type RemoteStore, RemoteStoreError } from '../../stores/contracts.js';
import type { HotKeys } from './hot-keys.js';
import type { Loadable } from './loaders.js';
import { WarmUpRun } from './warm-up-run.js';
import type { ScheduleParts } from './warm-up-schedule.js';

/** What is preloaded, and how. */
export interface PreloaderParts extends ScheduleParts {
  readonly view: LocalView;
  readonly hot: HotKeys;
  readonly remote: Pick<RemoteStore, 'isAvailable'>;
}

/** That there is something to do: since when, and from which share of missing keys on. */
interface Due {
  readonly since: Milliseconds;
  readonly share: number;
}

/** What preloading is called in events and metrics. */
export const PRELOADING = 'preloading';

/** How often is looked whether something was invalidated. Most often nothing was, and that costs nothing. */
const WATCH: Milliseconds = 1_000;
/** The same until Redis can be used after the start. */
const STARTING: Milliseconds = 100;
/** The least time between two times of preloading, so that readers' own loads stay most of what a source gets where much is invalidated again and again. */
const REST: Milliseconds = 30_000;
const DUTY = 0.1;
/** An invalidation is broad when so many of the hottest keys are gone. */
const BROAD = 0.5;

/**
 * Reloads the hottest keys when an instance starts, and after a broad invalidation. Each instance reads what Redis has of
 * them into its memory; what nobody has is loaded by one.
 */
export class Preloader {
  readonly #stop = new AbortController();
  #timer: Timer | undefined;
  #attempt: Promise<void> | undefined;
  #seen: number;
  #restsUntil: Milliseconds = -Infinity;
  #due: Due | undefined;

  constructor(private readonly parts: PreloaderParts) {
    this.#seen = parts.view.broadChanges;
  }

  /** Begins, and watches for invalidations from now on. */
  start(): void {
    this.#due = { since: this.parts.clock.now(), share: 0 };
    this.#tick();
  }

  /** Begins nothing more; resolves when nothing is under way. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#timer?.cancel();
    await this.#attempt;
  }

  #tick(): void {
    if (this.#stop.signal.aborted) return;
    const { view, clock } = this.parts;
    if (view.broadChanges !== this.#seen) this.#due = { since: clock.now(), share: this.#due?.share ?? BROAD };
    this.#seen = view.broadChanges;
    if (this.#due && !this.#attempt && this.#isReady)
      this.#attempt = this.#tried().finally(() => {
        this.#attempt = undefined;
      });
    this.#timer = clock.after(this.#due?.share === 0 && !this.#isReady ? STARTING : WATCH, () => this.#tick());
  }

  /** Before the ledger is followed memory keeps nothing. */
  get #isReady(): boolean {
    const { remote, view, clock } = this.parts;
    const now = clock.now();
    return remote.isAvailable && view.lease.holds(now) && now >= this.#restsUntil;
  }

  async #tried(): Promise<void> {
    const due = this.#due;
    try {
      // What is invalidated meanwhile is due again.
      if (due && (await this.#preload(due)) && this.#due === due) this.#due = undefined;
    } catch (error) {
      // While Redis is away it stays due: nothing is loaded for it until then.
      if (error instanceof RemoteStoreError) return;
      this.#due = undefined;
      this.parts.events.on({ type: 'task.failed', task: PRELOADING, error });
    }
  }

  /** Says whether nothing is left to do, here or elsewhere. */
  async #preload({ since, share }: Due): Promise<boolean> {
    const { hot, turns, clock } = this.parts;
    const start = clock.now();
    const wanted = await hot.keys();
    const missing = await this.#missing(wanted);
    if (missing === undefined) return false;
    if (missing.length === 0 || missing.length < share * wanted.length) return true;
    let isDone = false;
    const outcome = await turns.take(PRELOADING, since, this.#stop.signal, async (signal) => {
      isDone = (await new WarmUpRun(this.parts, PRELOADING, missing).run(signal)) === 'done';
      return isDone;
    });
    const took = clock.now() - start;
    if (outcome.kind === 'ran') this.#restsUntil = clock.now() + Math.max(REST, took / DUTY - took);
    return outcome.kind === 'done' || isDone;
  }

  /** Those that no tier has; what Redis has comes into memory by that. `undefined` while it is away. */
  async #missing(wanted: readonly Loadable[]): Promise<readonly Loadable[] | undefined> {
    const looks = await this.parts.engine.readMany(wanted.map(({ plan }) => plan));
    if (looks.some((look) => look.cause === 'degraded')) return undefined;
    return wanted.filter((_, i) => !isFound(looks[i] as (typeof looks)[number]));
  }
}

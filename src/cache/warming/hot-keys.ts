import type { Clock, Timer } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import { RemoteStoreError } from '../../stores/contracts.js';
import type { CacheEvents } from '../cache-events.js';
import type { Loadable, Loaders } from './loaders.js';
import type { Popularity } from './popularity.js';
import { decodeRanking, encodeRanking, merged, NO_RANKING, type Ranking } from './ranking.js';
import { SharedNote, type SharedNoteParts } from './shared-note.js';

/** What the hottest keys are known by. */
export interface HotKeysParts extends SharedNoteParts {
  readonly clock: Clock;
  readonly events: CacheEvents;
  readonly popularity: Popularity;
  readonly loaders: Loaders;
  /** How many are known. */
  readonly most: number;
  /** How often what was counted is written. */
  readonly window: Milliseconds;
}

/** Outside of the key alphabet: no user's key. */
const NOTE = '#hot';
const KEPT: Milliseconds = 7 * 86_400_000;
/** Counters for each key that is known: the more there are, the less a key that is rarely read can seem to be read much. */
const SPARE = 4;
const MOST_COUNTERS = 1_000;

/**
 * The keys that are read most, by all instances: each counts for a while, then adds that to the list in Redis under its
 * lease. Without Redis the list is this process's own.
 */
export class HotKeys {
  readonly #note: SharedNote;
  #own: Ranking = NO_RANKING;
  #timer: Timer | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(private readonly parts: HotKeysParts) {
    this.#note = new SharedNote(parts, NOTE);
  }

  /** Counts from now on, and writes from time to time. */
  start(): void {
    const { popularity, loaders, most } = this.parts;
    popularity.follow(loaders.preloaded, Math.min(SPARE * most, MOST_COUNTERS));
    this.#schedule();
  }

  /** Writes what was counted last. */
  async stop(): Promise<void> {
    this.#timer?.cancel();
    await this.#writing;
    await this.#write();
  }

  /** The hottest keys, hottest first, that can be loaded. One round trip. @throws RemoteStoreError */
  async keys(): Promise<readonly Loadable[]> {
    const { loaders, most } = this.parts;
    const text = await this.#note.read();
    const known = text === undefined ? this.#own : decodeRanking(text);
    const loadable = known.keys.slice(0, most).flatMap(([name]) => loaders.named(name) ?? []);
    return loadable.filter(({ isPreloaded }) => isPreloaded);
  }

  #schedule(): void {
    const { clock, random, window } = this.parts;
    // Not all instances that were started together at once.
    this.#timer = clock.after(window * (0.75 + random.fraction() / 2), () => {
      this.#writing = this.#write().finally(() => this.#schedule());
    });
  }

  /** Another instance that writes just now, or Redis away: what was counted stays for the next time. */
  async #write(): Promise<void> {
    const { popularity, clock, most, events } = this.parts;
    if (popularity.isEmpty) return;
    try {
      const seized = await this.#note.seize();
      if (seized.kind !== 'held') return;
      const before = seized.note.text === undefined ? this.#own : decodeRanking(seized.note.text);
      this.#own = merged(before, popularity.take(), clock.now(), most);
      await seized.note.write(encodeRanking(this.#own), KEPT);
    } catch (error) {
      if (!(error instanceof RemoteStoreError)) events.on({ type: 'task.failed', task: 'hot keys', error });
    }
  }
}

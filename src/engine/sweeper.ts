import { identityOf, peekHead } from '../codec/envelope.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import { type EntryPeek, type RemoteStore, RemoteStoreError } from '../stores/contracts.js';
import type { BackgroundTasks } from './background-tasks.js';
import type { CacheObserver } from './observer.js';

/** What a sweep has done so far. */
export interface SweepProgress {
  /** `elsewhere`: another instance is sweeping. */
  readonly state: 'never' | 'running' | 'done' | 'interrupted' | 'elsewhere';
  /** Entries looked at. */
  readonly scanned: number;
  /** Entries deleted because a tag of theirs was invalidated. */
  readonly removed: number;
  /** Bytes they occupied. */
  readonly freed: number;
  readonly took: Milliseconds;
}

/** What sweeps are made with. */
export interface SweeperParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly remote: RemoteStore;
  readonly observer: CacheObserver;
  readonly background: BackgroundTasks;
  /** Share of the time that a sweep keeps Redis and this process busy, at most; the rest it sleeps. */
  readonly duty: number;
  /** The least time between the ends of automatic sweeps and their next beginning. */
  readonly rest: Milliseconds;
}

// Outside the key alphabet: no user's key has this lease.
const SWEEP_LEASE = '#sweep';
const LEASE_DURATION: Milliseconds = 30_000;
// Few at a time: a long burst of commands would hold up the readers of this process.
const CHUNK = 50;
const NOTHING = Buffer.alloc(0);
const NOT_YET: SweepProgress = { state: 'never', scanned: 0, removed: 0, freed: 0, took: 0 };

/**
 * Frees the memory of entries whose tags were invalidated: they are unusable already, so this may be slow. One walk over
 * all entries serves everything that was invalidated before it began; one instance at a time does it.
 */
export class Sweeper {
  #progress = NOT_YET;
  #scheduled = false;
  #stopped = false;

  constructor(private readonly parts: SweeperParts) {}

  get progress(): SweepProgress {
    return this.#progress;
  }

  /** Something was invalidated by tag: sweeps after a rest, once for all that comes until then. */
  request(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    this.parts.clock.after(this.parts.rest, () => {
      this.#scheduled = false;
      if (!this.#stopped) this.parts.background.run('sweep', () => this.sweep());
    });
  }

  /** Sweeps now and resolves when it is done; when another instance sweeps, or Redis is away, with what there is. */
  async sweep(): Promise<SweepProgress> {
    const { remote, random } = this.parts;
    if (this.#progress.state === 'running') return this.#progress;
    const token = random.token();
    try {
      const lease = { key: SWEEP_LEASE, token, duration: LEASE_DURATION, seen: NOTHING, keepSeen: true };
      if ((await remote.acquire(lease)).kind !== 'granted') return { ...NOT_YET, state: 'elsewhere' };
      await this.#walk(token).finally(() => remote.release(SWEEP_LEASE, token));
    } catch (error) {
      if (!(error instanceof RemoteStoreError)) throw error;
      this.#progress = { ...this.#progress, state: 'interrupted' };
    }
    return this.#progress;
  }

  /** Ends a walk under way at its next page. */
  stop(): void {
    this.#stopped = true;
  }

  async #walk(token: string): Promise<void> {
    const { clock, remote, observer } = this.parts;
    const start = clock.now();
    this.#progress = { ...NOT_YET, state: 'running' };
    for await (const keys of remote.scan('entry', '*')) {
      for (let from = 0; from < keys.length; from += CHUNK) {
        await this.#paced(() => this.#sweepChunk(keys.slice(from, from + CHUNK), start));
        if (this.#stopped || !(await remote.extend(SWEEP_LEASE, token, LEASE_DURATION))) {
          this.#progress = { ...this.#progress, state: 'interrupted' };
          return;
        }
      }
    }
    this.#progress = { ...this.#progress, state: 'done', took: clock.now() - start };
    observer.on({ type: 'sweep.ended', scanned: this.#progress.scanned, removed: this.#progress.removed });
  }

  /** Works for its share of the time and sleeps for the rest. */
  async #paced(work: () => Promise<void>): Promise<void> {
    const { clock, duty } = this.parts;
    const start = clock.now();
    await work();
    await clock.sleep(((clock.now() - start) * (1 - duty)) / duty);
  }

  async #sweepChunk(keys: readonly string[], start: Milliseconds): Promise<void> {
    const { remote, clock } = this.parts;
    const peeks = await remote.heads(keys);
    const dead = await this.#dead(keys, peeks);
    const removed = dead.length === 0 ? 0 : await remote.dropSame(dead);
    const freed = dead.reduce((sum, { bytes }) => sum + bytes, 0);
    const before = this.#progress;
    this.#progress = {
      state: 'running',
      scanned: before.scanned + keys.length,
      removed: before.removed + removed,
      freed: before.freed + freed,
      took: clock.now() - start,
    };
  }

  /** Entries with a stamp that is not its tag's generation any more: tokens never come again, so they are dead for good. */
  async #dead(
    keys: readonly string[],
    peeks: readonly (EntryPeek | null)[],
  ): Promise<{ key: string; identity: Buffer; bytes: number }[]> {
    const heads = peeks.map((peek, i) => peek && peekHead(keys[i] as string, peek.head));
    const tags = [...new Set(heads.flatMap((head) => head?.stamps.map(({ tag }) => tag) ?? []))];
    const { generations } = await this.parts.remote.fetch({ keys: [], tags, leases: false });
    const current = new Map(tags.map((tag, i) => [tag, generations[i] ?? undefined]));
    return keys.flatMap((key, i) => {
      const [head, peek] = [heads[i], peeks[i]];
      if (!head || !peek || head.stamps.every(({ tag, token }) => current.get(tag) === token)) return [];
      return [{ key, identity: identityOf(peek.head), bytes: peek.bytes }];
    });
  }
}

import type { AnyCacheEvent, CacheEvents } from '../../cache/cache-events.js';
import type { CacheHealthIndicator } from '../../cache/cache-health.js';
import type { Caches, NamedCache } from '../../cache/caches.js';
import type { WarmUpEvent } from '../../cache/warming/warm-up-events.js';
import type { WarmingBinder } from '../../cache/warming/warming-binder.js';
import type { HistoryEntry } from '../../engine/audit.js';
import type { Clock, Timer } from '../../primitives/clock.js';
import type { Milliseconds } from '../../primitives/units.js';
import { RemoteStoreError } from '../../stores/contracts.js';
import type { CacheSnapshot, Snapshot, Tick } from '../contract.js';
import { CacheMonitor } from './cache-monitor.js';
import { messageOf } from './client.js';
import { WarmUpBoard } from './warm-up-board.js';

/** What is watched. */
export interface Watched {
  readonly caches: Caches;
  readonly events: CacheEvents;
  readonly health: CacheHealthIndicator;
  readonly warming: WarmingBinder;
  readonly clock: Clock;
}

interface Watching {
  readonly monitor: CacheMonitor;
  readonly board: WarmUpBoard;
  /** Plans that have gone on since the last tick. */
  readonly moved: Set<string>;
}

const SECOND: Milliseconds = 1_000;
/** So many invalidations are told in one second; whoever wants all of them asks for the history. */
const MOST_INVALIDATIONS = 200;

/** What is watched while a page is open: one timer for all pages, and one reader of each ledger. */
export class LiveSession {
  readonly #watching: ReadonlyMap<string, Watching>;
  readonly #stop = new AbortController();
  readonly #unsubscribe: () => void;
  #timer: Timer;
  #invalidations = 0;

  constructor(
    private readonly watched: Watched,
    private readonly tell: (message: string) => void,
  ) {
    const { caches, warming, events, clock } = watched;
    const all = [...caches].map(([name, cache]) => {
      const here = warming.of(name);
      const monitor = new CacheMonitor(name, cache, here?.loaders);
      const board = new WarmUpBoard(cache, () => here?.plans ?? []);
      return [name, { monitor, board, moved: new Set<string>() }] as const;
    });
    this.#watching = new Map(all);
    this.#unsubscribe = events.subscribe((event, cache) => this.#heard(event, cache));
    this.#timer = clock.after(SECOND, () => this.#tick());
    for (const [name, cache] of caches) void this.#follow(name, cache);
  }

  /** Everything that a page begins with, but for what concerns its visitor. */
  snapshot(): Pick<Snapshot, 'at' | 'health' | 'caches'> {
    const { clock, health } = this.watched;
    const caches: Record<string, CacheSnapshot> = {};
    for (const [name, { monitor }] of this.#watching) caches[name] = monitor.snapshot();
    return { at: clock.now(), health: health.check('cache').cache, caches };
  }

  /** Where the warm-ups of a cache are. */
  board(cache: string): WarmUpBoard | undefined {
    return this.#watching.get(cache)?.board;
  }

  /** Watches nothing any more. */
  end(): void {
    this.#stop.abort();
    this.#timer.cancel();
    this.#unsubscribe();
  }

  #tick(): void {
    const { clock, health } = this.watched;
    this.#timer = clock.after(SECOND, () => this.#tick());
    this.#invalidations = 0;
    const caches: Record<string, Tick['caches'][string]> = {};
    for (const [name, { monitor, board, moved }] of this.#watching) {
      caches[name] = monitor.tick();
      for (const plan of moved) this.tell(messageOf('warm-up', { cache: name, ...board.row(plan) }));
      moved.clear();
    }
    this.tell(messageOf('tick', { at: clock.now(), health: health.check('cache').cache, caches }));
  }

  #heard(event: AnyCacheEvent, cache: string): void {
    // By far the most frequent.
    if (event.type === 'operation.ended' || !isOfWarmUp(event)) return;
    const watching = this.#watching.get(cache);
    if (!watching) return;
    watching.board.heard(event);
    if (event.type === 'warm-up.key') watching.moved.add(event.plan);
    else this.tell(messageOf('warm-up', { cache, ...watching.board.row(event.plan) }));
  }

  /** Reads the ledger from now on; where Redis is away at first, from when it is back. */
  async #follow(name: string, { invalidation }: NamedCache): Promise<void> {
    const { signal } = this.#stop;
    const { monitor } = this.#watching.get(name) as Watching;
    while (!signal.aborted)
      try {
        const entries = await invalidation.watch(signal);
        await monitor.look();
        for await (const entry of entries) this.#invalidated(monitor, entry);
      } catch (error) {
        if (error instanceof RemoteStoreError) await this.#pause();
        else {
          this.watched.events.on({ type: 'task.failed', task: 'dashboard', error });
          return;
        }
      }
  }

  #invalidated(monitor: CacheMonitor, entry: HistoryEntry): void {
    if (this.#stop.signal.aborted) return;
    const live = monitor.heard(entry);
    if (++this.#invalidations <= MOST_INVALIDATIONS) this.tell(messageOf('invalidation', live));
  }

  #pause(): Promise<void> {
    const { signal } = this.#stop;
    return new Promise((resolve) => {
      const timer = this.watched.clock.after(SECOND, end);
      signal.addEventListener('abort', end, { once: true });
      function end(): void {
        timer.cancel();
        signal.removeEventListener('abort', end);
        resolve();
      }
    });
  }
}

function isOfWarmUp(event: AnyCacheEvent): event is WarmUpEvent {
  return event.type.startsWith('warm-up.');
}

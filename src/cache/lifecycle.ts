import type { BackgroundTasks } from '../engine/background-tasks.js';
import type { Invalidator } from '../engine/invalidator.js';
import type { LedgerReader } from '../engine/ledger-reader.js';
import type { CacheObserver } from '../engine/observer.js';
import type { Reassertion } from '../engine/reassertion.js';
import type { SpotChecks } from '../engine/spot-checks.js';
import type { Sweeper } from '../engine/sweeper.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';

/** A connection as far as its life goes. */
interface Connection {
  open(): void;
  close(): void;
}

/** The connections of caches; none where they are in memory only. */
export interface Connections {
  readonly commands: Connection & { onReady(listener: () => void): void };
  readonly others: readonly Connection[];
}

/** The beginning and the end of caches and of what they share. */
export interface Lifecycle {
  /** Opens connections and begins to follow the ledgers; never waits for Redis. */
  start(): void;
  /** Drains work under way, up to a limit, and closes everything. */
  stop(): Promise<void>;
}

/** The life of one cache. */
export interface Life {
  /** Begins to follow the ledger. */
  begin(): void;
  /** Ends work under way, for which it needs its connections; nothing is begun any more. */
  drain(): Promise<void>;
  /** Ends what is left, as soon as there are no connections any more. */
  end(): Promise<void>;
}

/** Caches over the same connections: all are drained before any connection closes. */
export class SharedLife implements Lifecycle {
  readonly #lives: Life[] = [];
  #isStarted = false;

  constructor(private readonly connections: Connections | undefined) {}

  /** A further cache, which begins now if the others have begun. */
  add(life: Life): void {
    this.#lives.push(life);
    if (this.#isStarted) life.begin();
  }

  start(): void {
    this.#isStarted = true;
    if (!this.connections) return;
    for (const connection of this.#all) connection.open();
    for (const life of this.#lives) life.begin();
  }

  async stop(): Promise<void> {
    await Promise.all(this.#lives.map((life) => life.drain()));
    const ending = this.#lives.map((life) => life.end());
    for (const connection of this.#all.reverse()) connection.close();
    await Promise.all(ending);
  }

  get #all(): Connection[] {
    return this.connections ? [this.connections.commands, ...this.connections.others] : [];
  }
}

const DRAIN_LIMIT: Milliseconds = 2_000;

/** What is started and stopped. */
export interface LifeParts {
  readonly background: BackgroundTasks;
  readonly invalidator: Invalidator;
  readonly follower: LedgerReader;
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  readonly spotChecks: SpotChecks;
  readonly advice: { stop(): Promise<void> };
  readonly events: CacheObserver;
  readonly reassertion: Reassertion;
}

/** How one cache is started, without waiting for Redis, and stopped: work under way is drained up to a limit. */
export function lifeOf(
  connections: Connections | undefined,
  { background, invalidator, follower, clock, sweeper, spotChecks, advice, events, reassertion }: LifeParts,
): Life {
  const begin = (): void => {
    if (!connections) return;
    connections.commands.onReady(() => background.run('queued invalidations', () => invalidator.flushQueue()));
    follower.start();
  };
  const drain = async (): Promise<void> => {
    sweeper.stop();
    spotChecks.stop();
    reassertion.stop();
    await advice.stop();
    await background.drain(clock, DRAIN_LIMIT);
    const lost = await invalidator.stop();
    if (lost > 0) events.on({ type: 'invalidations.lost', count: lost });
  };
  return { begin, drain, end: () => follower.stop() };
}

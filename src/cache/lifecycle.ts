import type { BackgroundTasks } from '../engine/background-tasks.js';
import type { Circuits } from '../engine/circuits.js';
import type { Invalidator } from '../engine/invalidator.js';
import type { LedgerReader } from '../engine/ledger-reader.js';
import type { CacheObserver } from '../engine/observer.js';
import type { Reassertion } from '../engine/reassertion.js';
import type { Sweeper } from '../engine/sweeper.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';

/** A connection as far as its life goes. */
interface Connection {
  open(): void;
  close(): void;
}

/** The connections of a cache; none for one in memory. */
export interface Connections {
  readonly commands?: Connection & { onReady(listener: () => void): void };
  readonly others: readonly Connection[];
}

/** The beginning and the end of a cache. */
export interface Lifecycle {
  /** Opens connections and begins to follow the ledger; never waits for Redis. */
  start(): void;
  /** Drains work under way, up to a limit, and closes everything. */
  stop(): Promise<void>;
}

const DRAIN_LIMIT: Milliseconds = 2_000;

/** What is started and stopped. */
export interface LifecycleParts {
  readonly background: BackgroundTasks;
  readonly invalidator: Invalidator;
  readonly follower: LedgerReader;
  readonly clock: Clock;
  readonly sweeper: Sweeper;
  readonly events: CacheObserver;
  readonly circuits: Circuits;
  readonly reassertion: Reassertion;
}

/** How a cache is started, without waiting for Redis, and stopped: work under way is drained up to a limit, then everything is closed. */
export function lifecycleOf(
  { commands, others }: Connections,
  { background, invalidator, follower, clock, sweeper, events, circuits, reassertion }: LifecycleParts,
): Lifecycle {
  const start = (): void => {
    if (!commands) return;
    commands.onReady(() => {
      circuits.probeSoon();
      background.run('queued invalidations', () => invalidator.flushQueue());
    });
    commands.open();
    for (const connection of others) connection.open();
    follower.start();
  };
  const stop = async (): Promise<void> => {
    sweeper.stop();
    reassertion.stop();
    await background.drain(clock, DRAIN_LIMIT);
    const lost = await invalidator.stop();
    if (lost > 0) events.on({ type: 'invalidations.lost', count: lost });
    const reading = follower.stop();
    for (const connection of others) connection.close();
    commands?.close();
    await reading;
  };
  return { start, stop };
}

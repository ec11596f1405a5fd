import { type KeyFamily, sameShape } from '../keys/key.js';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import type { AnnouncementsEnd } from '../stores/contracts.js';
import type { BackgroundTasks } from './background-tasks.js';
import type { LocalView, OpenFence } from './local-view.js';
import type { Consistency, Found, ReadPlan } from './lookup.js';

/** The right to fill an entry as this process holds it: the lease's token and the generations read before the load. */
export interface Claim {
  readonly token: string;
  readonly tokens: ReadonlyMap<string, string>;
  /** Where the announcements ended before the load; `undefined` for one that is not to get late tags. */
  readonly since: AnnouncementsEnd | undefined;
}

/** A load of one key that is under way in this process. */
export interface Flight {
  readonly beganAt: Milliseconds;
  /** Whether the coherence lease held then, so that its look may rest on generations up to one window old. */
  readonly beganCoherent: boolean;
  /** What its value is made for. */
  readonly family: KeyFamily;
  readonly tags: readonly string[];
  /** A refresh: there is a value to serve meanwhile. */
  readonly isRefresh: boolean;
  /** Of the read that began it, and so of what its loader is expected to read. */
  readonly consistency: Consistency;
  readonly open: OpenFence;
  /** Set once the flight holds the key's lease. */
  claim?: Claim;
  /** `undefined` when the flight was a refresh that another process is doing. */
  readonly result: Promise<Found | undefined>;
}

/** What a flight is begun with; `result` comes from its work. */
export type NewFlight = Omit<Flight, 'result'>;

/** What flights need. */
export interface FlightsParts {
  readonly clock: Clock;
  readonly view: LocalView;
  readonly background: BackgroundTasks;
}

/** At most one load of a key at a time in this process. */
export class Flights {
  readonly #flights = new Map<string, Flight>();

  constructor(private readonly parts: FlightsParts) {}

  get(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  /** Begins a flight behind a fence. `work` starts in this call, so whoever comes next finds the flight. */
  fly<T extends Found | undefined>(
    { key, consistency }: ReadPlan,
    isRefresh: boolean,
    work: (flight: NewFlight) => Promise<T>,
  ): Promise<T> {
    const { clock, view, background } = this.parts;
    const open = view.openFence(key.name, view.statesOf(key.tags));
    const beganAt = clock.now();
    const { family, tags } = key;
    const flight = { beganAt, beganCoherent: view.lease.holds(beganAt), family, tags, isRefresh, consistency, open };
    const result = work(flight);
    this.#register(key.name, Object.assign(flight, { result }));
    // Whoever began it may have stopped waiting: its failure is nobody's then, and a shutdown waits for it all the same.
    background.watch(result);
    return result;
  }

  /** Whether the result of a flight is as good for a default read that began at `begunAt` as one of its own. */
  mayShare({ beganAt, beganCoherent, family, open, tags }: Flight, { key }: ReadPlan, begunAt: Milliseconds): boolean {
    if (!sameShape(family, key.family)) return false;
    if (beganAt >= begunAt) return true;
    if (!open.fence.intact || !key.tags.every((tag) => tags.includes(tag))) return false;
    const { lease } = this.parts.view;
    const now = this.parts.clock.now();
    // Without the lease a flight asked Redis for everything when it began. One that began under the lease may have
    // relied on knowledge up to one window old, so after the lease has ended its age says nothing.
    return lease.holds(now) || (!beganCoherent && now - beganAt < lease.window);
  }

  #register(key: string, flight: Flight): void {
    this.#flights.set(key, flight);
    // Before any of those who wait for the result: what they begin next finds neither the flight nor its fence.
    const end = (): void => {
      this.parts.view.closeFence(flight.open);
      // Only if it is still ours: a newer flight may have taken the place.
      if (this.#flights.get(key) === flight) this.#flights.delete(key);
    };
    flight.result.then(end, end);
  }
}

/**
 * Whether what a flight brought is as good for a read that began at `begunAt` as a load of its own, whatever the flight
 * was known to rest on when the read joined it: further tags may have been invalidated before the read began. What the
 * loader of a default read has read may be one window old, however late it began.
 */
export function suits(
  { beganAt, consistency }: Flight,
  { checkedAt }: Found,
  begunAt: Milliseconds,
  wanted: Consistency,
): boolean {
  if (checkedAt === undefined || begunAt < checkedAt) return true;
  return beganAt >= begunAt && (wanted === 'default' || consistency === 'strict');
}

/** Resolves when the flight has ended, however it ended. */
export async function landed(flight: Flight): Promise<undefined> {
  await flight.result.then(ignore, ignore);
}

function ignore(): void {
  // The flight's own callers get its value or its error.
}

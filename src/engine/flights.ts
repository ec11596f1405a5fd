import type { Milliseconds } from '../primitives/units.js';
import type { OpenFence } from './local-view.js';
import type { Found } from './lookup.js';

/** The right to fill an entry as this process holds it: the lease's token and the generations read before the load. */
export interface Claim {
  readonly token: string;
  readonly tokens: ReadonlyMap<string, string>;
}

/** A load of one key that is under way in this process. */
export interface Flight {
  readonly beganAt: Milliseconds;
  /** Whether the coherence lease held then, so that its look may rest on generations up to one window old. */
  readonly beganCoherent: boolean;
  readonly tags: readonly string[];
  /** A refresh: its readers have a stale value. */
  readonly isRefresh: boolean;
  readonly open: OpenFence;
  /** Set once the flight holds the key's lease. */
  claim?: Claim;
  /** `undefined` when the flight was a refresh that another process is doing. */
  readonly result: Promise<Found | undefined>;
}

/** What a flight is begun with; `result` comes from its work. */
export type NewFlight = Omit<Flight, 'result'>;

/** At most one load of a key at a time in this process. */
export class Flights {
  readonly #flights = new Map<string, Flight>();

  get size(): number {
    return this.#flights.size;
  }

  get(key: string): Flight | undefined {
    return this.#flights.get(key);
  }

  /** Begins a flight. `work` starts in this call, so whoever comes next finds the flight. */
  begin<T extends Found | undefined>(
    key: string,
    flight: NewFlight,
    work: (flight: NewFlight) => Promise<T>,
  ): Promise<T> {
    const result = work(flight);
    const registered: Flight = Object.assign(flight, { result });
    this.#flights.set(key, registered);
    const end = (): void => {
      // Only if it is still ours: a newer flight may have taken the place.
      if (this.#flights.get(key) === registered) this.#flights.delete(key);
    };
    result.then(end, end);
    return result;
  }
}

/** Resolves when the flight has ended, however it ended. */
export async function landed(flight: Flight): Promise<undefined> {
  await flight.result.then(ignore, ignore);
}

function ignore(): void {
  // The flight's own callers get its value or its error.
}

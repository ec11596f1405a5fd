import type { Clock, Timer } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';

interface Appointment {
  readonly at: Milliseconds;
  readonly work: () => void;
}

/** A clock that stands still until it is moved, so that a test of hours takes no time and never depends on the machine's load. */
export class ManualClock implements Clock {
  readonly #appointments = new Set<Appointment>();
  #now: Milliseconds;

  /** @param start the first instant, in milliseconds since the epoch */
  constructor(start: Milliseconds = 1_700_000_000_000) {
    this.#now = start;
  }

  /** How many timers have neither run nor been cancelled. */
  get pending(): number {
    return this.#appointments.size;
  }

  now(): Milliseconds {
    return this.#now;
  }

  after(delay: Milliseconds, work: () => void): Timer {
    const appointment = { at: this.#now + Math.max(0, delay), work };
    this.#appointments.add(appointment);
    return { cancel: () => void this.#appointments.delete(appointment) };
  }

  sleep(delay: Milliseconds): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }

  /**
   * Moves time on and runs every timer that falls due, in order and each at its own instant, those that they set included.
   * What awaits a timer goes on before this resolves.
   */
  async advance(by: Milliseconds): Promise<void> {
    const end = this.#now + by;
    for (;;) {
      await settled();
      const next = this.#firstUntil(end);
      if (!next) break;
      this.#appointments.delete(next);
      this.#now = Math.max(this.#now, next.at);
      next.work();
    }
    this.#now = end;
  }

  #firstUntil(end: Milliseconds): Appointment | undefined {
    let first: Appointment | undefined;
    for (const appointment of this.#appointments)
      if (appointment.at <= end && (!first || appointment.at < first.at)) first = appointment;
    return first;
  }
}

/** Resolves when everything that is ready to go on has done so: one turn of the event loop. */
function settled(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

import type { Clock, Timer } from '../../src/primitives/clock.js';

interface Appointment {
  readonly at: number;
  readonly work: () => void;
}

/** A clock that a trace moves: like the manual one, but no turn of the event loop is waited for where no timer is due. */
export class TraceClock implements Clock {
  #now = 1_700_000_000_000;
  #next: Appointment | undefined;
  readonly #others = new Set<Appointment>();

  now(): number {
    return this.#now;
  }

  after(delay: number, work: () => void): Timer {
    const appointment = { at: this.#now + delay, work };
    this.#others.add(appointment);
    this.#choose();
    return {
      cancel: () => {
        this.#others.delete(appointment);
        this.#choose();
      },
    };
  }

  sleep(delay: number): Promise<void> {
    return new Promise((resolve) => this.after(delay, resolve));
  }

  /** Whether a timer is due by then. */
  isDue(instant: number): boolean {
    return this.#next !== undefined && this.#next.at <= instant;
  }

  /** With the timers until then, each with what comes of it. */
  async moveTo(instant: number): Promise<void> {
    while (this.#next && this.#next.at <= instant) {
      const { at, work } = this.#next;
      this.#others.delete(this.#next);
      this.#choose();
      this.#now = Math.max(this.#now, at);
      work();
      await new Promise(setImmediate);
    }
    this.#now = instant;
  }

  /** The same where none is due. */
  jumpTo(instant: number): void {
    this.#now = instant;
  }

  #choose(): void {
    this.#next = undefined;
    for (const each of this.#others) if (!this.#next || each.at < this.#next.at) this.#next = each;
  }
}

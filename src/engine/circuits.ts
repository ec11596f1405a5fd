import type { RetrySchedule } from '../primitives/backoff.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import { RemoteStoreError } from '../stores/contracts.js';
import { CircuitBreaker, type CircuitName, CIRCUITS, type CircuitState } from './circuit-breaker.js';
import type { CacheObserver } from './observer.js';

/** What the circuits are made of. */
export interface CircuitsParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly observer: CacheObserver;
  /** How many failures in a row open a circuit. */
  readonly threshold: number;
  readonly probes: RetrySchedule;
  /** How many reads and writes may be under way at a time. */
  readonly maxInFlight: number;
}

/** Which commands may be sent to Redis: not to one that does not serve them, and not more than it can be expected to. */
export class Circuits {
  readonly #breakers: Readonly<Record<CircuitName, CircuitBreaker>>;
  #inFlight = 0;

  constructor(private readonly parts: CircuitsParts) {
    this.#breakers = {
      read: this.#breaker('read'),
      write: this.#breaker('write'),
      invalidation: this.#breaker('invalidation'),
    };
  }

  /** The state of each circuit. */
  get states(): Readonly<Record<CircuitName, CircuitState>> {
    const { read, write, invalidation } = this.#breakers;
    return { read: read.state, write: write.state, invalidation: invalidation.state };
  }

  /** Whether a command of this kind would be sent now. */
  isPassable(name: CircuitName): boolean {
    return this.#breakers[name].isPassable;
  }

  /** Lets each open circuit probe with its next command. */
  probeSoon(): void {
    for (const name of CIRCUITS) this.#breakers[name].probeSoon();
  }

  /** Runs a command. @throws RemoteStoreError of failure `circuit-open` or `overloaded` without sending it */
  async run<T>(name: CircuitName, operation: string, command: () => Promise<T>): Promise<T> {
    const breaker = this.#breakers[name];
    // An invalidation is never refused for the number of reads: refused, it would wait in the queue and close all reads.
    if (name === 'invalidation') return breaker.run(operation, command);
    const { maxInFlight } = this.parts;
    if (this.#inFlight >= maxInFlight)
      throw new RemoteStoreError('overloaded', operation, `${maxInFlight} commands are under way already`);
    this.#inFlight += 1;
    try {
      return await breaker.run(operation, command);
    } finally {
      this.#inFlight -= 1;
    }
  }

  #breaker(circuit: CircuitName): CircuitBreaker {
    const { clock, random, observer, threshold, probes } = this.parts;
    return new CircuitBreaker({
      ...{ clock, random, threshold, probes },
      onChange: (state, failure) =>
        observer.on({ type: 'circuit.changed', circuit, state, ...(failure && { failure }) }),
    });
  }
}

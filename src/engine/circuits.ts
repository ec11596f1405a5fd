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
  /** The servers there are now, by address. */
  readonly shards: () => readonly string[];
  /** How many failures in a row open a circuit. */
  readonly threshold: number;
  readonly probes: RetrySchedule;
  /** How many reads and writes may be under way at a time. */
  readonly maxInFlight: number;
}

/** A command, and how many reads it is for: each counts. */
export interface Guarded {
  readonly operation: string;
  /** @default 1 */
  readonly reads?: number | undefined;
}

type Breakers = Readonly<Record<CircuitName, CircuitBreaker>>;

const MOST_SHARDS = 2_000;

/** Which commands may be sent to Redis: not to a server that does not serve them, and not more than it can be expected to. */
export class Circuits {
  readonly #breakers = new Map<string, Breakers>();
  #inFlight = 0;

  constructor(private readonly parts: CircuitsParts) {}

  /** The state of each circuit; where servers differ, of the one that is worst. */
  get states(): Readonly<Record<CircuitName, CircuitState>> {
    const breakers = this.parts.shards().map((shard) => this.#of(shard));
    const worst = (name: CircuitName): CircuitState => {
      const states = breakers.map((each) => each[name].state);
      return states.find((state) => state === 'open') ?? states.find((state) => state === 'half-open') ?? 'closed';
    };
    return { read: worst('read'), write: worst('write'), invalidation: worst('invalidation') };
  }

  /** Whether a command of this kind would be sent now to any of the servers. */
  isPassable(name: CircuitName): boolean {
    return this.parts.shards().some((shard) => this.#of(shard)[name].isPassable);
  }

  /** Lets each open circuit probe with its next command. */
  probeSoon(): void {
    for (const breakers of this.#breakers.values()) for (const name of CIRCUITS) breakers[name].probeSoon();
  }

  /** Runs a command on the servers of `shards`. @throws RemoteStoreError of failure `circuit-open` or `overloaded` without sending it */
  async run<T>(
    name: CircuitName,
    shards: readonly string[],
    { operation, reads = 1 }: Guarded,
    command: () => Promise<T>,
  ): Promise<T> {
    const through = (): Promise<T> => this.#through(name, shards, { operation, reads }, command);
    // An invalidation is never refused for the number of reads: refused, it would wait in the queue and close all reads.
    if (name === 'invalidation') return through();
    const { maxInFlight } = this.parts;
    if (this.#inFlight + reads > maxInFlight)
      throw new RemoteStoreError('overloaded', operation, `no more than ${maxInFlight} commands may be under way`);
    this.#inFlight += reads;
    try {
      return await through();
    } finally {
      this.#inFlight -= reads;
    }
  }

  #through<T>(
    name: CircuitName,
    shards: readonly string[],
    { operation, reads }: Required<Guarded>,
    command: () => Promise<T>,
  ): Promise<T> {
    let through = command;
    for (const shard of shards) {
      const [inner, breaker] = [through, this.#of(shard)[name]];
      through = () => breaker.run(operation, inner, reads);
    }
    return through();
  }

  #of(shard: string): Breakers {
    const known = this.#breakers.get(shard);
    if (known) return known;
    if (this.#breakers.size >= MOST_SHARDS) this.#forgetGone();
    const breaker = (circuit: CircuitName): CircuitBreaker => this.#breaker(circuit, shard);
    const made = { read: breaker('read'), write: breaker('write'), invalidation: breaker('invalidation') };
    this.#breakers.set(shard, made);
    return made;
  }

  /** Servers come and go under new addresses. */
  #forgetGone(): void {
    const present = new Set(this.parts.shards());
    for (const shard of this.#breakers.keys()) if (!present.has(shard)) this.#breakers.delete(shard);
  }

  #breaker(circuit: CircuitName, shard: string): CircuitBreaker {
    const { clock, random, observer, threshold, probes } = this.parts;
    return new CircuitBreaker({
      ...{ clock, random, threshold, probes },
      concerns: (error) => error.shard === undefined || error.shard === shard,
      onChange: (state, failure) =>
        observer.on({
          ...{ type: 'circuit.changed', circuit, state },
          ...(failure && { failure }),
          ...(shard !== '' && { shard }),
        }),
    });
  }
}

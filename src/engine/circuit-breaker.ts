import { type RetrySchedule, retryDelay } from '../primitives/backoff.js';
import type { Clock } from '../primitives/clock.js';
import type { Random } from '../primitives/random.js';
import type { Milliseconds } from '../primitives/units.js';
import { type RemoteFailure, RemoteStoreError } from '../stores/contracts.js';

/** What commands are for. A server out of memory refuses writes, still reads, and still deletes: one circuit each. */
export type CircuitName = 'read' | 'write' | 'invalidation';

/** Every {@link CircuitName}. */
export const CIRCUITS: readonly CircuitName[] = Object.freeze(['read', 'write', 'invalidation']);

/** Closed: commands pass. Open: none does. Half-open: one has passed as a probe, and its result decides. */
export type CircuitState = 'closed' | 'open' | 'half-open';

/** What a circuit breaker is made of. */
export interface CircuitBreakerParts {
  readonly clock: Clock;
  readonly random: Random;
  /** How many failures in a row open it. */
  readonly threshold: number;
  /** When the probes after opening are due: the first after `base`. */
  readonly probes: RetrySchedule;
  /** Whether a failure tells of what this breaker is for; others neither count nor acquit. */
  readonly concerns: (error: RemoteStoreError) => boolean;
  readonly onChange: (state: CircuitState, failure: RemoteFailure | undefined) => void;
}

type State =
  | { readonly kind: 'closed'; failures: number }
  | { readonly kind: 'open'; readonly until: Milliseconds; readonly attempt: number }
  | { readonly kind: 'half-open'; readonly attempt: number };

// Failures that tell of the server, not of the command: those would fail again however healthy it is.
const COUNTED: ReadonlySet<RemoteFailure> = new Set<RemoteFailure>([
  'unavailable',
  'timeout',
  'authentication',
  'out-of-memory',
  'read-only',
  'loading',
]);

/**
 * Keeps commands from a server that does not serve them, so that a reader does not wait for each deadline.
 * (Nygard, Release It!, 2007.)
 */
export class CircuitBreaker {
  #state: State = { kind: 'closed', failures: 0 };

  constructor(private readonly parts: CircuitBreakerParts) {}

  get state(): CircuitState {
    return this.#state.kind;
  }

  /** Whether a command may pass now; true for the one that becomes the probe. */
  get isPassable(): boolean {
    return (
      this.#state.kind === 'closed' || (this.#state.kind === 'open' && this.parts.clock.now() >= this.#state.until)
    );
  }

  /** Runs `command`, whose failure is that of as many as `reads`. @throws RemoteStoreError of failure `circuit-open` without running it */
  async run<T>(operation: string, command: () => Promise<T>, reads = 1): Promise<T> {
    const state = this.#enter(operation);
    try {
      const result = await command();
      this.#succeeded(state);
      return result;
    } catch (error) {
      // A reply that cannot be read throws something else: no reader may get that, and a probe has ended with it too.
      const failed = error instanceof RemoteStoreError ? error : unreadable(operation);
      if (this.parts.concerns(failed)) this.#failed(state, failed.failure, reads);
      else this.#learnedNothing(state);
      throw failed;
    }
  }

  /** Lets the next command probe, however long that was not due: there is news of the server. */
  probeSoon(): void {
    if (this.#state.kind === 'open') this.#state = { ...this.#state, until: this.parts.clock.now() };
  }

  #enter(operation: string): State {
    if (!this.isPassable)
      throw new RemoteStoreError(
        'circuit-open',
        operation,
        'not sent, as those before it failed; probing from time to time',
      );
    if (this.#state.kind === 'open') this.#change({ kind: 'half-open', attempt: this.#state.attempt });
    return this.#state;
  }

  // Both compare the state under which the command was sent: what was sent before the circuit opened says nothing new.

  #succeeded(under: State): void {
    if (this.#state !== under) return;
    if (under.kind === 'closed') under.failures = 0;
    else this.#change({ kind: 'closed', failures: 0 });
  }

  #failed(under: State, failure: RemoteFailure, reads: number): void {
    if (this.#state !== under) return;
    // A probe that was refused for its own sake was answered all the same.
    if (!COUNTED.has(failure)) this.#succeeded(under);
    else if (under.kind === 'half-open') this.#open(under.attempt + 1, failure);
    else if (under.kind === 'closed' && (under.failures += reads) >= this.parts.threshold) this.#open(1, failure);
  }

  /** A command to several servers failed at another: a probe has told nothing, so the next command is one. */
  #learnedNothing(under: State): void {
    if (this.#state !== under || under.kind !== 'half-open') return;
    this.#change({ kind: 'open', attempt: under.attempt, until: this.parts.clock.now() });
  }

  #open(attempt: number, failure: RemoteFailure): void {
    const { clock, probes, random } = this.parts;
    this.#change({ kind: 'open', attempt, until: clock.now() + retryDelay(probes, attempt, random) }, failure);
  }

  #change(state: State, failure?: RemoteFailure): void {
    this.#state = state;
    this.parts.onChange(state.kind, failure);
  }
}

function unreadable(operation: string): RemoteStoreError {
  return new RemoteStoreError('protocol', operation, 'an unexpected reply');
}

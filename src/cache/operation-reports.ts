import type { LocalEntry } from '../engine/local-entry.js';
import { type Found, isFound, type MissCause, type NotFound, type ReadPlan } from '../engine/lookup.js';
import type { Milliseconds } from '../primitives/units.js';
import type { CacheEvents, Operation, OperationEnded } from './cache-events.js';
import type { CacheRuntime } from './cache-runtime.js';

/** Tells of each operation how it ended. */
export class OperationReports {
  constructor(
    private readonly events: CacheEvents,
    private readonly runtime: Pick<CacheRuntime, 'clock' | 'popularity'>,
  ) {}

  /** The result of `check`; what it throws is a usage that is refused. */
  checked<T>(operation: Operation, check: () => T): T {
    try {
      return check();
    } catch (error) {
      this.events.on({ type: 'usage.refused', operation });
      throw error;
    }
  }

  /** Tells that an operation has failed, and lets the failure on. */
  failing(operation: Operation, label: string, start: Milliseconds): (error: unknown) => never {
    return (error) => {
      this.events.on({ type: 'operation.ended', operation, label, outcome: 'failed', took: this.#since(start) });
      throw error;
    };
  }

  hitInMemory(operation: Operation, { key }: ReadPlan, { loadTook }: LocalEntry): void {
    const { label } = key.family;
    this.runtime.popularity.read(key);
    this.events.on({ type: 'operation.ended', operation, label, outcome: 'hit', tier: 'l1', loadTook, took: 0 });
  }

  ended(operation: Operation, { key }: ReadPlan, result: Found | NotFound, start: Milliseconds): void {
    const took = this.#since(start);
    this.runtime.popularity.read(key);
    this.events.on(endOf(operation, key.family.label, took, result));
  }

  async timed<T>(operation: Operation, label: string, work: () => Promise<T>): Promise<T> {
    const start = this.runtime.clock.now();
    let outcome: OperationEnded['outcome'] = 'failed';
    try {
      const result = await work();
      outcome = 'done';
      return result;
    } finally {
      this.events.on({ type: 'operation.ended', operation, label, outcome, took: this.#since(start) });
    }
  }

  #since(start: Milliseconds): Milliseconds {
    return this.runtime.clock.now() - start;
  }
}

// Each by its name: a spread of what they share would cost more than counting it.
function endOf(operation: Operation, label: string, took: Milliseconds, result: Found | NotFound): OperationEnded {
  const type = 'operation.ended';
  if (!isFound(result)) {
    const { cause } = result;
    return { type, operation, label, outcome: missOf(cause), cause, took };
  }
  const { source: tier, loadTook, coalesced, cause = 'absent' } = result;
  if (tier === 'loader') return { type, operation, label, outcome: missOf(cause), cause, coalesced, took };
  return { type, operation, label, outcome: 'hit', tier, loadTook, coalesced, took };
}

/** Redis away says nothing of hits and misses. */
function missOf(cause: MissCause): 'miss' | 'degraded' {
  return cause === 'degraded' ? 'degraded' : 'miss';
}

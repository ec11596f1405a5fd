import type { AnyCacheEvent, OperationEnded } from '../../src/cache/cache-events.js';
import type { CacheHealth } from '../../src/cache/cache-health.js';
import { monotonic } from '../coherence/history.js';
import type { Added, PhaseReport } from './messages.js';
import { StallMeter } from './stall-meter.js';

const SHOWN = 5;

type Counts = Record<string, number>;

function count(counts: Counts, name: string): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

function emptyPhase(): {
  since: number;
  reads: number;
  tiers: Record<'l1' | 'l2' | 'loader', number>;
  changes: number;
  wrong: string[];
  mishaps: string[];
  added: number[];
  longest: number;
  outcomes: Counts;
  failures: Counts;
  rejected: Counts;
  circuits: string[];
} {
  return {
    ...{ since: monotonic(), reads: 0, tiers: { l1: 0, l2: 0, loader: 0 }, changes: 0 },
    ...{ wrong: [], mishaps: [], added: [], longest: 0 },
    ...{ outcomes: {}, failures: {}, rejected: {}, circuits: [] },
  };
}

/** What a worker has seen in the present phase. */
export class Tally {
  readonly #stalls = new StallMeter();
  readonly #pending = new Set<{ readonly since: number }>();
  #phase = emptyPhase();

  /** How many reads there were in the phase so far. */
  get reads(): number {
    return this.#phase.reads;
  }

  /** Runs one call of the cache, and takes its time. */
  async timed<T>(call: () => Promise<T>): Promise<T> {
    const pending = { since: monotonic() };
    this.#pending.add(pending);
    try {
      return await call();
    } finally {
      this.#pending.delete(pending);
      this.#phase.longest = Math.max(this.#phase.longest, monotonic() - pending.since);
    }
  }

  /** A read came back. `added` is left out where another caller's loader was waited for. */
  read(source: 'l1' | 'l2' | 'loader', added: number | undefined): void {
    this.#phase.reads += 1;
    this.#phase.tiers[source] += 1;
    if (source !== 'l1' && added !== undefined) this.#phase.added.push(Math.max(0, added));
  }

  changed(): void {
    this.#phase.changes += 1;
  }

  wrong(what: string): void {
    this.#phase.wrong.push(what);
  }

  mishap(what: string): void {
    this.#phase.mishaps.push(what);
  }

  /**
   * To be subscribed to the events of the cache. For a read that was under way when the phase began, and for one that
   * shares its load, Redis may have been asked before the fault, or before it was over: it says nothing of the phase.
   */
  readonly listen = (event: AnyCacheEvent): void => {
    const { since, outcomes, failures, rejected, circuits } = this.#phase;
    if (isRead(event) && !event.coalesced && monotonic() - event.took >= since) count(outcomes, event.outcome);
    if (event.type === 'remote.failed') count(failures, event.failure);
    if (event.type === 'entry.rejected') count(rejected, event.why);
    if (event.type === 'task.failed') this.mishap(`task ${event.task} failed: ${String(event.error)}`);
    const { type, circuit, state } = event as { type: string; circuit?: string; state?: string };
    if (type === 'circuit.changed') circuits.push(`${String(circuit)} ${String(state)}`);
  };

  /** The report of the phase, which ends. */
  next(state: { readonly health: CacheHealth; readonly commands: number }): PhaseReport {
    const { since, added, wrong, mishaps, longest, ...phase } = this.#phase;
    this.#phase = emptyPhase();
    const now = monotonic();
    const waiting = [...this.#pending].map((pending) => now - pending.since);
    const stall = this.#stalls.take();
    (globalThis as { gc?: () => void }).gc?.();
    const { heapUsed, rss } = process.memoryUsage();
    return {
      ...{ ...phase, ...state, stall, lasted: now - since, added: summary(added) },
      ...{ longest: Math.max(longest, ...waiting), pending: waiting.length, heap: heapUsed, resident: rss },
      ...{ wrong: shown(wrong), mishaps: shown(mishaps) },
    };
  }
}

function isRead(event: AnyCacheEvent): event is OperationEnded {
  return event.type === 'operation.ended' && event.operation.startsWith('get');
}

function shown(texts: readonly string[]): string[] {
  const rest = texts.length - SHOWN;
  return rest > 0 ? [...texts.slice(0, SHOWN), `and ${rest} more`] : [...texts];
}

function summary(samples: readonly number[]): Added {
  const sorted = [...samples].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
  return { count: sorted.length, median: at(0.5), p99: at(0.99), max: at(1) };
}

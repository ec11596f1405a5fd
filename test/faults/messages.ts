import type { CacheHealth } from '../../src/cache/cache-health.js';
import type { CacheModuleOptions } from '../../src/cache/cache-options.js';
import type { RedisOptions } from '../../src/cache/redis-options.js';
import type { Flaw } from './flaws.js';

/** The deadline of a worker's commands. Longer than the module's default, as the machine may be busy. */
export const COMMAND_TIMEOUT_MS = 500;

/** How long a worker waits for another's load of the same key. */
export const LEASE_WAIT_MS = 1_000;

/** What a worker is told, as JSON in its first argument. */
export interface Assignment {
  readonly worker: number;
  readonly workers: number;
  readonly seed: number;
  readonly redis: RedisOptions;
  readonly sourceUrl: string;
  /** Options of the cache beyond those of every worker. */
  readonly options?: CacheModuleOptions;
  /** @default COMMAND_TIMEOUT_MS */
  readonly commandTimeoutMs?: number;
  /** How far its clock is ahead of the machine's, in milliseconds; negative when it is behind. */
  readonly clockAhead?: number;
  /** A defect to work with, which the suite has to notice. */
  readonly flaw?: Flaw;
}

/** The invalidation of a key that was acknowledged: reads that begin a window after `at` may not return less than `version`. */
export interface Floor {
  readonly key: number;
  readonly version: number;
  /** On the monotonic clock of the machine. */
  readonly at: number;
}

/** What a worker can be asked, and what it answers. */
export interface Asks {
  /** Ends a phase of the traffic and begins the next. */
  phase: { ask: object; answer: PhaseReport };
  /** Waits until there were so many reads in the phase. */
  reads: { ask: { count: number; limit: number }; answer: null };
  /** Waits until the circuit for reads is not closed; says whether it came to that. */
  opened: { ask: { limit: number }; answer: boolean };
  /** Waits until values are stored, read from Redis and kept coherent again; says after how many milliseconds, or null. */
  recovered: { ask: { limit: number }; answer: number | null };
  /** Runs a scenario of `scenarios.ts` and answers with what it saw. */
  scenario: { ask: { name: string }; answer: unknown };
  /** Starts the traffic. */
  traffic: { ask: object; answer: null };
  /** Sets this process's `Date` ahead by so many milliseconds, as an administrator would. */
  setDate: { ask: { by: number }; answer: null };
  /** Stops the traffic and the cache; nothing is left to do then, so the process has to end by itself. */
  stop: { ask: object; answer: null };
}

/** Milliseconds over the loader that reads took which did not end in memory. */
export interface Added {
  readonly count: number;
  readonly median: number;
  readonly p99: number;
  readonly max: number;
}

/** Milliseconds and bytes. */
export interface PhaseReport {
  readonly lasted: number;
  readonly reads: number;
  readonly tiers: Readonly<Record<'l1' | 'l2' | 'loader', number>>;
  readonly changes: number;
  /** Answers that no reader should have got: each with what is wrong. */
  readonly wrong: readonly string[];
  /** Errors that are not the loader's, unhandled rejections and exceptions, failed tasks, warnings of the runtime. */
  readonly mishaps: readonly string[];
  readonly added: Added;
  /** The longest that any call took or, if it is pending, has been waiting. */
  readonly longest: number;
  readonly pending: number;
  /** The longest time for which the processes of the suite could not run. */
  readonly stall: number;
  /** How many commands the client holds on to. */
  readonly commands: number;
  /** How often each `operation.ended` outcome was reported for reads begun in the phase that share no load, each failure of Redis, each rejected entry. */
  readonly outcomes: Readonly<Record<string, number>>;
  readonly failures: Readonly<Record<string, number>>;
  readonly rejected: Readonly<Record<string, number>>;
  /** Changes of circuits, such as `read open`. */
  readonly circuits: readonly string[];
  readonly health: CacheHealth;
  /** After a collection of garbage. */
  readonly heap: number;
  readonly resident: number;
}

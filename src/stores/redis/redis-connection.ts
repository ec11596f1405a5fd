import { Redis } from 'ioredis';
import { retryDelay } from '../../primitives/backoff.js';
import type { Clock } from '../../primitives/clock.js';
import { withDeadline } from '../../primitives/deadline.js';
import type { Random } from '../../primitives/random.js';
import type { Milliseconds } from '../../primitives/units.js';
import { type ConnectionEvent, type RemoteFailure, RemoteStoreError } from '../contracts.js';
import { clientOptions, type RedisTarget } from './connection-options.js';
import { failureOf, wrapFailure } from './failures.js';
import { SCRIPTS, type ScriptedRedis } from './scripts.js';

/** What a connection is made of. */
export interface ConnectionParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly report: (event: ConnectionEvent) => void;
}

/** A replica is left this often at most: each of many refusals would drop the connection that the one before has made. */
const LEAVE_REPLICA_EVERY: Milliseconds = 1_000;

/** One connection to Redis that never gives up, and whose every command ends within a limit. */
export class RedisConnection {
  readonly client: ScriptedRedis;
  readonly #listeners = new Set<() => void>();
  #lastFailure: RemoteFailure = 'unavailable';
  #retries = 0;
  #leftReplicaAt = -Infinity;

  constructor(
    private readonly target: RedisTarget,
    private readonly parts: ConnectionParts,
    private readonly longestAnswer: Milliseconds = target.commandTimeout,
  ) {
    const retryStrategy = (attempt: number): Milliseconds => this.#retryIn(attempt);
    this.client = new Redis({
      ...clientOptions(target, longestAnswer),
      scripts: SCRIPTS,
      retryStrategy,
      reconnectOnError: (error) => (error.message.startsWith('READONLY') && this.#mayLeaveReplica() ? 1 : false),
    }) as ScriptedRedis;
    this.client.on('error', (error: unknown) => {
      this.#lastFailure = failureOf(error);
    });
    this.client.on('ready', () => this.#ready());
  }

  get isReady(): boolean {
    return this.client.status === 'ready';
  }

  /** How many attempts have failed since the connection was last ready. */
  get retries(): number {
    return this.#retries;
  }

  /** Why the last attempt failed. */
  get lastFailure(): RemoteFailure {
    return this.#lastFailure;
  }

  /** Begins to connect; success and failure are reported as events, also those of the first attempt. */
  open(): void {
    this.client.connect().catch((error: unknown) => {
      this.#lastFailure = failureOf(error);
    });
  }

  /** Calls `listener` each time the connection has become ready, and at once if it is. */
  onReady(listener: () => void): void {
    this.#listeners.add(listener);
    if (this.isReady) listener();
  }

  /** Runs one command. The limit is ours: some promises of the client never settle, and its own time limits come later. */
  run<T>(operation: string, command: (client: ScriptedRedis) => Promise<T>): Promise<T> {
    if (!this.isReady)
      return Promise.reject(new RemoteStoreError(this.#lastFailure, operation, 'not connected; reconnecting'));
    const limit = this.longestAnswer;
    const work = command(this.client).catch((error: unknown) => {
      throw wrapFailure(operation, error);
    });
    return withDeadline(
      this.parts.clock,
      limit,
      work,
      () => new RemoteStoreError('timeout', operation, `no answer within ${limit} ms`),
    );
  }

  /** Ends the connection at once. `quit` would wait for a server that may be frozen. */
  close(): void {
    this.#listeners.clear();
    this.client.disconnect();
  }

  /** A primary may have become a replica, whose address then leads elsewhere. */
  #mayLeaveReplica(): boolean {
    const now = this.parts.clock.now();
    if (now - this.#leftReplicaAt < LEAVE_REPLICA_EVERY) return false;
    this.#leftReplicaAt = now;
    return true;
  }

  #ready(): void {
    this.parts.report({ type: 'connection.ready', afterRetries: this.#retries });
    this.#retries = 0;
    this.#lastFailure = 'unavailable';
    for (const listener of this.#listeners) listener();
  }

  #retryIn(attempt: number): Milliseconds {
    this.#retries = attempt;
    const delay = retryDelay(this.target.retry, attempt, this.parts.random);
    this.parts.report({ type: 'connection.retrying', failure: this.#lastFailure, attempt, delay });
    return delay;
  }
}

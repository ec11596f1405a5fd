import { inspect } from 'node:util';
import { Cluster, type Redis } from 'ioredis';
import { type RetrySchedule, retryDelay } from '../../primitives/backoff.js';
import type { Clock } from '../../primitives/clock.js';
import { withDeadline } from '../../primitives/deadline.js';
import type { Random } from '../../primitives/random.js';
import type { Milliseconds } from '../../primitives/units.js';
import { type ConnectionEvent, type RemoteFailure, RemoteStoreError } from '../contracts.js';
import { type ClientUse, createClient } from './clients.js';
import { ClusterWatch } from './cluster-watch.js';
import { failureOf, wrapFailure } from './failures.js';
import type { RedisTarget } from '../redis-target.js';
import type { ScriptedRedis } from './scripts.js';
import { Shards } from './shards.js';

/** What a connection is made of. */
export interface ConnectionParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly report: (event: ConnectionEvent) => void;
}

/** A server is left this often at most: each of many refusals would drop the connection that the one before has made. */
const LEAVE_EVERY: Milliseconds = 1_000;

/** One of them may be away. */
const SPREAD_LIMIT: Milliseconds = 500;

/** The connection to Redis, or to each node of a Cluster, that never gives up, and whose every command ends within a limit. */
export class RedisConnection {
  readonly shards: Shards;
  // Private, as it knows the password: whoever prints what holds this connection must not print that.
  readonly #client: ScriptedRedis;
  readonly #retry: RetrySchedule;
  readonly #listeners = new Set<() => void>();
  readonly #watch: ClusterWatch | undefined;
  #lastFailure: RemoteFailure = 'unavailable';
  /** What the last socket that failed said, unless something else was heard since. */
  #socketFailure: RemoteFailure | undefined;
  #retries = 0;
  #leftAt = -Infinity;
  #isSpread = false;
  #isClosed = false;

  constructor(
    target: RedisTarget,
    private readonly parts: ConnectionParts,
    private readonly use: ClientUse = {
      longestAnswer: target.commandTimeout,
      role: 'primary',
      eager: true,
    },
  ) {
    const client = createClient(target, use, {
      retryIn: (attempt) => this.#retryIn(attempt),
      leaves: (error) => error.message.startsWith('READONLY') && this.#mayLeave(),
      socketFailed: (error) => {
        this.#lastFailure = this.#socketFailure = failureOf(error);
      },
    });
    this.#client = client as ScriptedRedis;
    this.#retry = target.retry;
    this.shards = new Shards(client);
    client.on('error', (error: unknown) => this.#failed(error));
    client.on('ready', () => void this.#spread().then(() => this.#ready()));
    client.on('close', () => {
      this.#isSpread = false;
    });
    client.on('end', () => this.#connectAgain());
    if (client instanceof Cluster) this.#watch = new ClusterWatch(client, parts.clock, () => this.#usable());
    // One node's trouble is not the Cluster's, but its reason, if the Cluster gives up.
    client.on('node error', (error: unknown) => this.#failed(error));
  }

  /** Takes the same commands whether it is of one server or of a Cluster. */
  get client(): ScriptedRedis {
    return this.#client;
  }

  /** What every command may take at most. */
  get longestAnswer(): Milliseconds {
    return this.use.longestAnswer;
  }

  get isReady(): boolean {
    return this.client.status === 'ready' && this.#isSpread;
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
    this.#watch?.start();
    this.#connect();
  }

  /** Calls `listener` each time the connection has become ready or a Cluster has mended itself, and at once if it is ready. */
  onReady(listener: () => void): void {
    this.#listeners.add(listener);
    if (this.isReady) listener();
  }

  /**
   * Runs one command on names of one slot. The limit is ours: some promises of the client never settle, and its own time
   * limits come later.
   */
  run<T>(operation: string, name: string, command: (client: ScriptedRedis) => Promise<T>): Promise<T> {
    return this.#limited(
      operation,
      () => this.shards.of(name),
      () => command(this.client),
    );
  }

  /** Runs one command on every primary, or on those of `shards`. */
  async onPrimaries<T>(
    operation: string,
    command: (node: Redis) => Promise<T>,
    shards: readonly string[] = this.shards.all,
  ): Promise<T[]> {
    if (!this.isReady) throw this.#notConnected(operation);
    const nodes = shards.map((shard) => this.shards.primary(operation, shard));
    return Promise.all(nodes.map((node) => this.onNode(operation, node, command)));
  }

  /** Runs one command on one node. */
  onNode<T>(operation: string, node: Redis, command: (node: Redis) => Promise<T>): Promise<T> {
    return this.#limited(
      operation,
      () => this.shards.called(node),
      () => command(node),
    );
  }

  /** Asks a Cluster which server serves which slot: one node after another, until one answers. */
  async refreshShards(operation: string): Promise<void> {
    await this.shards.refresh().catch((error: unknown) => {
      throw wrapFailure(operation, error);
    });
  }

  /** Connects anew, once a second at most: the address may lead to another server now. */
  leave(): void {
    if (this.#mayLeave()) this.client.disconnect(true);
  }

  /** Ends the connection at once. `quit` would wait for a server that may be frozen. */
  close(): void {
    this.#isClosed = true;
    this.#listeners.clear();
    this.#watch?.stop();
    this.client.disconnect();
  }

  /** What is printed, where getters are looked at too. */
  [inspect.custom](): string {
    return `RedisConnection (${this.client.status})`;
  }

  #connect(): void {
    this.client.connect().catch((error: unknown) => this.#failed(error));
  }

  /**
   * A client that is told to connect anew while it asks a Sentinel who the primary is, by us or by its own look-out for
   * failovers, takes that for its end and never tries again.
   */
  #connectAgain(): void {
    if (this.#isClosed) return;
    this.parts.clock.after(this.#retryIn(this.#retries + 1), () => {
      if (!this.#isClosed) this.#connect();
    });
  }

  #limited<T>(operation: string, shard: () => string, command: () => Promise<T>): Promise<T> {
    if (!this.isReady) return Promise.reject(this.#notConnected(operation));
    const limit = this.use.longestAnswer;
    const work = command().catch((error: unknown) => {
      const failed = wrapFailure(operation, error, shard());
      if (failed.failure === 'unavailable') this.#watch?.troubled();
      throw failed;
    });
    return withDeadline(this.parts.clock, limit, work, () => {
      this.#watch?.troubled();
      return new RemoteStoreError('timeout', operation, `no answer within ${limit} ms`, shard());
    });
  }

  #notConnected(operation: string): RemoteStoreError {
    return new RemoteStoreError(this.#lastFailure, operation, 'not connected; reconnecting');
  }

  /** That a connection is closed, or no node can be reached, is no reason where a socket has told one. */
  #failed(error: unknown): void {
    const failure = failureOf(error);
    if (failure !== 'unavailable') this.#socketFailure = undefined;
    this.#lastFailure = this.#socketFailure ?? failure;
  }

  /** A primary may have become a replica, whose address then leads elsewhere. */
  #mayLeave(): boolean {
    const now = this.parts.clock.now();
    if (now - this.#leftAt < LEAVE_EVERY) return false;
    this.#leftAt = now;
    return true;
  }

  /** Waits for a Cluster's other primaries: what is asked of a node that is still connecting is refused at first. */
  async #spread(): Promise<void> {
    const others = this.use.eager ? this.shards.unconnected() : [];
    const connected = Promise.allSettled(others.map((node) => node.connect()));
    const late = (): Error => new Error('one of them is away');
    if (others.length > 0) await withDeadline(this.parts.clock, SPREAD_LIMIT, connected, late).catch(late);
    this.#isSpread = true;
  }

  #ready(): void {
    if (!this.isReady) return;
    this.parts.report({ type: 'connection.ready', afterRetries: this.#retries });
    this.#retries = 0;
    this.#lastFailure = 'unavailable';
    this.#socketFailure = undefined;
    this.#usable();
  }

  #usable(): void {
    for (const listener of this.#listeners) listener();
  }

  #retryIn(attempt: number): Milliseconds {
    this.#retries = attempt;
    const delay = retryDelay(this.#retry, attempt, this.parts.random);
    this.parts.report({ type: 'connection.retrying', failure: this.#lastFailure, attempt, delay });
    return delay;
  }
}

import { type RemoteFailure, RemoteStoreError } from '../contracts.js';
import { wrapFailure } from './failures.js';
import type { RedisConnection } from './redis-connection.js';
import type { WriteAnswer } from './scripts.js';

/** A write that shares its command with others of its tick. */
export interface Write {
  readonly kind: 'acquire' | 'fill' | 'mint' | 'seize' | 'release';
  /** Of one slot. */
  readonly names: readonly string[];
  readonly given: readonly (string | number | Buffer)[];
}

interface Waiting extends Write {
  /** Who waits for its answer; several for a generation. */
  readonly askers: Asker[];
}

interface Asker {
  readonly settle: (answer: WriteAnswer) => void;
  readonly fail: (error: unknown) => void;
}

/** A server does nothing else while it carries out the writes of one command: of so many, for less than a millisecond. */
const WRITES_PER_COMMAND = 128;
const BYTES_PER_COMMAND = 256 * 1024;

/**
 * Joins the writes of one tick: they are sent in the order in which they were asked for, with one command and one deadline
 * for many. On a Cluster each has a command of its own, as a slot that is moving has some of its keys here and some there,
 * and those of a node share one packet. What else writes over the same connection must `flush` before.
 */
export class JoinedWrites {
  #waiting: Waiting[] = [];
  /** The generations that are asked for already, by name: the first token is theirs, as if each had been asked for in turn. */
  readonly #minted = new Map<string, Waiting>();

  constructor(private readonly connection: RedisConnection) {}

  /** What `read` makes of the script's answers to these writes. @throws RemoteStoreError when one of them fails */
  ask<T>(writes: readonly Write[], read: (answers: readonly WriteAnswer[]) => T): Promise<T> {
    if (writes.length === 0) return Promise.resolve(read([]));
    return new Promise((resolve, fail) => {
      const answers = new Array<WriteAnswer>(writes.length);
      let missing = writes.length;
      for (const [i, write] of writes.entries()) {
        const settle = (answer: WriteAnswer): void => {
          answers[i] = answer;
          if (--missing === 0) resolve(read(answers));
        };
        this.#add(write, { settle, fail });
      }
    });
  }

  /** Sends what waits, now: what is sent after it is executed after it. */
  flush(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#minted.clear();
    if (this.connection.shards.isClustered) this.#inPackets(waiting);
    else for (const part of parts(waiting)) void this.#send(part);
  }

  #add({ kind, names, given }: Write, asker: Asker): void {
    const name = names[0] as string;
    const known = kind === 'mint' ? this.#minted.get(name) : undefined;
    if (known) {
      known.askers.push(asker);
      return;
    }
    if (this.#waiting.length === 0) process.nextTick(() => this.flush());
    const waiting = { kind, names, given, askers: [asker] };
    if (kind === 'mint') this.#minted.set(name, waiting);
    this.#waiting.push(waiting);
  }

  #inPackets(waiting: readonly Waiting[]): void {
    const { shards } = this.connection;
    const names = new Set(waiting.map(({ names }) => shards.of(names[0] as string)));
    const streams = [...names].map((shard) => shards.ready(shard)?.stream);
    for (const stream of streams) stream?.cork();
    for (const write of waiting) void this.#send([write]);
    for (const stream of streams) stream?.uncork();
  }

  async #send(writes: readonly Waiting[]): Promise<void> {
    const [first] = writes as [Waiting];
    const names: string[] = [];
    const given: (string | number | Buffer)[] = [];
    for (const write of writes) {
      names.push(...write.names);
      given.push(write.kind, ...write.given);
    }
    try {
      const answers = await this.connection.run(first.kind, first.names[0] as string, (redis) =>
        redis.cacheWriteBuffer(names.length, ...names, ...given),
      );
      for (const [i, write] of writes.entries()) this.#answer(write, answers[i] ?? null);
    } catch (error) {
      // The user may not touch some of the names, and nothing was executed: the others are not refused for those.
      if (writes.length > 1 && failureOf(error) === 'permission') for (const write of writes) void this.#send([write]);
      else for (const write of writes) failed(write, named(error, write));
    }
  }

  #answer(write: Waiting, answer: WriteAnswer): void {
    if (answer instanceof Error)
      failed(write, wrapFailure(write.kind, answer, this.connection.shards.of(write.names[0] as string)));
    else for (const { settle } of write.askers) settle(answer);
  }
}

function failed({ askers }: Waiting, error: unknown): void {
  for (const { fail } of askers) fail(error);
}

/** In order, each of as many as one command takes. */
function* parts(waiting: readonly Waiting[]): Iterable<readonly Waiting[]> {
  let from = 0;
  let bytes = 0;
  for (const [i, { given }] of waiting.entries()) {
    const size = sizeOf(given);
    if (i > from && (i - from >= WRITES_PER_COMMAND || bytes + size > BYTES_PER_COMMAND)) {
      yield waiting.slice(from, i);
      [from, bytes] = [i, 0];
    }
    bytes += size;
  }
  yield waiting.slice(from);
}

/** Only values are large. */
function sizeOf(given: Write['given']): number {
  let size = 0;
  for (const each of given) if (Buffer.isBuffer(each)) size += each.length;
  return size;
}

function failureOf(error: unknown): RemoteFailure | undefined {
  return error instanceof RemoteStoreError ? error.failure : undefined;
}

/** The failure of all as that of one of them. */
function named(error: unknown, { kind }: Write): unknown {
  if (!(error instanceof RemoteStoreError) || error.operation === kind) return error;
  return new RemoteStoreError(error.failure, kind, error.detail, error.shard);
}

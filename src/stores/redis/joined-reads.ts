import type { Redis } from 'ioredis';
import { readMany } from './many-reads.js';
import type { RedisConnection } from './redis-connection.js';
import type { ScriptedRedis } from './scripts.js';

type Values = (Buffer | null)[];
/** To a command of one name, or of several. */
type Answer = Buffer | null | Values;

/** What is asked of one server in one tick: each name once, by slot. */
interface Part {
  readonly names: Map<string, number>;
  readonly groups: Map<number, string[]>;
  /** In the order of `names`. */
  readonly found: Promise<Values>;
  readonly send: () => void;
}

/** One MGET of more would hold up the server's other clients. */
const NAMES_PER_COMMAND = 500;
/**
 * The node is not, or not yet, who serves the slot: the client of the whole Cluster knows where to ask. Or the name is that
 * of something else, as which it is refused to GET, and is nothing to MGET.
 */
const ELSEWHERE = /^(MOVED|ASK|TRYAGAIN|WRONGTYPE) /;

/**
 * Joins the reads of one tick: each name is asked for once, in one command for each slot and with one write and one
 * deadline for each server. What is read is still read after each reader began, as it is sent when the tick ends.
 */
export class JoinedReads {
  #parts = new Map<string, Part>();

  constructor(private readonly connection: RedisConnection) {}

  /** What is stored under these names, in their order. @throws RemoteStoreError when a server that has some of them fails */
  async get(names: readonly string[]): Promise<Values> {
    const places = names.map((name) => this.#place(name));
    const [first] = places;
    if (!first) return [];
    // Most often all are on one server.
    if (places.every(([part]) => part === first[0])) {
      const found = await first[0].found;
      return places.map(([, at]) => found[at] ?? null);
    }
    const found = await Promise.all(places.map(([part]) => part.found));
    return places.map(([, at], i) => found[i]?.[at] ?? null);
  }

  /** Where the answer for a name will be. */
  #place(name: string): readonly [Part, number] {
    const { shards } = this.connection;
    const slot = shards.slotOf(name);
    const part = this.#partOf(shards.ofSlot(slot));
    const known = part.names.get(name);
    if (known !== undefined) return [part, known];
    const at = part.names.size;
    part.names.set(name, at);
    const group = part.groups.get(slot);
    if (group) group.push(name);
    else part.groups.set(slot, [name]);
    return [part, at];
  }

  #partOf(shard: string): Part {
    const known = this.#parts.get(shard);
    if (known) return known;
    if (this.#parts.size === 0) process.nextTick(() => this.#send());
    const { promise, resolve } = deferred<Values>();
    const part: Part = {
      names: new Map(),
      groups: new Map(),
      found: promise,
      send: () => resolve(this.#ask(shard, part)),
    };
    this.#parts.set(shard, part);
    return part;
  }

  #send(): void {
    const parts = this.#parts;
    this.#parts = new Map();
    for (const part of parts.values()) part.send();
  }

  async #ask(shard: string, { names, groups }: Part): Promise<Values> {
    const node = this.connection.shards.ready(shard);
    const commands = [...groups.values()].flatMap(inCommands);
    const answers = node ? await this.connection.onNode('fetch', node, (redis) => allOn(redis, commands)) : [];
    const values = new Array<Buffer | null>(names.size).fill(null);
    const take = (command: readonly string[], answer: Answer): void => {
      for (const [i, name] of command.entries())
        values[names.get(name) as number] = (Array.isArray(answer) ? answer[i] : answer) ?? null;
    };
    const elsewhere: string[][] = [];
    for (const [i, command] of commands.entries()) {
      const answer = answers[i];
      if (answer === undefined) elsewhere.push(command);
      else take(command, answer);
    }
    await Promise.all(elsewhere.map(async (command) => take(command, await this.#anywhere(command))));
    return values;
  }

  #anywhere(names: string[]): Promise<Values> {
    return this.connection.run('fetch', names[0] as string, (redis: ScriptedRedis) => redis.mgetBuffer(names));
  }
}

/** The answers of one node; `undefined` where another must be asked. */
async function allOn(node: Redis, commands: string[][]): Promise<(Answer | undefined)[]> {
  const [first] = commands;
  // The client's own where there is one command, as on a server of its own.
  if (first && commands.length === 1) return [await node.mgetBuffer(first).catch(elsewhere)];
  const replies = await readMany(node, commands);
  return replies.map((reply) => (reply instanceof Error ? elsewhere(reply) : reply));
}

function elsewhere(error: Error): undefined {
  if (!ELSEWHERE.test(error.message)) throw error;
  return undefined;
}

function inCommands(names: string[]): string[][] {
  if (names.length <= NAMES_PER_COMMAND) return [names];
  const commands: string[][] = [];
  for (let from = 0; from < names.length; from += NAMES_PER_COMMAND)
    commands.push(names.slice(from, from + NAMES_PER_COMMAND));
  return commands;
}

function deferred<T>(): { promise: Promise<T>; resolve: (value: T | Promise<T>) => void } {
  let resolve!: (value: T | Promise<T>) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

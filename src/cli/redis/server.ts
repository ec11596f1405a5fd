import type { Milliseconds } from '../../index.js';
import type { Clock } from '../clock.js';
import type { Endpoint } from './address.js';

/** As much of a client of one server as the doctor needs; the client's own types stay where it is made. */
export interface RawClient {
  readonly status: string;
  readonly stream: RawStream | undefined;
  call(command: string, ...args: readonly string[]): Promise<unknown>;
}

/** Its socket. */
interface RawStream {
  readonly remoteAddress?: string;
  readonly remotePort?: number;
  destroy(): unknown;
}

/** `permission`: refused to this user. `absent`: no such command, maybe renamed. `missing`: no such key. `silent`: no answer. `refused`: anything else. */
export type CommandFailure = 'permission' | 'absent' | 'missing' | 'silent' | 'refused';

/** A command that was not served. Says nothing of its arguments and nothing that the server said. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly failure: CommandFailure,
    readonly command: string,
  ) {
    super(`${command}: ${failure}`);
  }
}

/** So many commands without an answer, and no more are sent. */
const PATIENCE = 2;
/** Longer than any application should wait, so that a slow answer can be measured. */
export const ANSWER_LIMIT: Milliseconds = 1_000;

/** How a server is reached. */
export interface ServerParts {
  /** What it is called where there are several. */
  readonly name: string;
  readonly clock: Clock;
  /** The client that it is asked by now; a Cluster drops those of servers that went away. */
  readonly client: () => Pick<RawClient, 'call'> | undefined;
  /** Where a stranger would find it. */
  readonly endpoint: () => Endpoint | undefined;
  /** Resolves with `true` when the connection is ready anew, with `false` at the limit. */
  readonly readyAgain: (limit: Milliseconds) => Promise<boolean>;
  /** Breaks the connection as a network would. */
  readonly dropSocket: () => void;
}

/** A server, over the connection that the application would have. */
export class Server {
  #unanswered = 0;

  constructor(private readonly parts: ServerParts) {}

  get name(): string {
    return this.parts.name;
  }

  get endpoint(): Endpoint | undefined {
    return this.parts.endpoint();
  }

  /** @throws CommandError */
  async send(command: string, ...args: readonly string[]): Promise<unknown> {
    const client = this.parts.client();
    if (!client || this.#unanswered >= PATIENCE) throw new CommandError('silent', nameOf(command, args));
    try {
      const reply = await this.#answer(client.call(command, ...args));
      this.#unanswered = 0;
      return reply;
    } catch (error) {
      const failure = failureOf(error);
      if (failure === 'silent') this.#unanswered += 1;
      throw new CommandError(failure, nameOf(command, args));
    }
  }

  /** The value of one directive. @throws CommandError */
  async config(directive: string): Promise<string> {
    const reply = await this.send('CONFIG', 'GET', directive);
    return Array.isArray(reply) ? String(reply[1] ?? '') : '';
  }

  /** Resolves with `true` when the connection is ready anew, with `false` at the limit. */
  readyAgain(limit: Milliseconds): Promise<boolean> {
    return this.parts.readyAgain(limit);
  }

  /** Breaks the connection as a network would. */
  dropSocket(): void {
    this.parts.dropSocket();
  }

  /** The client has a limit of its own, but some of its promises never settle. */
  #answer(reply: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = this.parts.clock.after(ANSWER_LIMIT, () => reject(new Error('no answer')));
      reply.finally(cancel).then(resolve, reject);
    });
  }
}

function failureOf(error: unknown): CommandFailure {
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('NOPERM')) return 'permission';
  if (/^ERR unknown (sub)?command/i.test(message)) return 'absent';
  if (message.startsWith('ERR no such key')) return 'missing';
  return /^[A-Z]{2,} /.test(message) ? 'refused' : 'silent';
}

const CONTAINERS = ['ACL', 'CLIENT', 'CLUSTER', 'CONFIG', 'SCRIPT', 'SLOWLOG', 'XINFO'];

function nameOf(command: string, [subcommand]: readonly string[]): string {
  return CONTAINERS.includes(command) && subcommand !== undefined ? `${command} ${subcommand}` : command;
}

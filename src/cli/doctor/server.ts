import type { Milliseconds } from '../../index.js';
import type { Clock } from '../clock.js';

/** As much of the client as the doctor needs; the client's own types stay where it is made. */
export interface RawClient {
  readonly status: string;
  readonly stream: { destroy(): unknown };
  call(command: string, ...args: readonly string[]): Promise<unknown>;
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

/** The server, over the connection that the application would have. */
export class Server {
  #unanswered = 0;

  constructor(
    private readonly client: RawClient,
    private readonly clock: Clock,
    /** Resolves with `true` when the connection is ready anew, with `false` at the limit. */
    readonly readyAgain: (limit: Milliseconds) => Promise<boolean>,
  ) {}

  /** @throws CommandError */
  async send(command: string, ...args: readonly string[]): Promise<unknown> {
    if (this.#unanswered >= PATIENCE) throw new CommandError('silent', nameOf(command, args));
    try {
      const reply = await this.#answer(this.client.call(command, ...args));
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

  /** The client has a limit of its own, but some of its promises never settle. */
  #answer(reply: Promise<unknown>): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const cancel = this.clock.after(ANSWER_LIMIT, () => reject(new Error('no answer')));
      reply.finally(cancel).then(resolve, reject);
    });
  }

  /** Breaks the connection as a network would. */
  dropSocket(): void {
    this.client.stream.destroy();
  }
}

function failureOf(error: unknown): CommandFailure {
  const message = error instanceof Error ? error.message : '';
  if (message.startsWith('NOPERM')) return 'permission';
  if (/^ERR unknown (sub)?command/i.test(message)) return 'absent';
  if (message.startsWith('ERR no such key')) return 'missing';
  return /^[A-Z]{2,} /.test(message) ? 'refused' : 'silent';
}

const CONTAINERS = ['ACL', 'CLIENT', 'CONFIG', 'SCRIPT', 'SLOWLOG', 'XINFO'];

function nameOf(command: string, [subcommand]: readonly string[]): string {
  return CONTAINERS.includes(command) && subcommand !== undefined ? `${command} ${subcommand}` : command;
}

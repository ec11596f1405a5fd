import { connect, type Socket } from 'node:net';
import { once } from 'node:events';

const CRLF = '\r\n';
const DOLLAR = 36;
const CARRIAGE_RETURN = 13;

/**
 * The least that talks to Redis: commands of a tick in one write, replies by their length. What it cannot do faster, no
 * client on Node can: nothing here reconnects, times out or reads anything but a bulk string or a line.
 */
export class BareRedis {
  readonly #waiting: ((reply: string | null) => void)[] = [];
  #answered = 0;
  #outgoing = '';
  #rest: Buffer = Buffer.alloc(0);

  private constructor(private readonly socket: Socket) {
    socket.on('data', (chunk) => this.#read(chunk));
  }

  static async connect(port: number): Promise<BareRedis> {
    const socket = connect(port, '127.0.0.1').setNoDelay();
    await once(socket, 'connect');
    return new BareRedis(socket);
  }

  /** The reply to a command of ASCII words as text; `null` for none. */
  send(...words: readonly string[]): Promise<string | null> {
    if (this.#outgoing === '') process.nextTick(() => this.#flush());
    let command = `*${words.length}${CRLF}`;
    for (const word of words) command += `$${word.length}${CRLF}${word}${CRLF}`;
    this.#outgoing += command;
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  close(): Promise<void> {
    this.socket.destroy();
    return Promise.resolve();
  }

  #flush(): void {
    this.socket.write(this.#outgoing, 'latin1');
    this.#outgoing = '';
  }

  #read(chunk: Buffer): void {
    const bytes = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    let at = 0;
    for (;;) {
      const lineEnd = bytes.indexOf(CARRIAGE_RETURN, at);
      if (lineEnd === -1 || lineEnd + 2 > bytes.length) break;
      const length = bytes[at] === DOLLAR ? Number(bytes.toString('latin1', at + 1, lineEnd)) : -1;
      const end = length < 0 ? lineEnd + 2 : lineEnd + 2 + length + 2;
      if (end > bytes.length) break;
      this.#answer(length < 0 ? null : bytes.toString('latin1', lineEnd + 2, end - 2));
      at = end;
    }
    this.#rest = bytes.subarray(at);
  }

  #answer(reply: string | null): void {
    this.#waiting[this.#answered++]?.(reply);
    if (this.#answered < 4_096) return;
    this.#waiting.splice(0, this.#answered);
    this.#answered = 0;
  }
}

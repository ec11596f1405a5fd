/* A process that asks: for each order it makes so many requests, one at a time on each connection, and tells when all are answered. */
import { connect, type Socket } from 'node:net';

/** What is asked for. */
export interface HttpOrder {
  readonly port: number;
  readonly path: string;
  readonly requests: number;
}

const CONNECTIONS = 32;
const HEAD_END = '\r\n\r\n';

/** Connections by port, kept from order to order. */
const pools = new Map<number, Connection[]>();

/** One request at a time, and as little work for it as can be. */
class Connection {
  readonly #socket: Socket;
  #missing = 0;
  #head = '';
  #answered: (error?: Error) => void = () => undefined;

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1').setNoDelay();
    this.#socket.on('data', (chunk) => this.#read(chunk));
    this.#socket.on('error', (error) => this.#answered(error));
    this.#socket.on('close', () => this.#answered(new Error('the connection was closed')));
  }

  get isOpen(): boolean {
    return !this.#socket.destroyed;
  }

  ask(path: string): Promise<void> {
    if (!this.isOpen) return Promise.reject(new Error('the connection is closed'));
    this.#socket.write(`GET ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n`);
    return new Promise((resolve, reject) => {
      this.#answered = (error) => (error ? reject(error) : resolve());
    });
  }

  #read(chunk: Buffer): void {
    if (this.#missing === 0) this.#begin(chunk);
    else this.#missing -= chunk.length;
    if (this.#missing === 0 && this.#head === '') this.#answered();
  }

  #begin(chunk: Buffer): void {
    this.#head += chunk.toString('latin1');
    const end = this.#head.indexOf(HEAD_END);
    if (end === -1) return;
    const head = this.#head.slice(0, end);
    const length = /\r\ncontent-length: (\d+)/i.exec(head)?.[1];
    if (!head.startsWith('HTTP/1.1 200') || length === undefined) {
      this.#answered(new Error(`not an answer of known length: ${head}`));
      return;
    }
    this.#missing = Number(length) - (this.#head.length - end - HEAD_END.length);
    this.#head = '';
  }
}

/** Servers close what was idle while others had their turn. */
function connectionsTo(port: number): Connection[] {
  const open = (pools.get(port) ?? []).filter(({ isOpen }) => isOpen);
  while (open.length < CONNECTIONS) open.push(new Connection(port));
  pools.set(port, open);
  return open;
}

async function make({ port, path, requests }: HttpOrder): Promise<void> {
  let left = requests;
  const work = async (connection: Connection): Promise<void> => {
    while (left-- > 0) await connection.ask(path);
  };
  await Promise.all(connectionsTo(port).map(work));
}

process.on('message', (order: HttpOrder) => {
  void make(order).then(
    () => process.send?.('answered'),
    (error: unknown) => process.send?.(String(error)),
  );
});
process.on('disconnect', () => process.exit(0));
process.send?.('ready');

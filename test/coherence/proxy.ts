import { once } from 'node:events';
import { pause } from './context.js';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';

/** A TCP proxy that can swallow everything for a while, as a partitioned network does. */
export class Proxy {
  readonly #sockets = new Set<Socket>();
  readonly #delays = new WeakMap<Socket, number>();
  #swallowing = false;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async to(target: number): Promise<Proxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new Proxy(server, (server.address() as AddressInfo).port);
    server.on('connection', (socket) => {
      proxy.#join(socket, connect(target, '127.0.0.1'));
    });
    return proxy;
  }

  /** Nothing passes in either direction; nobody is told. What is on its way arrives when it ends. */
  swallow(on: boolean): void {
    this.#swallowing = on;
    for (const socket of this.#sockets) {
      if (on) socket.pause();
      else socket.resume();
    }
  }

  /** Gives each direction of each connection a delay of its own: what one connection tells overtakes what another does. */
  delay(choose: () => number): void {
    for (const socket of this.#sockets) this.#delays.set(socket, choose());
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.server.close();
  }

  #pipe(from: Socket, to: Socket): void {
    let last = Promise.resolve();
    from.on('data', (bytes) => {
      const due = pause(this.#delays.get(from) ?? 0);
      // In order, however the delay changes meanwhile.
      last = last.then(() => due).then(() => void to.write(bytes));
    });
  }

  #join(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.setNoDelay(true);
      this.#pipe(from, to);
      from.on('error', () => undefined);
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      if (this.#swallowing) from.pause();
    }
  }
}

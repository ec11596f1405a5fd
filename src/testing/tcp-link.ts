import type { Socket } from 'node:net';
import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';

/** How links treat what passes: one object for all links of a proxy, so that a change takes effect at once. */
export interface LinkRules {
  /** Nothing passes. */
  swallowing: boolean;
  /** How much later replies arrive. */
  replyDelay: Milliseconds;
  /** Changes the bytes of a reply in place. */
  corrupt: (bytes: Buffer) => void;
}

/** One connection through a proxy: what the client sends passes to the server, and the replies pass back. */
export class TcpLink {
  readonly #delays = { requests: 0, replies: 0 };
  /** How many more bytes of replies may pass. */
  #allowance = Infinity;

  constructor(
    private readonly client: Socket,
    private readonly server: Socket,
    private readonly rules: LinkRules,
    private readonly clock: Clock,
  ) {
    this.#relay(client, () => this.#delays.requests, this.#deliver(server));
    this.#relay(
      server,
      () => this.#delays.replies + rules.replyDelay,
      (bytes) => {
        this.#reply(bytes);
      },
    );
    for (const [one, other] of this.#pairs()) {
      one.setNoDelay(true);
      one.on('error', () => undefined);
      one.on('close', () => other.destroy());
    }
    this.flow();
  }

  /** Calls `listener` when the connection has ended. */
  onEnd(listener: () => void): void {
    this.client.on('close', listener);
  }

  /** Holds up or lets pass what comes, as the rules say now. */
  flow(): void {
    for (const [socket] of this.#pairs()) {
      if (this.rules.swallowing) socket.pause();
      else socket.resume();
    }
  }

  /** Gives each direction the delay that `choose` returns, in milliseconds. */
  delay(choose: () => Milliseconds): void {
    this.#delays.requests = choose();
    this.#delays.replies = choose();
  }

  /** Resets the connection after so many more bytes of replies. */
  cutAfter(bytes: number): void {
    this.#allowance = bytes;
  }

  /** Resets the connection: the client gets ECONNRESET, not an orderly end. */
  cut(): void {
    this.client.resetAndDestroy();
    this.server.destroy();
  }

  #pairs(): readonly (readonly [Socket, Socket])[] {
    return [
      [this.client, this.server],
      [this.server, this.client],
    ];
  }

  #relay(from: Socket, delay: () => Milliseconds, deliver: (bytes: Buffer) => void): void {
    let last = Promise.resolve();
    let waiting = 0;
    from.on('data', (bytes: Buffer) => {
      const wait = delay();
      if (wait === 0 && waiting === 0) {
        deliver(bytes);
        return;
      }
      const due = this.clock.sleep(wait);
      waiting += 1;
      // In order, however the delay changes meanwhile.
      last = last
        .then(() => due)
        .then(() => {
          waiting -= 1;
          deliver(bytes);
        });
    });
  }

  #reply(bytes: Buffer): void {
    this.rules.corrupt(bytes);
    const passing = bytes.subarray(0, this.#allowance);
    this.#allowance -= passing.length;
    const isCut = passing.length < bytes.length;
    if (isCut && passing.length === 0) this.cut();
    else if (isCut) this.client.write(passing, () => this.cut());
    else this.#deliver(this.client)(bytes);
  }

  #deliver(to: Socket): (bytes: Buffer) => void {
    return (bytes) => {
      if (to.writable) to.write(bytes);
    };
  }
}

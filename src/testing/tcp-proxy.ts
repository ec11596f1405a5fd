import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { type Clock, SystemClock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import { SeededRandom } from './seeded-random.js';
import { type LinkRules, TcpLink } from './tcp-link.js';

/**
 * A TCP proxy on a free port of 127.0.0.1 that does to a real connection what networks do: swallow, delay, cut in the
 * middle, refuse, corrupt. What is not said to concern connections of now only concerns those to come too.
 */
export class TcpProxy {
  readonly #links = new Set<TcpLink>();
  readonly #rules: LinkRules = { swallowing: false, replyDelay: 0, corrupt: nothing };
  #refusing = false;
  #target: number;

  private constructor(
    private readonly server: Server,
    /** Where clients connect to. */
    readonly port: number,
    target: number,
    private readonly clock: Clock,
  ) {
    this.#target = target;
  }

  /** A proxy to `target`, a port of 127.0.0.1, which need not be listening. Close it at the end. */
  static async to(target: number, clock: Clock = new SystemClock()): Promise<TcpProxy> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const proxy = new TcpProxy(server, (server.address() as AddressInfo).port, target, clock);
    server.on('connection', (socket) => {
      proxy.#join(socket);
    });
    return proxy;
  }

  /** How many connections there are. */
  get connections(): number {
    return this.#links.size;
  }

  /** Nothing passes in either direction and nobody is told, as in a partition. What is on its way arrives when it ends. */
  swallow(on: boolean): void {
    this.#rules.swallowing = on;
    for (const link of this.#links) link.flow();
  }

  /** Gives each direction of each connection of now a delay of its own in milliseconds: what one connection tells overtakes what another does. */
  delay(choose: () => Milliseconds): void {
    for (const link of this.#links) link.delay(choose);
  }

  /** Every reply arrives `delay` milliseconds later; 0 ends that. */
  slow(delay: Milliseconds): void {
    this.#rules.replyDelay = delay;
  }

  /** Flips one bit in that share of the bytes of replies, 0 to 1, chosen by `seed`; 0 ends that. */
  corrupt(share: number, seed = 1): void {
    const random = new SeededRandom(seed);
    this.#rules.corrupt =
      share === 0
        ? nothing
        : (bytes) => {
            for (let i = 0; i < bytes.length; i += 1)
              if (random.fraction() < share) bytes[i] = (bytes[i] as number) ^ (1 << random.below(8));
          };
  }

  /** Resets every connection of now, at once. */
  cut(): void {
    for (const link of this.#links) link.cut();
  }

  /** Resets each connection of now once `bytes` more bytes of replies have passed on it: in the middle of a reply. */
  cutAfter(bytes: number): void {
    for (const link of this.#links) link.cutAfter(bytes);
  }

  /** New connections are reset at once; those of now stay. */
  refuse(on: boolean): void {
    this.#refusing = on;
  }

  /** New connections go to `target`, another port of 127.0.0.1, as behind a name that moves in a failover; those of now stay. */
  leadTo(target: number): void {
    this.#target = target;
  }

  /** Ends all connections and frees the port. */
  async close(): Promise<void> {
    const closed = once(this.server, 'close');
    this.server.close();
    this.cut();
    await closed;
  }

  #join(client: Socket): void {
    client.on('error', nothing);
    if (this.#refusing) {
      client.resetAndDestroy();
      return;
    }
    const link = new TcpLink(client, connect(this.#target, '127.0.0.1'), this.#rules, this.clock);
    this.#links.add(link);
    link.onEnd(() => this.#links.delete(link));
  }
}

function nothing(): void {
  // Rules that change nothing, and errors of a client that was cut off.
}

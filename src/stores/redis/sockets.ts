import type { Duplex } from 'node:stream';
import type { Cluster, Redis } from 'ioredis';

/** As much as is needed here of what the client keeps to itself. */
interface Insides {
  connector: {
    connect(...given: unknown[]): Promise<Duplex>;
    /** Only where there are Sentinels. */
    connectToSentinel?(endpoint: unknown, options?: object): Redis;
  };
  socketTimeoutTimer: NodeJS.Timeout | undefined;
}

/** Told why a socket failed. The clients of nodes and of Sentinels keep that to themselves. */
export type SocketFailed = (error: Error) => void;

/**
 * Mends how the client treats its sockets. It listens for one error of each: a second one, as a TLS handshake has that is
 * broken off, would end the process. Version 5 also leaves the timer of a closed socket running: it ends the next socket,
 * and keeps the process from ending.
 */
export function mendSockets(client: Redis, failed: SocketFailed): void {
  const insides = client as unknown as Insides;
  const { connector } = insides;
  const connect = connector.connect.bind(connector);
  connector.connect = async (...given) => {
    const socket = await connect(...given);
    socket.on('error', failed);
    return socket;
  };
  const toSentinel = connector.connectToSentinel?.bind(connector);
  // Else it would have connected before it is mended.
  const options = { lazyConnect: true };
  if (toSentinel) connector.connectToSentinel = (to, given) => mended(toSentinel(to, { ...options, ...given }), failed);
  client.on('close', () => {
    clearTimeout(insides.socketTimeoutTimer);
    insides.socketTimeoutTimer = undefined;
  });
}

/** The same for all nodes of a Cluster, and for the copies of them that ask which node serves what. */
export function mendClusterSockets(cluster: Cluster, failed: SocketFailed): void {
  cluster.on('+node', (node: Redis) => {
    mendSockets(node, failed);
    const duplicate = node.duplicate.bind(node);
    node.duplicate = (override) => mended(duplicate(override), failed);
  });
  // A client for subscriptions, which we do not make, would be created out of reach of this.
  const { subscriber } = cluster as unknown as { subscriber?: { start(): void } };
  if (subscriber) subscriber.start = () => undefined;
}

function mended(client: Redis, failed: SocketFailed): Redis {
  mendSockets(client, failed);
  // The client prints what nobody listens to, as of those that hear of failovers.
  client.on('error', () => undefined);
  return client;
}

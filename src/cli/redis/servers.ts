import type { Milliseconds } from '../../index.js';
import type { Clock } from '../clock.js';
import type { Place } from './place.js';
import { type RawClient, Server } from './server.js';
import type { Endpoint } from './address.js';

/** As much of the client of a Cluster as the doctor needs. */
interface RawCluster {
  readonly status: string;
  nodes(role: 'master'): readonly RawNode[];
  call(command: string, ...args: readonly string[]): Promise<unknown>;
}

/** The client of one of its nodes. */
interface RawNode extends RawClient {
  readonly options: { readonly host?: string; readonly port?: number };
}

/** What the servers are made of. */
export interface ServersParts {
  readonly place: Place;
  readonly prefix: string;
  readonly clock: Clock;
  /** The client that the cache gives out. */
  readonly client: unknown;
  /** Resolves with `true` when the client as a whole is ready anew, with `false` at the limit. */
  readonly readyAgain: (limit: Milliseconds) => Promise<boolean>;
}

/** The servers that the application would ask. */
export interface Servers {
  /** Each primary: those of a Cluster, or the only one. */
  readonly primaries: readonly Server[];
  /** Whoever has the key that is asked for. */
  readonly whole: Server;
}

const PAUSE: Milliseconds = 25;
/** As many random keys that each part of a Cluster is asked for one of them; none of them is there. */
const KEYS_EACH = 32;

/** Takes the client apart into the servers that it leads to. */
export function serversOf(parts: ServersParts): Servers {
  if (parts.place.mode === 'cluster') return clusterServers(parts, parts.client as RawCluster);
  const client = parts.client as RawClient;
  const whole = new Server({
    name: '',
    clock: parts.clock,
    client: () => client,
    endpoint: () => endpointOf(parts.place, client),
    readyAgain: parts.readyAgain,
    dropSocket: () => client.stream?.destroy(),
  });
  return { primaries: [whole], whole };
}

/** Behind Sentinels only the connection tells which server it is. */
function endpointOf({ mode, addresses: [{ host, port, path, tls }] }: Place, client: RawClient): Endpoint | undefined {
  if (path !== undefined) return { at: { path }, tls };
  if (mode === 'standalone') return { at: { host, port }, tls };
  const { remoteAddress, remotePort } = client.stream ?? {};
  if (remoteAddress === undefined || remotePort === undefined) return undefined;
  return { at: { host: remoteAddress, port: remotePort }, tls };
}

function clusterServers({ place, prefix, clock, readyAgain }: ServersParts, cluster: RawCluster): Servers {
  const names = cluster.nodes('master').map(nameOf).toSorted();
  const keys = Array.from({ length: KEYS_EACH * names.length }, (_, i) => `${prefix}:doctor:${i}`);
  const nothing = { endpoint: () => undefined, dropSocket: () => undefined, readyAgain };
  const whole = new Server({ name: '', clock, client: () => cluster, ...nothing });
  return { whole, primaries: names.map(primary) };

  function primary(name: string): Server {
    const node = (): RawNode | undefined => cluster.nodes('master').find((each) => nameOf(each) === name);
    return new Server({
      ...{ name, clock, client: node },
      endpoint: () => nodeEndpoint(node(), place.addresses[0].tls),
      readyAgain: (limit) => isBack(node, limit),
      dropSocket: () => node()?.stream?.destroy(),
    });
  }

  /** The client forgets a node whose connection was lost, until it is told of it by commands for its keys. */
  async function isBack(node: () => RawNode | undefined, limit: Milliseconds): Promise<boolean> {
    const broken = node()?.stream;
    const end = clock.now() + limit;
    for (;;) {
      const now = node();
      if (now?.status === 'ready' && now.stream !== broken) return true;
      if (clock.now() >= end) return false;
      await new Promise<void>((resolve) => clock.after(PAUSE, resolve));
      for (const key of keys) cluster.call('STRLEN', key).catch(() => undefined);
    }
  }
}

function nodeEndpoint(node: RawNode | undefined, tls: boolean): Endpoint | undefined {
  const { host, port } = node?.options ?? {};
  return host === undefined || port === undefined ? undefined : { at: { host, port }, tls };
}

function nameOf({ options: { host = '', port = 6379 } }: RawNode): string {
  return `${host}:${port}`;
}

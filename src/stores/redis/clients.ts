import { Cluster, type ClusterOptions, Redis, type RedisOptions } from 'ioredis';
import type { Milliseconds } from '../../primitives/units.js';
import type { Clustered, RedisTarget, Sentinel, Standalone } from '../redis-target.js';
import { SCRIPTS } from './scripts.js';
import { parseNodeUrls, parseServerUrl, type ServerAddress } from './server-url.js';
import { mendClusterSockets, mendSockets, type SocketFailed } from './sockets.js';

/** What a client asks of its connection. */
export interface ClientHooks {
  /** How long to wait until the next attempt to connect. */
  readonly retryIn: (attempt: number) => Milliseconds;
  /** Whether to connect anew because of this error. */
  readonly leaves: (error: Error) => boolean;
  readonly socketFailed: SocketFailed;
}

/** How a client is to be used. */
export interface ClientUse {
  /** What the slowest command may take. */
  readonly longestAnswer: Milliseconds;
  /** Replicas serve reads of what may be old. */
  readonly role: 'primary' | 'replica';
  /** Whether every primary of a Cluster is connected to before the first command; otherwise each when it is needed. */
  readonly eager: boolean;
}

// The client's overloads choose the reply types by `replyMapping`; ours is always the default.
type ClientOptions = Omit<RedisOptions, 'replyMapping' | 'retryStrategy'>;

const CONNECT_TIMEOUT: Milliseconds = 2_000;
const DISCONNECT_TIMEOUT: Milliseconds = 500;
// Our own deadline comes first, as it lets answers through that have arrived already; the client's clears its queue.
const CLIENT_MARGIN: Milliseconds = 50;
const KEEP_ALIVE: Milliseconds = 5_000;
const SENTINEL_PORT = 26_379;
const SLOTS_TIMEOUT: Milliseconds = 300;
/** How often a command is sent on or again while a Cluster changes; its deadline comes first as a rule. */
const REDIRECTIONS = 5;
const REDIRECTION_PAUSE: Milliseconds = 50;

/** A client by the mode of its servers, not connected yet. @throws InvalidOptionError for a URL that breaks a rule */
export function createClient(target: RedisTarget, use: ClientUse, hooks: ClientHooks): Redis | Cluster {
  const { servers } = target;
  if (servers.mode === 'cluster') return clusterClient(servers, target, use, hooks);
  const place =
    servers.mode === 'sentinel' ? sentinelOptions(servers, target, use, hooks) : standaloneOptions(servers, target);
  const client = new Redis({
    ...place,
    ...policyOptions(use, hooks),
    scripts: SCRIPTS,
    lazyConnect: true,
    enableOfflineQueue: false,
    retryStrategy: hooks.retryIn,
  });
  mendSockets(client, hooks.socketFailed);
  return client;
}

/**
 * The failure policy of one connection: nothing is sent twice, nothing waits without a limit, and trying to reconnect
 * never ends.
 */
function policyOptions({ longestAnswer }: ClientUse, { leaves }: ClientHooks): ClientOptions {
  return {
    autoResendUnfulfilledCommands: false,
    maxRetriesPerRequest: 0,
    connectTimeout: CONNECT_TIMEOUT,
    disconnectTimeout: DISCONNECT_TIMEOUT,
    commandTimeout: longestAnswer + CLIENT_MARGIN,
    // Commands that only time out leave a half-open connection in use; a silent socket is replaced.
    socketTimeout: Math.max(4 * longestAnswer, 1_000),
    keepAlive: KEEP_ALIVE,
    maxLoadingRetryTime: 1_000,
    disableClientInfo: true,
    reconnectOnError: (error) => (leaves(error) ? 1 : false),
  };
}

function standaloneOptions({ url, database = 0 }: Standalone, target: RedisTarget): ClientOptions {
  const address = parseServerUrl('REDIS_URL', url);
  const place = address.path === undefined ? { host: address.host, port: address.port } : { path: address.path };
  return { ...place, db: address.database ?? database, ...accessOptions(address, target) };
}

function sentinelOptions(
  servers: Sentinel,
  target: RedisTarget,
  { role, longestAnswer }: ClientUse,
  { retryIn }: ClientHooks,
): ClientOptions {
  const sentinels = parseNodeUrls('REDIS_SENTINELS', servers.sentinels, SENTINEL_PORT);
  const [first] = sentinels as [ServerAddress];
  const { sentinelUsername = first.username, sentinelPassword = first.password } = servers;
  const access = accessOptions({ ...first, username: undefined, password: undefined }, target);
  return {
    sentinels: sentinels.map(({ host, port }) => ({ host, port })),
    name: servers.name,
    db: servers.database,
    role: role === 'primary' ? 'master' : 'slave',
    ...access,
    ...(access.tls && { sentinelTLS: access.tls, enableTLSForSentinelMode: true }),
    ...(sentinelUsername !== undefined && { sentinelUsername }),
    ...(sentinelPassword !== undefined && { sentinelPassword }),
    // Without it a client stays with a frozen primary for ever.
    failoverDetector: true,
    sentinelCommandTimeout: Math.max(longestAnswer, 500),
    // Told like any other attempt: otherwise nobody would hear that no Sentinel can be reached.
    sentinelRetryStrategy: retryIn,
  };
}

function clusterClient({ nodes }: Clustered, target: RedisTarget, use: ClientUse, hooks: ClientHooks): Cluster {
  const addresses = parseNodeUrls('REDIS_CLUSTER_NODES', nodes);
  const options = {
    scripts: SCRIPTS,
    lazyConnect: true,
    enableOfflineQueue: false,
    clusterRetryStrategy: hooks.retryIn,
    // ClusterWatch does that, and ends.
    slotsRefreshInterval: 0,
    // Short, as nodes are asked one after another, and the one that is frozen perhaps first.
    slotsRefreshTimeout: SLOTS_TIMEOUT,
    maxRedirections: REDIRECTIONS,
    retryDelayOnFailover: REDIRECTION_PAUSE,
    retryDelayOnClusterDown: REDIRECTION_PAUSE,
    retryDelayOnTryAgain: REDIRECTION_PAUSE,
    scaleReads: use.role === 'primary' ? 'master' : 'slave',
    redisOptions: {
      ...accessOptions(addresses[0] as ServerAddress, target),
      ...policyOptions(use, hooks),
    },
    // A certificate names hosts: their names must not be turned into addresses.
    dnsLookup: (address, callback) => callback(null, address),
  } satisfies ClusterOptions;
  const cluster = new Cluster(
    addresses.map(({ host, port }) => ({ host, port })),
    options,
  );
  mendClusterSockets(cluster, hooks.socketFailed);
  return cluster;
}

/** Who we are, and how the connection is secured. */
function accessOptions(
  address: ServerAddress,
  target: RedisTarget,
): Pick<ClientOptions, 'username' | 'password' | 'tls'> {
  const { username = target.username, password = target.password } = address;
  const { serverName, ...certificates } = target.tls;
  return {
    ...(username !== undefined && { username }),
    ...(password !== undefined && { password }),
    ...(address.isTls && { tls: { ...certificates, ...(serverName !== undefined && { servername: serverName }) } }),
  };
}

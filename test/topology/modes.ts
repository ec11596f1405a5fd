import type { RedisOptions } from '../../src/index.js';
import { passwordOf, serverUsers } from '../support/acl.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { RedisReplicas } from '../support/redis-replicas.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import { RedisServer } from '../support/redis-server.js';
import { Certificates } from '../support/tls.js';

/** Redis in one of its modes, with the users that this package ships. */
export interface Mode {
  /** How an application reaches it, as the user `app`. */
  readonly redis: RedisOptions;
  /** Those that hold data. */
  readonly servers: readonly RedisServer[];
  stop(): Promise<void>;
}

const USERS = { users: serverUsers('test') };
const APP = { username: 'app', password: passwordOf('app') };

async function alone(options: { unixSocket?: boolean } = {}): Promise<Mode> {
  const server = await RedisServer.start({ ...USERS, ...options });
  const url = options.unixSocket ? `unix://${server.socketPath}?db=0` : server.url;
  return { redis: { url, ...APP }, servers: [server], stop: () => server.stop() };
}

async function encrypted(): Promise<Mode> {
  const certificates = await Certificates.create();
  const server = await RedisServer.start({ ...USERS, tls: { certificates, clientAuth: true } });
  return {
    redis: { url: server.url, tls: certificates.read('client') },
    servers: [server],
    stop: async () => {
      await server.stop();
      await certificates.remove();
    },
  };
}

async function replicated(): Promise<Mode> {
  const all = await RedisReplicas.start({ ...USERS, replicas: 2 });
  const redis = { url: all.primary.url, replicas: all.replicaUrls, ...APP, waitReplicas: 1 };
  return { redis, servers: [all.primary, ...all.replicas], stop: () => all.stop() };
}

async function watched(): Promise<Mode> {
  const all = await RedisSentinel.start(USERS);
  const sentinel = { sentinelUsername: 'app', sentinelPassword: passwordOf('app') };
  const redis = { mode: 'sentinel', sentinels: all.sentinelUrls, name: all.name, ...sentinel, ...APP } as const;
  return { redis, servers: all.servers, stop: () => all.stop() };
}

async function clustered(options: Partial<RedisOptions> = {}): Promise<Mode> {
  const all = await RedisCluster.start(USERS);
  const redis = { mode: 'cluster', nodes: all.urls.slice(0, 2), ...APP, ...options } as RedisOptions;
  return { redis, servers: all.nodes, stop: () => all.stop() };
}

async function clusteredAndEncrypted(): Promise<Mode> {
  const certificates = await Certificates.create();
  const all = await RedisCluster.start({ ...USERS, tls: { certificates } });
  return {
    redis: { mode: 'cluster', nodes: all.urls, ...APP, tls: certificates.read() },
    servers: all.nodes,
    stop: async () => {
      await all.stop();
      await certificates.remove();
    },
  };
}

/** Every mode by what it is called. */
export const MODES: Readonly<Record<string, () => Promise<Mode>>> = {
  'one server': () => alone(),
  'one server, by unix socket': () => alone({ unixSocket: true }),
  'one server, by TLS with a certificate of ours': encrypted,
  'a primary, read by its replicas, which are waited for': replicated,
  Sentinels: watched,
  'a Cluster': () => clustered(),
  'a Cluster, read by its replicas, which are waited for': () => clustered({ readFromReplicas: true, waitReplicas: 1 }),
  'a Cluster, by TLS': clusteredAndEncrypted,
};

import type { RedisOptions } from '../../src/index.js';
import { RedisCluster } from '../support/redis-cluster.js';
import { RedisReplicas } from '../support/redis-replicas.js';
import { RedisSentinel } from '../support/redis-sentinel.js';
import { RedisServer, type RedisServerOptions } from '../support/redis-server.js';
import { Certificates } from '../support/tls.js';

/** Redis in one of its modes; clients reach each server through a proxy. */
export interface Setting {
  /** How an application reaches it. */
  readonly redis: RedisOptions;
  /** Those that hold data. */
  readonly servers: readonly RedisServer[];
  /** Those of them that were primaries when it was started. */
  readonly primaries: readonly RedisServer[];
  /** Resolves when a fault that is over is over for the servers too: somebody serves every key, and is followed. */
  untilHealthy(): Promise<void>;
  /** Makes a replica a primary in its place, as planned. */
  readonly failover?: () => Promise<void>;
  stop(): Promise<void>;
}

async function alone(options: RedisServerOptions): Promise<Setting> {
  const server = await RedisServer.start(options);
  const one = { servers: [server], primaries: [server] };
  return {
    ...{ ...one, redis: { url: server.url } },
    untilHealthy: () => Promise.resolve(),
    stop: () => server.stop(),
  };
}

async function encrypted(options: RedisServerOptions): Promise<Setting> {
  const certificates = await Certificates.create();
  const setting = await alone({ ...options, tls: { certificates, clientAuth: true } });
  return {
    ...setting,
    redis: { ...setting.redis, tls: certificates.read('client') },
    stop: async () => {
      await setting.stop();
      await certificates.remove();
    },
  };
}

async function replicated(options: RedisServerOptions): Promise<Setting> {
  const all = await RedisReplicas.start({ ...options, replicas: 1 });
  const password = options.password !== undefined && { password: options.password };
  return {
    redis: { url: all.primary.address, replicas: all.replicaUrls, ...password },
    servers: [all.primary, ...all.replicas],
    primaries: [all.primary],
    untilHealthy: () => all.untilSynced(),
    stop: () => all.stop(),
  };
}

async function watched(options: RedisServerOptions): Promise<Setting> {
  const all = await RedisSentinel.start(options);
  const { password } = options;
  const access = password !== undefined && { password, sentinelPassword: password };
  return {
    redis: { mode: 'sentinel', sentinels: all.sentinelUrls, name: all.name, ...access },
    servers: all.servers,
    primaries: [await all.primary()],
    untilHealthy: () => all.untilHealthy(),
    failover: () => all.failover(),
    stop: () => all.stop(),
  };
}

async function clustered(options: RedisServerOptions): Promise<Setting> {
  const all = await RedisCluster.start(options);
  const [first, ...others] = await all.primaries();
  if (!first) throw new Error('A cluster has primaries');
  const password = options.password !== undefined && { password: options.password };
  return {
    redis: { mode: 'cluster', nodes: all.urls, ...password },
    servers: all.nodes,
    primaries: [first, ...others].map(({ server }) => server),
    untilHealthy: () => all.untilHealthy(),
    failover: async () => {
      const [replica] = await all.replicasOf(first);
      if (replica) await all.failover(replica);
    },
    stop: () => all.stop(),
  };
}

const SETTINGS = {
  standalone: alone,
  tls: encrypted,
  replicas: replicated,
  sentinel: watched,
  cluster: clustered,
} as const;

/** The modes that the suite knows. */
export type ModeName = keyof typeof SETTINGS;

/** Every {@link ModeName}. */
export const MODE_NAMES = Object.keys(SETTINGS) as readonly ModeName[];

/** Starts Redis in a mode; all its servers get these options. */
export function startSetting(mode: ModeName, options: RedisServerOptions): Promise<Setting> {
  return SETTINGS[mode]({ ...options, proxied: true });
}

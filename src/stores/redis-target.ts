import type { RetrySchedule } from '../primitives/backoff.js';
import { maskUrl } from '../primitives/mask-url.js';
import type { Milliseconds } from '../primitives/units.js';

/** Certificates as PEM text, for servers that the system's authorities do not vouch for or that ask who we are. */
export interface RedisTls {
  /** Of the authority that signed the servers' certificates. @default the system's authorities */
  readonly ca?: string;
  /** Our own certificate, for servers that ask for one. */
  readonly cert?: string;
  /** The private key of `cert`. */
  readonly key?: string;
  /** The name that the servers' certificates must carry. @default the host connected to */
  readonly serverName?: string;
}

/** One server, by URL; replicas are servers that follow it. */
export interface Standalone {
  readonly mode: 'standalone';
  readonly url: string;
  /** Where the URL has none. */
  readonly database?: number;
  readonly replicas: readonly string[];
}

/** The primary of that name, asked of Sentinels. */
export interface Sentinel {
  readonly mode: 'sentinel';
  readonly sentinels: readonly string[];
  readonly name: string;
  readonly database: number;
  /** What the Sentinels themselves ask for. */
  readonly sentinelUsername: string | undefined;
  readonly sentinelPassword: string | undefined;
}

/** A Redis Cluster, of which some nodes are known. */
export interface Clustered {
  readonly mode: 'cluster';
  readonly nodes: readonly string[];
}

/** How to reach Redis. */
export interface RedisTarget {
  readonly servers: Standalone | Sentinel | Clustered;
  /** Used where the URL has none. */
  readonly username: string | undefined;
  readonly password: string | undefined;
  /** Used where the URL is `rediss://`. */
  readonly tls: RedisTls;
  /** The deadline of every command. */
  readonly commandTimeout: Milliseconds;
  readonly retry: RetrySchedule;
}

/** Where Redis is, as it may be shown. */
export function placeOf({ servers }: Pick<RedisTarget, 'servers'>): string {
  if (servers.mode === 'standalone') return maskUrl(servers.url);
  if (servers.mode === 'cluster') return `the Cluster of ${servers.nodes.map(maskUrl).join(', ')}`;
  return `the primary ${servers.name} of the Sentinels ${servers.sentinels.map(maskUrl).join(', ')}`;
}

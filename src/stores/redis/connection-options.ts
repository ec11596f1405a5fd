import type { RedisOptions } from 'ioredis';
import type { RetrySchedule } from '../../primitives/backoff.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import { maskUrl } from '../../primitives/mask-url.js';
import type { Milliseconds } from '../../primitives/units.js';

/** How to reach one Redis server. */
export interface RedisTarget {
  /** `redis://[user][:password]@host[:port][/db]`, or `rediss://` for TLS. */
  readonly url: string;
  /** Used where the URL has no password. */
  readonly password: string | undefined;
  /** The deadline of every command. */
  readonly commandTimeout: Milliseconds;
  readonly retry: RetrySchedule;
}

// The client's overloads choose the reply types by `replyMapping`; ours is always the default.
type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

const CONNECT_TIMEOUT: Milliseconds = 2_000;
const DISCONNECT_TIMEOUT: Milliseconds = 500;
// Our own deadline comes first, as it lets answers through that have arrived already; the client's clears its queue.
const CLIENT_MARGIN: Milliseconds = 50;
const KEEP_ALIVE: Milliseconds = 5_000;

/**
 * The client options of the failure policy: nothing is queued while offline, nothing is sent twice, nothing waits
 * without a limit, and trying to reconnect never ends. `longestAnswer` is what the slowest command may take.
 */
export function clientOptions(target: RedisTarget, longestAnswer: Milliseconds): ClientOptions {
  return {
    ...parseUrl(target),
    lazyConnect: true,
    enableOfflineQueue: false,
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
  };
}

function parseUrl({ url, password }: RedisTarget): ClientOptions {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  if (!parsed || !['redis:', 'rediss:'].includes(parsed.protocol) || parsed.hostname === '') {
    throw new InvalidOptionError('REDIS_URL', 'redis://[user][:password]@host[:port][/db] or rediss://…', maskUrl(url));
  }
  const secret = parsed.password === '' ? password : decoded(parsed.password, url);
  return {
    host: parsed.hostname.replace(/^\[|\]$/g, ''),
    port: parsed.port === '' ? 6379 : Number(parsed.port),
    db: database(parsed),
    ...(parsed.username === '' ? {} : { username: decoded(parsed.username, url) }),
    ...(secret === undefined ? {} : { password: secret }),
    ...(parsed.protocol === 'rediss:' ? { tls: {} } : {}),
  };
}

function decoded(text: string, url: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    throw new InvalidOptionError('REDIS_URL', 'percent-encoded in its user and password', maskUrl(url));
  }
}

function database(url: URL): number {
  const text = url.pathname.slice(1);
  if (/^\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidOptionError('REDIS_URL', 'followed by a database number or nothing', maskUrl(url.href));
}

import { passwordOf, sentinelUsers } from './acl.js';
import { ask } from './ask.js';
import type { RedisServer, RedisServerOptions } from './redis-server.js';

interface Watch extends RedisServerOptions {
  /** Under which the Sentinels know the primary. */
  name: string;
  /** The port of the primary. */
  port: number;
  /** How many Sentinels there are: most of them have to agree. */
  count: number;
  downAfterMs: number;
  failoverTimeoutMs: number;
}

const FILE = 'own.conf';

/** How quickly a Sentinel hears of others, of new roles, and trusts its clock again: else a test waits for 2, 10 and 30 s. */
const HASTE = ['publish-period', '200', 'info-period', '1000', 'tilt-period', '1000'];

/**
 * What starts a server that Sentinels watch, as a replica of the one at a port if there is one. They have it write its role
 * to its configuration, so that it comes back with it: it needs a file of its own, and the role not among its arguments.
 */
export function watchedOptions({ config, ...options }: RedisServerOptions, primaryPort?: number): RedisServerOptions {
  const base = config === undefined ? 'save ""\nappendonly no\n' : `include ${config}\n`;
  const role = primaryPort === undefined ? '' : `replicaof 127.0.0.1 ${primaryPort}\n`;
  return { ...options, config: FILE, files: { ...options.files, [FILE]: base + role } };
}

/** What makes a server a Sentinel. It rewrites its configuration, and so gets a file of its own. */
export function sentinelOptions({
  name,
  port,
  count,
  downAfterMs,
  failoverTimeoutMs,
  ...options
}: Watch): RedisServerOptions {
  const { users, password } = options;
  const quorum = Math.floor(count / 2) + 1;
  const lines = [
    `monitor ${name} 127.0.0.1 ${port} ${quorum}`,
    `down-after-milliseconds ${name} ${downAfterMs}`,
    `failover-timeout ${name} ${failoverTimeoutMs}`,
    ...(password === undefined ? [] : [`auth-pass ${name} ${password}`]),
    ...(users === undefined ? [] : [`auth-user ${name} sentinel`, `auth-pass ${name} ${passwordOf('sentinel')}`]),
    ...(users === undefined ? [] : ['sentinel-user sentinel', `sentinel-pass ${passwordOf('sentinel')}`]),
  ];
  return {
    ...options,
    ...(users !== undefined && { users: sentinelUsers() }),
    config: FILE,
    files: { ...options.files, [FILE]: lines.map((line) => `sentinel ${line}\n`).join('') },
    args: ['--sentinel'],
  };
}

export async function hasten(sentinel: RedisServer): Promise<void> {
  await ask(sentinel, 'SENTINEL', 'DEBUG', ...HASTE);
}

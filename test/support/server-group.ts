import { askInfo } from './ask.js';
import { RedisServer, type RedisServerOptions } from './redis-server.js';

/** What servers with replicas are started with. */
export const PEER_ARGS: readonly string[] = [
  // Without these a primary waits for more replicas before it sends its data, and at its end for those that lag behind.
  ...['--repl-diskless-sync-delay', '0', '--shutdown-timeout', '0'],
];

/** Starts servers at the same time: all of them, or none. */
export async function startAll(options: readonly RedisServerOptions[]): Promise<RedisServer[]> {
  const results = await Promise.allSettled(options.map((each) => RedisServer.start(each)));
  const servers = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []));
  const failure = results.find((result) => result.status === 'rejected');
  if (failure === undefined) return servers;
  await stopAll(servers);
  throw failure.reason;
}

export async function stopAll(servers: readonly RedisServer[]): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
}

export function repeat<T>(value: T, count: number): T[] {
  return Array.from({ length: count }, () => value);
}

/** What keeps servers from being replicas of the primary among them that have its data. */
export async function replicationTrouble(
  servers: readonly RedisServer[],
  primary: RedisServer,
): Promise<string | undefined> {
  const troubles = await Promise.all(
    servers.map(async (server) => {
      const info = await askInfo(server, 'INFO', 'replication');
      if (server === primary) return info.get('role') === 'master' ? undefined : 'the primary is a replica';
      const follows = Number(info.get('master_port')) === primary.clientPort && info.get('master_link_status') === 'up';
      return follows ? undefined : `port ${server.port} does not follow the primary`;
    }),
  );
  return troubles.find((trouble) => trouble !== undefined);
}

/** Those that a test has neither killed nor frozen. */
export function up(servers: readonly RedisServer[]): RedisServer[] {
  return servers.filter(({ isUp }) => isUp);
}

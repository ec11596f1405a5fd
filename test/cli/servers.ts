import { join } from 'node:path';
import { Redis } from 'ioredis';
import { TREE } from '../guards/sandbox.js';
import { shippedUsers as usersOf } from '../support/acl.js';
import { RedisServer, type RedisServerOptions } from '../support/redis-server.js';

/** What a secret of these tests begins with; no output may hold it. */
export const CANARY = 'canary-4711-not-to-be-seen';

/** The user that docs/failure.md recommends, and nobody else. */
const APP = [
  'on',
  `>${CANARY}`,
  '~shadower:*',
  '+@read',
  '+@write',
  '+@connection',
  '+@scripting',
  '-@dangerous',
  '+info',
];
/** The same, and it may look at the configuration. */
const OPERATOR = ['on', `>${CANARY}`, '~shadower:*', '+@all', '-@dangerous', '+info', '+config|get', '+slowlog|get'];

const CACHE_LIKE = ['--maxmemory', '256mb', '--maxmemory-policy', 'allkeys-lru'];
const USERS = ['--user', 'app', ...APP, '--user', 'operator', ...OPERATOR];

export class Ward {
  readonly #servers: RedisServer[] = [];
  readonly #clients: Redis[] = [];

  async server(options: RedisServerOptions = {}): Promise<RedisServer> {
    const server = await RedisServer.start(options);
    this.#servers.push(server);
    return server;
  }

  /** A server as the checklist wants it, but for what `args` say otherwise. */
  hardened(...args: string[]): Promise<RedisServer> {
    return this.server({ args: [...CACHE_LIKE, ...USERS, '--user', 'default', 'off', ...args] });
  }

  /** Like {@link hardened}, with the default user left to plant faults by. */
  open(...args: string[]): Promise<RedisServer> {
    return this.server({ args: [...CACHE_LIKE, ...USERS, ...args] });
  }

  /** A client of the default user. */
  client({ port }: RedisServer): Redis {
    const client = new Redis({ port, disableClientInfo: true });
    this.#clients.push(client);
    return client;
  }

  /** The server that docker/compose.yml starts, with the users that it ships; each has the canary as its password. */
  shipped(aclFile: string): Promise<RedisServer> {
    return this.server({ config: join(TREE, 'docker/redis/redis.conf'), args: ['--aclfile', aclFile] });
  }

  async close(): Promise<void> {
    for (const client of this.#clients.splice(0)) client.disconnect();
    await Promise.all(this.#servers.splice(0).map((server) => server.stop()));
  }
}

/** The shipped users, as docker/redis/start.sh fills them in. */
export function shippedUsers(): string {
  return usersOf('shadower', () => CANARY);
}

/** The variables of an application that is `user` there. */
export function variablesOf({ port }: { readonly port: number }, user?: string): Record<string, string> {
  const name = user === undefined ? '' : `${user}@`;
  return {
    NODE_ENV: user === undefined ? 'development' : 'production',
    REDIS_URL: `redis://${name}127.0.0.1:${port}/0`,
    ...(user !== undefined && { REDIS_PASSWORD: CANARY }),
    // These machines are shared: what is slow here is not Redis.
    CACHE_COMMAND_TIMEOUT_MS: '10000',
  };
}

import { randomBytes } from 'node:crypto';
import { mkdtempSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { TREE } from '../../guards/sandbox.js';
import { Janitor } from '../../support/janitor.js';
import { requireRedisBinary } from '../../support/redis-binary.js';
import { RedisServer, type RedisServerOptions } from '../../support/redis-server.js';

/** The files of the deployment. */
export const SHIPPED = join(TREE, 'docker/redis');

export const USERS = ['app', 'exporter', 'health', 'operator'] as const;
export type User = (typeof USERS)[number];

// The overloads of the client choose the types of replies by it; the tests take the default.
type ClientOptions = Omit<RedisOptions, 'replyMapping'>;

/** A server as the container has it: started by start.sh with the shipped configuration, rights, and a password for each user. */
export class ShippedRedis {
  readonly #clients: Redis[] = [];

  private constructor(
    readonly server: RedisServer,
    /** The folder of the secrets. */
    readonly secrets: string,
    private readonly passwords: Readonly<Record<User, string>>,
    private readonly janitor: Janitor,
  ) {}

  /** Starts it; `env` is what the container has besides the secrets, `prepare` adds to their folder. */
  static async start(
    env: Readonly<Record<string, string>> = {},
    options: RedisServerOptions = {},
    prepare: (secrets: string) => Promise<void> = () => Promise.resolve(),
  ): Promise<ShippedRedis> {
    const folder = mkdtempSync(join(tmpdir(), 'shipped-redis-'));
    const janitor = new Janitor(folder);
    // The name that the script calls, for whichever server program the tests have.
    symlinkSync(requireRedisBinary(), join(folder, 'redis-server'));
    const passwords = Object.fromEntries(USERS.map((user) => [user, randomBytes(24).toString('base64')])) as Record<
      User,
      string
    >;
    for (const user of USERS) writeFileSync(join(folder, `redis_${user}_password`), `${passwords[user]}\n`);
    const PATH = `${folder}${delimiter}${process.env['PATH'] ?? ''}`;
    const container = { PATH, REDIS_SECRETS: folder, TEST_REDIS_SERVER: join(SHIPPED, 'start.sh'), ...env };
    try {
      await prepare(folder);
      const server = await withEnvironment(container, () =>
        RedisServer.start({ config: join(SHIPPED, 'redis.conf'), ...options }),
      );
      return new ShippedRedis(server, folder, passwords, janitor);
    } catch (error) {
      await janitor.finish();
      throw error;
    }
  }

  passwordOf(user: User): string {
    return this.passwords[user];
  }

  /** The URL for a user, with the password. */
  urlOf(user: User): string {
    return `redis://${user}:${encodeURIComponent(this.passwords[user])}@127.0.0.1:${this.server.port}/0`;
  }

  /** A client of one user; it is closed with the server. */
  clientOf(user: User, options: ClientOptions = {}): Redis {
    const client = new Redis({
      host: '127.0.0.1',
      port: this.server.port,
      username: user,
      password: this.passwords[user],
      protocol: 2,
      enableReadyCheck: false,
      disableClientInfo: true,
      ...options,
    });
    // Who is refused finds out from the command.
    client.on('error', () => undefined);
    this.#clients.push(client);
    return client;
  }

  async stop(): Promise<void> {
    for (const client of this.#clients) client.disconnect();
    await this.server.stop();
    await this.janitor.finish();
  }
}

async function withEnvironment<T>(changes: Readonly<Record<string, string>>, work: () => Promise<T>): Promise<T> {
  const before = Object.keys(changes).map((name) => [name, process.env[name]] as const);
  Object.assign(process.env, changes);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      // eslint-disable-next-line @typescript-eslint/no-dynamic-delete -- as it was
      if (value === undefined) delete process.env[name];
      else process.env[name] = value;
    }
  }
}

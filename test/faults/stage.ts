import { Cluster, Redis, type RedisOptions } from 'ioredis';
import { RedisServer, type RedisServerOptions } from '../support/redis-server.js';
import type { TcpProxy } from '../../src/testing/tcp-proxy.js';
import type { Assignment } from './messages.js';
import { type ModeName, type Setting, startSetting } from './settings.js';
import { WorkerProcess } from './worker-process.js';

/** How a stage is set. */
export interface StageOptions {
  /** Of each server. */
  readonly server?: RedisServerOptions;
  /** What may not be shown, besides the password of the servers. */
  readonly secrets?: readonly string[];
}

const PATIENT = { disableClientInfo: true, maxRetriesPerRequest: null, retryStrategy: () => 20 } as const;

/** Redis in a mode, workers that reach it through proxies, and a source of truth that no fault touches. */
export class Stage {
  readonly workers: WorkerProcess[] = [];
  readonly #operators = new Map<RedisServer, Redis>();
  #admin: Redis | Cluster | undefined;

  private constructor(
    readonly setting: Setting,
    private readonly source: RedisServer,
    private readonly options: StageOptions,
  ) {
    for (const server of setting.servers) this.#operators.set(server, this.connect(server));
  }

  static async open(options: StageOptions = {}, mode: ModeName = 'standalone'): Promise<Stage> {
    const [setting, source] = await Promise.all([startSetting(mode, options.server ?? {}), RedisServer.start()]);
    return new Stage(setting, source, options);
  }

  /** Every password that may not be shown. */
  get secrets(): readonly string[] {
    const { server, secrets = [] } = this.options;
    return server?.password === undefined ? secrets : [...secrets, server.password];
  }

  /** The primary that is hurt where one is enough: of a Cluster, it serves a part of the keys. */
  get victim(): RedisServer {
    return this.setting.primaries[0] as RedisServer;
  }

  /** What stands between applications and each of the servers. */
  get proxies(): readonly TcpProxy[] {
    return this.setting.servers.flatMap(({ proxy }) => proxy ?? []);
  }

  /** A client of the operator's for keys, past the proxies. */
  get admin(): Redis | Cluster {
    this.#admin ??= this.#clientForKeys();
    return this.#admin;
  }

  /** Has the operator do something to every server. */
  everywhere<T>(work: (operator: Redis, server: RedisServer) => Promise<T>): Promise<T[]> {
    return this.#on(this.setting.servers, work);
  }

  /** Has the operator do something to every primary. */
  onPrimaries<T>(work: (operator: Redis, server: RedisServer) => Promise<T>): Promise<T[]> {
    return this.#on(this.setting.primaries, work);
  }

  /** Starts a worker, the last of so many. */
  async startWorker(assignment: Partial<Assignment> = {}): Promise<WorkerProcess> {
    const { redis } = this.setting;
    const common = { worker: this.workers.length, workers: 1, seed: 1, redis, sourceUrl: this.source.url };
    const worker = new WorkerProcess({ ...common, ...assignment }, (raised) => {
      for (const other of this.workers) if (other !== worker) other.tell(raised);
    });
    this.workers.push(worker);
    await worker.started();
    return worker;
  }

  /** One more connection of the operator's. */
  connect(server: RedisServer): Redis {
    const client = new Redis({ ...loginAt(server), ...PATIENT });
    client.on('error', () => undefined);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    for (const client of [this.#admin, ...this.#operators.values()]) client?.disconnect();
    await Promise.all([this.setting.stop(), this.source.stop()]);
  }

  #on<T>(servers: readonly RedisServer[], work: (operator: Redis, server: RedisServer) => Promise<T>): Promise<T[]> {
    return Promise.all(servers.map((server) => work(this.#operators.get(server) as Redis, server)));
  }

  #clientForKeys(): Redis | Cluster {
    const { servers, redis } = this.setting;
    if (redis.mode !== 'cluster') return this.connect(this.victim);
    const pastProxies = servers.map(({ port, clientPort }) => [`127.0.0.1:${clientPort}`, { host: '127.0.0.1', port }]);
    const { host, port, ...redisOptions } = loginAt(this.victim);
    const natMap = Object.fromEntries(pastProxies) as Record<string, { host: string; port: number }>;
    const cluster = new Cluster([{ host, port }], {
      natMap,
      redisOptions: { ...redisOptions, disableClientInfo: true },
    });
    cluster.on('error', () => undefined);
    return cluster;
  }
}

function loginAt(server: RedisServer): Omit<RedisOptions, 'replyMapping'> & { host: string; port: number } {
  return { ...server.admin, host: '127.0.0.1', port: server.port };
}

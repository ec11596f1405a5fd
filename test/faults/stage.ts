import { Redis } from 'ioredis';
import { TcpProxy } from '../../src/testing/tcp-proxy.js';
import { RedisServer, type RedisServerOptions } from '../support/redis-server.js';
import type { Assignment } from './messages.js';
import { WorkerProcess } from './worker-process.js';

/** How a stage is set. */
export interface StageOptions {
  readonly server?: RedisServerOptions;
  /** The password that the workers give; the server's unless given. */
  readonly password?: string;
}

/** A Redis server, workers that reach it through a proxy, and a source of truth that no fault touches. */
export class Stage {
  readonly workers: WorkerProcess[] = [];

  /** A connection of the operator's, past the proxy. */
  readonly admin: Redis;

  private constructor(
    readonly redis: RedisServer,
    readonly proxy: TcpProxy,
    private readonly source: RedisServer,
    private readonly options: StageOptions,
  ) {
    this.admin = this.connect();
  }

  static async open(options: StageOptions = {}): Promise<Stage> {
    const [redis, source] = await Promise.all([RedisServer.start(options.server), RedisServer.start()]);
    return new Stage(redis, await TcpProxy.to(redis.port), source, options);
  }

  /** Every password that may not be shown. */
  get secrets(): readonly string[] {
    return [this.options.password, this.options.server?.password].filter((secret) => secret !== undefined);
  }

  /** Starts a worker, the last of so many. */
  async startWorker(assignment: Partial<Assignment> = {}): Promise<WorkerProcess> {
    const password = this.options.password ?? this.options.server?.password;
    const redisUrl = `redis://${password === undefined ? '' : `:${password}@`}127.0.0.1:${this.proxy.port}/0`;
    const common = { worker: this.workers.length, workers: 1, seed: 1, redisUrl, sourceUrl: this.source.url };
    const worker = new WorkerProcess({ ...common, ...assignment }, (raised) => {
      for (const other of this.workers) if (other !== worker) other.tell(raised);
    });
    this.workers.push(worker);
    await worker.started();
    return worker;
  }

  /** One more connection of the operator's. */
  connect(): Redis {
    const options = { disableClientInfo: true, maxRetriesPerRequest: null, retryStrategy: () => 20 };
    const client = new Redis(this.redis.url, options);
    client.on('error', () => undefined);
    return client;
  }

  async close(): Promise<void> {
    await Promise.all(this.workers.map((worker) => worker.kill()));
    this.admin.disconnect();
    await this.proxy.close();
    await Promise.all([this.redis.stop(), this.source.stop()]);
  }
}

import { ask, fieldsOf } from './ask.js';
import { RedisServer, type RedisServerOptions } from './redis-server.js';
import { hasten, sentinelOptions, watchedOptions } from './sentinel-options.js';
import { PEER_ARGS, repeat, replicationTrouble, startAll, stopAll, up } from './server-group.js';
import { untilWell } from './until-well.js';

/** Besides these, what each of its servers is started with; `password`, `tls` and `binary` hold for the Sentinels too. */
export interface RedisSentinelOptions extends RedisServerOptions {
  /** @default 2 */
  replicas?: number;
  /** @default 3 */
  sentinels?: number;
  /** How long a server may be silent until a Sentinel calls it down. @default 1000 */
  downAfterMs?: number;
  /** How long a failover may take; the next one is tried after twice that time. @default 5000 */
  failoverTimeoutMs?: number;
}

/** Sentinels that do not agree whom to elect try again after a while. */
const LIMIT_MS = 30_000;
const NAME = 'main';

/** A primary, its replicas and their Sentinels, on free ports of 127.0.0.1. */
export class RedisSentinel {
  /** Under which the Sentinels know the primary. */
  readonly name = NAME;

  private constructor(
    /** The primary and the replicas; the first was the primary at the start. */
    readonly servers: readonly RedisServer[],
    readonly sentinels: readonly RedisServer[],
  ) {}

  /** Starts them and resolves when all of it is healthy. */
  static async start(options: RedisSentinelOptions = {}): Promise<RedisSentinel> {
    const { replicas = 2, sentinels = 3, downAfterMs = 1_000, failoverTimeoutMs = 5_000, args = [], ...rest } = options;
    const each = { announce: '--replica-announce-port', ...rest, args: [...PEER_ARGS, ...args] };
    const primary = await RedisServer.start(watchedOptions(each));
    const started = [primary];
    try {
      started.push(...(await startAll(repeat(watchedOptions(each, primary.clientPort), replicas))));
      const servers = [...started];
      // A Sentinel looks for replicas when it starts, and then not for long: they have to be there.
      await untilWell(LIMIT_MS, () => replicationTrouble(servers, primary));
      const sentinel = sentinelOptions({
        ...rest,
        proxied: false,
        name: NAME,
        port: primary.clientPort,
        count: sentinels,
        downAfterMs,
        failoverTimeoutMs,
      });
      const all = new RedisSentinel(servers, await startAll(repeat(sentinel, sentinels)));
      started.push(...all.sentinels);
      await Promise.all(all.sentinels.map(hasten));
      await all.untilHealthy();
      return all;
    } catch (error) {
      await stopAll(started);
      throw error;
    }
  }

  /** Where the Sentinels listen. */
  get sentinelUrls(): string[] {
    return this.sentinels.map(({ address }) => address);
  }

  /** The server that the Sentinels call the primary now: of several opinions, the newest. */
  async primary(): Promise<RedisServer> {
    const answers = await Promise.allSettled(up(this.sentinels).map((sentinel) => this.#opinionOf(sentinel)));
    const opinions = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []));
    const [newest] = opinions.sort((one, other) => Number(other.get('config-epoch')) - Number(one.get('config-epoch')));
    const primary = this.servers.find(({ clientPort }) => clientPort === Number(newest?.get('port')));
    if (!primary) throw new Error('No Sentinel tells who is the primary');
    return primary;
  }

  /** Has the Sentinels make a replica the primary, and resolves when all know. */
  async failover(): Promise<void> {
    const [sentinel] = up(this.sentinels);
    if (!sentinel) throw new Error('No Sentinel is up');
    const before = await this.primary();
    await untilWell(LIMIT_MS, async () => {
      if ((await this.primary()) !== before) return undefined;
      // One that a Sentinel gives up is not tried again by itself, as nothing is down: without this a test waits for ever.
      const { flags } = Object.fromEntries(await this.#opinionOf(sentinel));
      if (flags === 'master') await ask(sentinel, 'SENTINEL', 'FAILOVER', this.name);
      return `no new primary, the old one is called ${flags}`;
    });
    await this.untilHealthy();
  }

  /**
   * Resolves when all who are up agree on a primary that is up, and each replica has its data. Whom a test has killed or
   * frozen is not waited for.
   */
  async untilHealthy(limitMs = LIMIT_MS): Promise<void> {
    // A Sentinel that was started again is as slow as it is by default.
    await Promise.allSettled(up(this.sentinels).map(hasten));
    await untilWell(limitMs, () => this.#trouble());
  }

  stop(): Promise<void> {
    return stopAll([...this.sentinels, ...this.servers]);
  }

  async #trouble(): Promise<string | undefined> {
    const primary = await this.primary();
    if (!primary.isUp) return `the primary, port ${primary.port}, is not up`;
    const replication = await replicationTrouble(up(this.servers), primary);
    if (replication !== undefined) return replication;
    const troubles = await Promise.all(up(this.sentinels).map((sentinel) => this.#troubleOf(sentinel, primary)));
    return troubles.find((trouble) => trouble !== undefined);
  }

  async #troubleOf(sentinel: RedisServer, primary: RedisServer): Promise<string | undefined> {
    const opinion = await this.#opinionOf(sentinel);
    const name = `Sentinel ${sentinel.port}`;
    if (Number(opinion.get('port')) !== primary.clientPort) return `${name} knows another primary`;
    if (opinion.get('flags') !== 'master') return `${name} calls the primary ${String(opinion.get('flags'))}`;
    if (Number(opinion.get('num-other-sentinels')) < this.sentinels.length - 1) return `${name} misses Sentinels`;
    const replicas = await this.#replicasOf(sentinel);
    const followers = up(this.servers).filter((server) => server !== primary);
    const missing = followers.find(({ clientPort }) => replicas.get(clientPort) !== 'slave');
    return missing && `${name} calls port ${missing.port} ${String(replicas.get(missing.clientPort))}`;
  }

  async #opinionOf(sentinel: RedisServer): Promise<Map<string, string>> {
    return fieldsOf(await ask(sentinel, 'SENTINEL', 'MASTER', this.name));
  }

  /** What the Sentinel calls each replica, by port: nothing but `slave` is good. */
  async #replicasOf(sentinel: RedisServer): Promise<Map<number, string | undefined>> {
    const answer = (await ask(sentinel, 'SENTINEL', 'REPLICAS', this.name)) as unknown[];
    return new Map(answer.map(fieldsOf).map((fields) => [Number(fields.get('port')), fields.get('flags')]));
  }
}

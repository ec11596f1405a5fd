import type { Milliseconds } from '../../primitives/units.js';
import type { Ledger, LedgerEnd, LedgerRecord } from '../contracts.js';
import type { RedisConnection } from './redis-connection.js';
import { isReplicatedTo } from './replication.js';
import { SameServer } from './same-server.js';
import type { ScriptedRedis } from './scripts.js';

/** How many records a ledger keeps, about. At a thousand invalidations a second that is ten seconds of replay and audit. */
const LEDGER_LENGTH = 10_000;
const READ_BATCH = 500;
const FIELD = 'r';

/** The connections that a ledger uses: reads block, so they have one of their own. */
export interface LedgerConnections {
  readonly commands: RedisConnection;
  /** For appends, as for the invalidations that they tell of. */
  readonly invalidations: RedisConnection;
  readonly blocking: RedisConnection;
}

/** The ledger as a Redis Stream. */
export class RedisLedger implements Ledger {
  readonly #sameServer: SameServer;

  constructor(
    private readonly connections: LedgerConnections,
    private readonly name: string,
    private readonly waitReplicas: number,
  ) {
    this.#sameServer = new SameServer(connections.commands, connections.blocking);
  }

  get shard(): string {
    return this.connections.commands.shards.of(this.name);
  }

  async append(text: string): Promise<string> {
    const id = await this.connections.invalidations.run('append', this.name, (redis) =>
      redis.xadd(this.name, 'MAXLEN', '~', LEDGER_LENGTH, '*', FIELD, text),
    );
    return id ?? '';
  }

  /** What an old primary says of it may not renew the trust of a process whose commands go to the new one. */
  async end(): Promise<LedgerEnd | null> {
    const ask = (redis: ScriptedRedis): Promise<unknown> => redis.xinfo('STREAM', this.name).catch(missingIsNull);
    const [reply] = await Promise.all([
      this.connections.blocking.run('ledger-end', this.name, ask),
      this.#sameServer.check('ledger-end'),
    ]);
    if (!Array.isArray(reply)) return null;
    const facts = new Map<unknown, unknown>();
    for (let i = 0; i + 1 < reply.length; i += 2) facts.set(reply[i], reply[i + 1]);
    return { id: String(facts.get('last-generated-id')), appended: Number(facts.get('entries-added')) };
  }

  async read(id: string, wait: Milliseconds): Promise<readonly LedgerRecord[]> {
    const reply = await this.connections.blocking.run('ledger-read', this.name, (redis) =>
      redis.xread('COUNT', READ_BATCH, 'BLOCK', Math.max(1, Math.round(wait)), 'STREAMS', this.name, id),
    );
    return (reply?.[0]?.[1] ?? []).map(toRecord);
  }

  async latest(count: number): Promise<readonly LedgerRecord[]> {
    const entries = await this.connections.commands.run('ledger-latest', this.name, (redis) =>
      redis.xrevrange(this.name, '+', '-', 'COUNT', count),
    );
    return entries.map(toRecord);
  }

  isReplicated(): Promise<boolean> {
    return isReplicatedTo(this.waitReplicas, this.connections.invalidations, [this.shard]);
  }

  async discard(): Promise<void> {
    await this.connections.invalidations.run('discard', this.name, (redis) => redis.unlink(this.name));
  }
}

function missingIsNull(error: unknown): null {
  if (error instanceof Error && error.message.includes('no such key')) return null;
  throw error;
}

function toRecord([id, fields]: readonly [string, readonly string[]]): LedgerRecord {
  const at = fields.indexOf(FIELD);
  return { id, text: at % 2 === 0 ? (fields[at + 1] ?? '') : '' };
}

import type { Milliseconds } from '../../primitives/units.js';
import type { Ledger, LedgerEnd, LedgerRecord } from '../contracts.js';
import { RECORD_FIELD, toRecord } from './ledger-commands.js';
import type { LedgerFeed } from './ledger-feed.js';
import type { RedisConnection } from './redis-connection.js';
import { isReplicatedTo } from './replication.js';

/** How many records a ledger keeps, about. At a thousand invalidations a second that is ten seconds of replay and audit. */
const LEDGER_LENGTH = 10_000;

/** What a ledger uses. */
export interface LedgerConnections {
  readonly commands: RedisConnection;
  /** For appends, as for the invalidations that they tell of. */
  readonly invalidations: RedisConnection;
  /** Reads block, so they have a connection of their own, which all ledgers share. */
  readonly feed: LedgerFeed;
}

/** The ledger as a Redis Stream. */
export class RedisLedger implements Ledger {
  constructor(
    private readonly connections: LedgerConnections,
    private readonly name: string,
    private readonly waitReplicas: number,
  ) {}

  get shard(): string {
    return this.connections.commands.shards.of(this.name);
  }

  async append(text: string): Promise<string> {
    const id = await this.connections.invalidations.run('append', this.name, (redis) =>
      redis.xadd(this.name, 'MAXLEN', '~', LEDGER_LENGTH, '*', RECORD_FIELD, text),
    );
    return id ?? '';
  }

  end(): Promise<LedgerEnd | null> {
    return this.connections.feed.end(this.name);
  }

  read(id: string, wait: Milliseconds): Promise<readonly LedgerRecord[]> {
    return this.connections.feed.read(this.name, id, wait);
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

import { ask } from './ask.js';
import type { RedisServer } from './redis-server.js';

const BATCH = 100;
const LIMIT_MS = 5_000;

/** One end of a move. */
export interface ClusterEnd {
  readonly id: string;
  readonly server: RedisServer;
}

/** A slot on its way from one primary to another: both know, and a key is where `moveKeys` left it. */
export class SlotMove {
  private constructor(
    readonly slot: number,
    readonly from: ClusterEnd,
    readonly to: ClusterEnd,
  ) {}

  static async begin(slot: number, from: ClusterEnd, to: ClusterEnd): Promise<SlotMove> {
    // In this order: the source sends clients on as soon as it knows.
    await ask(to.server, 'CLUSTER', 'SETSLOT', slot, 'IMPORTING', from.id);
    await ask(from.server, 'CLUSTER', 'SETSLOT', slot, 'MIGRATING', to.id);
    return new SlotMove(slot, from, to);
  }

  /** Moves keys of the slot, at most `limit`, and tells which. */
  async moveKeys(limit = Infinity): Promise<string[]> {
    const moved: string[] = [];
    while (moved.length < limit) {
      const keys = await this.#next(Math.min(BATCH, limit - moved.length));
      if (keys.length === 0) break;
      await this.#migrate(keys);
      moved.push(...keys);
    }
    return moved;
  }

  /** Moves the other keys too and gives the slot to its new owner. */
  async finish(): Promise<void> {
    await this.moveKeys();
    // In this order: if the source gave the slot away first, nobody would have it for a moment.
    for (const { server } of [this.to, this.from])
      await ask(server, 'CLUSTER', 'SETSLOT', this.slot, 'NODE', this.to.id);
  }

  async #next(count: number): Promise<string[]> {
    return (await ask(this.from.server, 'CLUSTER', 'GETKEYSINSLOT', this.slot, count)) as string[];
  }

  async #migrate(keys: readonly string[]): Promise<void> {
    const { port, username, password } = this.to.server.admin;
    const auth = username ? ['AUTH2', username, password ?? ''] : password ? ['AUTH', password] : [];
    await ask(this.from.server, 'MIGRATE', '127.0.0.1', port ?? 0, '', 0, LIMIT_MS, ...auth, 'KEYS', ...keys);
  }
}

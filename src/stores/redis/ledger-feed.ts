import type { Milliseconds } from '../../primitives/units.js';
import type { LedgerEnd, LedgerRecord } from '../contracts.js';
import type { RedisConnection } from './redis-connection.js';
import { endOf, readAfter, type LedgerPlace } from './ledger-commands.js';
import type { SameServer } from './same-server.js';

/** What is asked in one turn, by the name of the ledger. */
interface Turn {
  readonly ends: Map<string, Promise<LedgerEnd | null>>;
  readonly reads: Map<string, LedgerPlace>;
  readonly begun: Promise<void>;
  /** What was read, by ledger; those without news are not there. */
  readonly read: Promise<ReadonlyMap<string, readonly LedgerRecord[]>>;
}

/**
 * Follows several ledgers, all of one slot, over one connection, which a blocking read holds up: in turns, each of which
 * asks for all ends and then, in one command, for the news of all. Who asks while a turn is under way is in the next one.
 */
export class LedgerFeed {
  #next: Turn | undefined;
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    private readonly connection: RedisConnection,
    private readonly sameServer: SameServer,
  ) {}

  /** Where a ledger ends, or `null` when there is none. */
  end(name: string): Promise<LedgerEnd | null> {
    const { ends, begun } = this.#turn();
    const known = ends.get(name);
    if (known) return known;
    const end = begun.then(() => this.#endOf(name));
    // A read of the same turn looks at it, whether or not somebody still waits.
    end.catch(() => undefined);
    ends.set(name, end);
    return end;
  }

  /** The records of a ledger after `id`; waits up to `wait`, and less where another ledger has news or waits less. */
  async read(name: string, id: string, wait: Milliseconds): Promise<readonly LedgerRecord[]> {
    const turn = this.#turn();
    turn.reads.set(name, { id, wait });
    return (await turn.read).get(name) ?? [];
  }

  /** What an old primary says of it may not renew the trust of a process whose commands go to the new one. */
  async #endOf(name: string): Promise<LedgerEnd | null> {
    const [end] = await Promise.all([endOf(this.connection, name), this.sameServer.check('ledger-end')]);
    return end;
  }

  /** The turn that still gathers. It begins when the one before it has ended, and whoever that woke up has asked again. */
  #turn(): Turn {
    if (this.#next) return this.#next;
    const [ends, reads] = [new Map<string, Promise<LedgerEnd | null>>(), new Map<string, LedgerPlace>()];
    const begun = this.#last.then(soon).then(() => {
      this.#next = undefined;
    });
    const read = begun.then(() => this.#read(ends, reads));
    this.#next = { ends, reads, begun, read };
    this.#last = read.catch(() => undefined);
    return this.#next;
  }

  /** A ledger that is gone, or that something else has the name of, must not keep the others from being read. */
  async #read(ends: Turn['ends'], reads: Turn['reads']): Promise<ReadonlyMap<string, readonly LedgerRecord[]>> {
    const asked = [...reads];
    const isThere = await Promise.all(asked.map(([name]) => exists(ends.get(name))));
    const there = new Map(asked.filter((_, i) => isThere[i]));
    return there.size === 0 ? new Map() : readAfter(this.connection, there);
  }
}

/** After everything that is ready to run. */
function soon(): Promise<void> {
  return new Promise((resolve) => {
    process.nextTick(resolve);
  });
}

/** Whether there is a ledger; one whose end was not asked for is taken to be there. */
async function exists(end: Promise<LedgerEnd | null> | undefined): Promise<boolean> {
  if (!end) return true;
  return end.then(
    (found) => found !== null,
    () => false,
  );
}

import type { Clock } from '../primitives/clock.js';
import type { Milliseconds } from '../primitives/units.js';
import { type Ledger, RemoteStoreError } from '../stores/contracts.js';
import type { BackgroundTasks } from './background-tasks.js';
import { emptyRecord, encodeRecord } from './invalidation-record.js';
import type { Invalidator } from './invalidator.js';

/** What reassertions are made with. */
export interface ReassertionParts {
  readonly clock: Clock;
  /** Not the guarded one: its failures are not news, as the failover is. */
  readonly ledger: Ledger;
  readonly invalidator: Pick<Invalidator, 'assertAgain'>;
  readonly background: BackgroundTasks;
  readonly origin: string;
}

/** Who notices a failover tells the others; who asserted so long ago at most was told of the same one. */
const SAME_FOR: Milliseconds = 10_000;
const SPACING: Milliseconds = 1_000;
const PAUSE: Milliseconds = 500;
const ATTEMPTS = 60;

/**
 * After a failover: what asynchronous replication lost is invalidated again by every instance that remembers it. Whoever
 * notices first writes a record to the ledger, which all follow, so that idle instances do not find out last.
 */
export class Reassertion {
  #assertedAt = -Infinity;
  #noticedAt = -Infinity;
  #isDue = false;
  #isStopped = false;

  constructor(private readonly parts: ReassertionParts) {}

  /** A server serves that did not write what was written before. Always acted upon: the last time may have reached the one before. */
  noticed(): void {
    const { clock, background } = this.parts;
    const isNews = clock.now() - this.#assertedAt > SAME_FOR;
    this.#soon();
    if (isNews) background.run('tell of a failover', () => this.#tell());
  }

  /** The ledger has lost records, or another instance has noticed a failover: this one notices by itself too, later perhaps. */
  told(): void {
    if (this.parts.clock.now() - this.#assertedAt > SAME_FOR) this.#assert();
  }

  /** Ends the telling: it would keep the process alive while the ledger cannot be reached. */
  stop(): void {
    this.#isStopped = true;
  }

  /** Now, or when the last notice is not so near any more, once for all that come until then: many nodes may restart. */
  #soon(): void {
    const { clock } = this.parts;
    if (this.#isDue) return;
    const rest = this.#noticedAt + SPACING - clock.now();
    this.#isDue = rest > 0;
    if (this.#isDue) clock.after(rest, () => this.#act());
    else this.#act();
  }

  #act(): void {
    this.#isDue = false;
    this.#noticedAt = this.parts.clock.now();
    this.#assert();
  }

  #assert(): void {
    this.#assertedAt = this.parts.clock.now();
    this.parts.background.run('assert again', () => this.parts.invalidator.assertAgain());
  }

  /** The server that holds the ledger may be the one that failed over, and not serve yet. */
  async #tell(): Promise<void> {
    const { clock, ledger, origin } = this.parts;
    for (let attempt = 1; attempt <= ATTEMPTS && !this.#isStopped; attempt += 1) {
      try {
        await ledger.append(encodeRecord({ ...emptyRecord(origin, clock.now()), again: true }));
        return;
      } catch (error) {
        if (!(error instanceof RemoteStoreError)) throw error;
        await clock.sleep(PAUSE);
      }
    }
  }
}

import type { RemoteFailure } from '../../src/stores/contracts.js';
import { pause } from '../coherence/context.js';
import type { Stage, StageOptions } from './stage.js';

/** Undoes a fault. */
export type Heal = () => Promise<unknown>;

/** One way in which Redis, or the way to it, goes wrong. */
export interface Fault {
  readonly name: string;
  readonly stage?: StageOptions;
  /** Done before there is a worker. */
  readonly prepare?: (stage: Stage) => Promise<unknown>;
  /** The fault is there before the worker is. */
  readonly atStart?: true;
  readonly inflict: (stage: Stage) => Promise<Heal>;
  /** The worker's deadline for commands, where it is not the suite's. */
  readonly commandTimeoutMs?: number;
  /** How long it lasts before it is looked at, in milliseconds, at least. */
  readonly lasts?: number;
  /**
   * What becomes of reads while it lasts. `degraded`: Redis answers none, so all that memory cannot answer are loaded, and
   * none is taken for a miss. `partly`: some are. `unaffected`: none is. `any`: it depends on the moment.
   */
  readonly reads: 'degraded' | 'partly' | 'unaffected' | 'any';
  /** Redis answers every command, with a no that is the command's own: each read costs a round trip, as no circuit opens. */
  readonly answers?: true;
  /** Events tell at least one of these failures, and no others but what follows from any fault. */
  readonly tells: readonly RemoteFailure[] | 'any';
  /** Why entries are rejected, all of them. */
  readonly rejects?: readonly string[];
}

/** Sets an option of the server. */
export const config = ({ admin }: Stage, name: string, value: string | number): Promise<unknown> =>
  admin.config('SET', name, value);

/** Does something again and again until it is healed. */
export async function repeatedly(every: number, work: () => Promise<unknown> | undefined): Promise<Heal> {
  const state = { isOver: false };
  const running = (async () => {
    while (!state.isOver) {
      await work();
      await pause(every);
    }
  })();
  await pause(0);
  return async () => {
    state.isOver = true;
    await running;
  };
}

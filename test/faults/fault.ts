import type { RemoteFailure } from '../../src/stores/contracts.js';
import { pause } from '../coherence/context.js';
import type { ModeName } from './settings.js';
import type { Stage, StageOptions } from './stage.js';

/** Undoes a fault. */
export type Heal = () => Promise<unknown>;

/** What is to be seen of a fault. */
export interface Expected {
  /**
   * What becomes of reads while it lasts. `degraded`: Redis answers none, so all that memory cannot answer are loaded, and
   * none is taken for a miss. `partly`: some are. `unaffected`: none is. `any`: it depends on the moment.
   */
  readonly reads: 'degraded' | 'partly' | 'unaffected' | 'any';
  /** Redis answers every command, with a no that is the command's own: each read costs a round trip, as no circuit opens. */
  readonly answers?: boolean;
  /** Redis answers, so many milliseconds later: in time, where the machine holds the worker up until then. */
  readonly answersAfterMs?: number;
  /** Events tell at least one of these failures, and no others but what follows from any fault. */
  readonly tells: readonly RemoteFailure[] | 'any';
  /** Why entries are rejected, all of them. */
  readonly rejects?: readonly string[];
  /** The worker's deadline for commands, where it is not the suite's. */
  readonly commandTimeoutMs?: number;
}

/** One way in which Redis, or the way to it, goes wrong. */
export interface Fault extends Expected {
  readonly name: string;
  readonly stage?: StageOptions;
  /** The only modes that can have it. */
  readonly modes?: readonly ModeName[];
  /** What is to be seen of it in other modes than that of one server. */
  readonly but?: Partial<Record<ModeName, Partial<Expected>>>;
  /** One of the few that are played in every mode whenever the suite is run; the others only where all are asked for. */
  readonly isTelling?: true;
  /** Done before there is a worker. */
  readonly prepare?: (stage: Stage) => Promise<unknown>;
  /** The fault is there before the worker is. */
  readonly atStart?: true;
  readonly inflict: (stage: Stage) => Promise<Heal>;
  /** How long it lasts before it is looked at, in milliseconds, at least. */
  readonly lasts?: number;
}

/** Those faults that a mode can have, each with what is to be seen of it there. */
export function faultsIn(mode: ModeName, faults: readonly Fault[]): readonly Fault[] {
  return faults
    .filter(({ modes }) => modes?.includes(mode) ?? true)
    .map((fault) => ({ ...fault, ...fault.but?.[mode] }));
}

/** Sets an option of every server. */
export const config = (stage: Stage, name: string, value: string | number): Promise<unknown> =>
  stage.everywhere((operator) => operator.config('SET', name, value));

/** Does something to all proxies until it is healed. */
export async function onTheWay(
  stage: Stage,
  begin: (proxy: Proxy) => void,
  end: (proxy: Proxy) => void,
): Promise<Heal> {
  for (const proxy of stage.proxies) begin(proxy);
  await pause(0);
  return async () => {
    for (const proxy of stage.proxies) end(proxy);
    await pause(0);
  };
}

type Proxy = Stage['proxies'][number];

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

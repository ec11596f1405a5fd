import { parseArgs } from 'node:util';
import { TOPOLOGIES, type Topology } from './places.js';

const ONE_SERVER = ['standalone'] as const;
const WITH_REPLICAS = ['sentinel', 'cluster'] as const;

/** What can be made to go wrong during a run, and where; elsewhere there is nothing to do it to. */
export const FAULTS = {
  none: TOPOLOGIES,
  freeze: ONE_SERVER,
  'kill-connections': ONE_SERVER,
  restart: ONE_SERVER,
  'trim-ledger': ONE_SERVER,
  evict: ONE_SERVER,
  partition: ONE_SERVER,
  delay: ONE_SERVER,
  failover: WITH_REPLICAS,
  'kill-primary': WITH_REPLICAS,
  'freeze-primary': WITH_REPLICAS,
  'move-slots': ['cluster'],
} as const satisfies Record<string, readonly Topology[]>;
export type Fault = keyof typeof FAULTS;

/** All of them, the absence of one first. */
export const FAULT_NAMES = Object.keys(FAULTS) as Fault[];

/** How one run of the checker is done. */
export interface RunOptions {
  readonly seed: number;
  readonly processes: number;
  readonly seconds: number;
  /** Which reads are made; `mixed` makes both. */
  readonly mode: 'strict' | 'default' | 'mixed';
  /** Changes of the source per second, all processes together. Few leave stale values in L1 time to be seen. */
  readonly writes: number;
  /** `bursts`: all processes change the source at once for a moment, then nobody for longer than the window. */
  readonly rhythm: 'steady' | 'bursts';
  readonly faults: readonly Fault[];
  readonly topology: Topology;
  /** How many replicas an invalidation waits for. */
  readonly waitReplicas: number;
  readonly readFromReplicas: boolean;
  /** Name of a mutant of `mutants.ts`, or none. */
  readonly mutant: string | undefined;
}

/** A run on one server that nothing is done to, for callers that change some of it. */
export const QUIET = {
  ...{ rhythm: 'steady', faults: [], mutant: undefined },
  ...{ topology: 'standalone', waitReplicas: 0, readFromReplicas: false },
} as const satisfies Partial<RunOptions>;

/** The window of the checked caches, the module's default. */
export const WINDOW_MS = 2_000;

export function parseOptions(argv: readonly string[]): RunOptions {
  const { values } = parseArgs({
    args: [...argv],
    options: {
      seed: { type: 'string', default: '1' },
      processes: { type: 'string', default: '4' },
      seconds: { type: 'string', default: '20' },
      mode: { type: 'string', default: 'mixed' },
      writes: { type: 'string', default: '100' },
      rhythm: { type: 'string', default: 'steady' },
      faults: { type: 'string', default: 'none' },
      topology: { type: 'string', default: 'standalone' },
      'wait-replicas': { type: 'string', default: '0' },
      'read-from-replicas': { type: 'boolean', default: false },
      mutant: { type: 'string' },
    },
  });
  const topology = oneOf('--topology', TOPOLOGIES, values.topology);
  const possible = FAULT_NAMES.filter((fault) => isPossible(fault, topology));
  const faults = values.faults.split(',').map((fault) => oneOf(`--faults with ${topology}`, possible, fault));
  return {
    seed: number('--seed', values.seed),
    processes: number('--processes', values.processes),
    seconds: number('--seconds', values.seconds),
    mode: oneOf('--mode', ['strict', 'default', 'mixed'] as const, values.mode),
    writes: number('--writes', values.writes),
    rhythm: oneOf('--rhythm', ['steady', 'bursts'] as const, values.rhythm),
    faults: faults.filter((fault) => fault !== 'none'),
    topology,
    waitReplicas: number('--wait-replicas', values['wait-replicas']),
    readFromReplicas: values['read-from-replicas'],
    mutant: values.mutant,
  };
}

/** Whether a place of that kind can have the fault. */
function isPossible(fault: Fault, topology: Topology): boolean {
  return FAULTS[fault].some((place) => place === topology);
}

function number(name: string, text: string): number {
  const value = Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new Error(`${name} must be a number; received ${text}`);
}

function oneOf<T extends string>(name: string, choices: readonly T[], text: string): T {
  const choice = choices.find((known) => known === text);
  if (choice !== undefined) return choice;
  throw new Error(`${name} must be one of ${choices.join(', ')}; received ${text}`);
}

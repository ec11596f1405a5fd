import type { Table } from '../table.js';
import type { Connections } from './connections.js';
import type { FleetFigures } from './fleet.js';
import type { MemoryCosts } from './memory.js';
import type { OperationCosts } from './operations.js';

/** All that was measured. */
export interface Figures {
  readonly operations: OperationCosts;
  readonly memory: MemoryCosts;
  readonly connections: readonly Connections[];
  readonly fleet: FleetFigures;
}

/** What following the ledger costs a server. */
interface Following {
  /** Microseconds of its core, bytes sent and commands: of one instance in one second while nothing happens. */
  readonly idle: { readonly core: number; readonly bytes: number; readonly commands: number };
  /** Of one record told to one instance. */
  readonly record: { readonly core: number; readonly bytes: number; readonly commands: number };
}

const FLEETS = [1, 10, 200, 1_000];
const INVALIDATIONS = 20;
const REQUESTS = 100_000;
const SHARES_OF_MEMORY = [0, 0.9, 0.99];
const MAX_CLIENTS = 10_000;
const GIGABIT = 125_000_000;

export function followingOf({ idle, busy, instances, rate, seconds }: FleetFigures): Following {
  const told = rate * seconds * instances;
  const time = idle.took * instances;
  return {
    idle: { core: (1e6 * idle.core) / time, bytes: idle.bytesOut / time, commands: idle.commands / time },
    record: { core: (1e6 * busy.core) / told, bytes: busy.bytesOut / told, commands: busy.commands / told },
  };
}

/** What instances cost the server of the ledger. */
export function instancesTable({ fleet, connections, operations }: Figures): Table {
  const { idle, record } = followingOf(fleet);
  /** Of one invalidation, and of telling it. */
  const told = (count: number): number => operations.byTag.alone + count * record.core;
  const most = connections[0]?.most ?? NaN;
  const head = [
    ...['instances', 'connections', 'commands per second, nothing invalidated', 'its core', 'sent'],
    ...[`its core at ${INVALIDATIONS} invalidations per second`, 'sent', 'half of its core is used at'],
  ];
  const rows = FLEETS.map((count) => [
    ...[grouped(count), grouped(count * most), rounded(count * idle.commands)],
    ...[percent((count * idle.core) / 1e6), megabits(count * idle.bytes)],
    ...[percent((INVALIDATIONS * told(count)) / 1e6), megabits(count * INVALIDATIONS * record.bytes)],
    `${rounded(500_000 / told(count))} invalidations per second`,
  ]);
  return [head, ...rows];
}

/** What entries and tags cost in memory. */
export function memoryTable({ memory }: Figures): Table {
  const { entries, generation, generationAlone, ledger, records } = memory;
  return [
    ['what', 'bytes each', 'for 1,000,000'],
    ...entries.map(({ payload, bytes }) => [
      `an entry of ${grouped(payload)} bytes of JSON, one tag`,
      rounded(bytes),
      gigabytes(1e6 * bytes),
    ]),
    [
      `the generation of a tag (\`MEMORY USAGE\` says ${rounded(generationAlone)})`,
      rounded(generation),
      gigabytes(1e6 * generation),
    ],
    [
      `a record of the ledger, which keeps about ${grouped(records)}`,
      rounded(ledger / records),
      `${rounded(ledger / 1e6)} MB, no more`,
    ],
  ];
}

/** What requests cost the servers together. */
export function requestsTable({ operations: { hit, strict } }: Figures): Table {
  const row = (mode: string, share: number, { alone, together, bytesIn, bytesOut }: typeof hit): string[] => {
    const reads = REQUESTS * (1 - share);
    const cores = [together, alone].map((each) => decimal((reads * each) / 1e6)).join(' to ');
    return [
      mode,
      percent(share),
      grouped(Math.round(reads)),
      cores,
      megabits(reads * bytesIn),
      megabits(reads * bytesOut),
    ];
  };
  return [
    ['reads', 'hits in L1', 'reads of Redis per second', 'cores of Redis', 'received', 'sent'],
    ...SHARES_OF_MEMORY.map((share) => row('default', share, hit)),
    row('strict', 0, strict),
  ];
}

/** At which point each limit is reached, and what to do then. */
export function limitsTable({ operations: { hit }, fleet, connections, memory }: Figures): Table {
  const { idle, record } = followingOf(fleet);
  const perSecond = [hit.alone, hit.together].map((each) => grouped(hundreds(1e6 / each))).join(' to ');
  const mostOf = (mode: string): number => connections.find((each) => each.mode.startsWith(mode))?.most ?? NaN;
  const [small] = memory.entries;
  return [
    ['limit', 'reached at', 'then'],
    [
      'one core of Redis',
      `${perSecond} hits per second and primary`,
      'a larger L1, and default reads, which use it; then a Cluster, or more primaries',
    ],
    [
      'the generation of everything, in strict mode',
      `${perSecond} strict reads per second, however many primaries: each asks for it`,
      'strict reads only where they are needed: default reads remember it',
    ],
    [
      'the ledger, while something is invalidated',
      `${grouped(hundreds(1e6 / record.core))} records told per second: invalidations per second × instances`,
      'tags instead of single keys, a longer `invalidationSpacingMs`; a prefix for each application; fewer, larger instances',
    ],
    [
      'the ledger, while nothing is',
      `${grouped(hundreds(100_000 / idle.core))} instances for a tenth of its core`,
      'a longer `coherenceWindowMs`',
    ],
    [
      `connections, \`maxclients\` ${grouped(MAX_CLIENTS)}`,
      `${grouped(Math.floor(MAX_CLIENTS / mostOf('one server')))} instances on one server, ${grouped(Math.floor(MAX_CLIENTS / mostOf('Cluster')))} on a Cluster`,
      'a higher `maxclients`, with as many files allowed; fewer, larger instances',
    ],
    [
      'a network of 1 Gbit/s',
      `${grouped(hundreds(GIGABIT / hit.bytesOut))} hits per second and server for entries of ${grouped(small?.payload ?? NaN)} bytes`,
      'a larger L1; more primaries; smaller values',
    ],
  ];
}

function hundreds(value: number): number {
  return Math.round(value / 100) * 100;
}

function grouped(count: number): string {
  return count.toLocaleString('en-US');
}

/** Whole where that says enough. */
function rounded(value: number): string {
  return value >= 10 ? grouped(Math.round(value)) : decimal(value);
}

function decimal(value: number): string {
  return value.toFixed(value >= 10 ? 0 : value >= 1 ? 1 : 2);
}

function percent(share: number): string {
  const value = 100 * share;
  return value === 0 ? '0 %' : `${value >= 10 ? value.toFixed(0) : value.toPrecision(2)} %`;
}

function megabits(bytes: number): string {
  const value = (8 * bytes) / 1e6;
  return `${value >= 10 ? grouped(Math.round(value)) : value.toPrecision(2)} Mbit/s`;
}

function gigabytes(bytes: number): string {
  return `${(bytes / 1e9).toFixed(2)} GB`;
}

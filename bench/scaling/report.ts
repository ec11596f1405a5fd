import { loadavg } from 'node:os';
import type { Table } from '../table.js';
import { textOf } from '../table.js';
import type { FleetFigures } from './fleet.js';
import type { Cost } from './operations.js';
import { type Figures, followingOf, instancesTable, limitsTable, memoryTable, requestsTable } from './plan.js';

/** All tables as the page shows them. */
export function reportOf(machine: string, loadBefore: number, figures: Figures): string {
  const { operations, connections, fleet } = figures;
  const [load = NaN] = loadavg();
  return [
    `${machine}; load of the machine ${loadBefore.toFixed(1)} before the run and ${load.toFixed(1)} at its end.`,
    '### Where each limit is reached',
    textOf(limitsTable(figures)),
    '### Connections',
    textOf([
      ['one instance', 'to primaries', 'to replicas', 'to one server, at most'],
      ...connections.map(({ mode, ...counts }) => [
        mode,
        ...[counts.primaries, counts.replicas, counts.most].map(String),
      ]),
    ]),
    '### Instances',
    textOf(instancesTable(figures)),
    `### ${fleet.instances} instances`,
    textOf(fleetTable(fleet)),
    '### Entries and tags',
    textOf(memoryTable(figures)),
    '### A hundred thousand requests per second',
    textOf(requestsTable(figures)),
    '### One operation',
    textOf(operationsTable(Object.values(operations) as Cost[], figures)),
  ].join('\n\n');
}

function fleetTable(fleet: FleetFigures): Table {
  const { lag, busy, idle, connections, rate, seconds, expected, dropped, gaps, processes } = fleet;
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const share = ({ core, took }: typeof busy): string => `${((100 * core) / took).toFixed(1)} % of a core`;
  const pace = ({ commands, took }: typeof busy): string => Math.round(commands / took).toLocaleString('en-US');
  return [
    ['what', 'figure'],
    ['instances, in processes', `${fleet.instances} in ${processes}`],
    ['invalidations', `${rate} per second for ${seconds} s`],
    ['connections at the server', String(connections)],
    ['copies in memory that had to go', expected.toLocaleString('en-US')],
    ['copies that went', dropped.toLocaleString('en-US')],
    ['lag from the acknowledgement until a copy is gone, p50', ms(lag.median)],
    ['the same, p99', ms(lag.p99)],
    ['the same, longest', ms(lag.max)],
    ['instances that missed something', String(gaps)],
    ['Redis, nothing invalidated', `${share(idle)}, ${pace(idle)} commands per second`],
    ['Redis, while this is invalidated', `${share(busy)}, ${pace(busy)} commands per second`],
  ];
}

function operationsTable(costs: readonly Cost[], { fleet }: Figures): Table {
  const { idle, record } = followingOf(fleet);
  const micros = (value: number): string => value.toFixed(1);
  return [
    ['what', 'commands', 'µs of the core, alone', 'µs, 64 at once', 'bytes received', 'bytes sent'],
    ...costs.map(({ what, commands, alone, together, bytesIn, bytesOut }) => [
      ...[what, commands.toFixed(1), micros(alone), micros(together)],
      ...[bytesIn.toFixed(0), bytesOut.toFixed(0)],
    ]),
    [
      'an instance that follows the ledger, per second',
      idle.commands.toFixed(1),
      micros(idle.core),
      '',
      '',
      idle.bytes.toFixed(0),
    ],
    ['a record told to one instance', record.commands.toFixed(1), micros(record.core), '', '', record.bytes.toFixed(0)],
  ];
}

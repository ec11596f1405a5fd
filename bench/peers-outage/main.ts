/* npm run bench:peers-outage: one outage of Redis, suffered by other caches and by ours. With --write, docs/peers.md is brought up to date. */
import { parseArgs } from 'node:util';
import type { Milliseconds } from '../../src/primitives/units.js';
import { writePage } from '../page.js';
import { setUpsTable } from '../set-ups.js';
import { describeMachine, OURSELVES, versionOf } from '../setting.js';
import { textOf } from '../table.js';
import { outcomesTable, type Row } from './report.js';
import { type Fault, type Outcome, runThrough } from './run.js';
import type { Subject } from './subject.js';
import { findSubjects } from './subjects.js';

const FAULTS: readonly Fault[] = ['frozen', 'killed', 'absent'];
/** So many caches are run at a time, each with a process and a Redis for every fault; they are idle for the most part. */
const AT_A_TIME = 2;
const PATIENCE: Milliseconds = 1_000;

async function pass(name: string, { packages, options }: Subject): Promise<Row> {
  const outcomes = await Promise.all(
    FAULTS.map(async (fault) => [fault, await runThrough(name, fault).catch(asError)] as const),
  );
  console.error(`${name}: done`);
  const installed = packages.length === 0 ? OURSELVES : packages.map(versionOf).join(', ');
  return { title: titleOf(name, packages), installed, options, outcomes };
}

/** Such as `cacheable 2.5.0, not blocking`. */
function titleOf(name: string, [first]: readonly string[]): string {
  const cache = first === undefined ? OURSELVES : versionOf(first);
  const [, variant] = name.split(', ');
  return variant === undefined ? cache : `${cache}, ${variant}`;
}

function asError(error: unknown): Outcome | Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** A value for every read, without waiting for Redis longer than its deadline and a little. */
function isKept({ outcomes }: Row): boolean {
  return outcomes.every(([, outcome]) => {
    const tally = outcome instanceof Error ? undefined : outcome.outage?.tally;
    return tally !== undefined && tally.calls > 0 && tally.values === tally.calls && tally.longest < PATIENCE;
  });
}

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, only: { type: 'string', multiple: true } },
});
const chosen = Object.entries(await findSubjects()).filter(([name]) => values.only?.includes(name) ?? true);
const rows: Row[] = [];
for (let i = 0; i < chosen.length; i += AT_A_TIME)
  rows.push(...(await Promise.all(chosen.slice(i, i + AT_A_TIME).map(([name, subject]) => pass(name, subject)))));

const text = [`${await describeMachine()}.`, textOf(outcomesTable(rows)), textOf(setUpsTable(rows))].join('\n\n');
console.log(text);
if (values.write) await writePage('docs/peers.md', 'bench:peers-outage', text);

const isOursKept = rows.filter(({ installed }) => installed === OURSELVES).every(isKept);
console.log(isOursKept ? 'kept: what we promise' : 'BROKEN: what we promise');
process.exit(isOursKept ? 0 : 1);

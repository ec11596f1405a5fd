/* npm run bench:peers-cluster: other caches and ours asked to clear what they stored in a Cluster. With --write, docs/peers.md is brought up to date. */
import { parseArgs } from 'node:util';
import { RedisCluster } from '../../test/support/redis-cluster.js';
import { writePage } from '../page.js';
import { setUpsTable } from '../set-ups.js';
import { describeMachine, OURSELVES, versionOf } from '../setting.js';
import { textOf } from '../table.js';
import { OURS } from './ours.js';
import { outcomesTable, type Row } from './report.js';
import type { Subject } from './subject.js';
import { clearThrough } from './trial.js';

const FEW = 300;
const MANY = 300_000;

async function findSubjects(): Promise<readonly Subject[]> {
  // Its packages are no dependencies of ours: they are there only after the install that the npm script makes.
  const module = (await import(new URL('../peers/cluster.js', import.meta.url).href)) as {
    readonly subjects: readonly Subject[];
  };
  return [OURS, ...module.subjects];
}

async function pass(cluster: RedisCluster, subject: Subject, counts: readonly number[]): Promise<Row> {
  const [first] = subject.packages;
  const title = first === undefined ? OURSELVES : versionOf(first);
  const installed = first === undefined ? OURSELVES : subject.packages.map(versionOf).join(', ');
  const outcomes: Row['outcomes'][number][] = [];
  for (const keys of counts) {
    outcomes.push([keys, await clearThrough(cluster, subject, keys).catch(asError)]);
    console.error(`${title}: ${keys} keys`);
  }
  return { title, installed, options: subject.options, call: subject.call, outcomes };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/** Everything removed, without an error. */
function isKept({ outcomes }: Row): boolean {
  return outcomes.every(
    ([keys, outcome]) =>
      !(outcome instanceof Error) && outcome.before - outcome.after === keys && outcome.errors.length === 0,
  );
}

const { values } = parseArgs({
  options: { write: { type: 'boolean', default: false }, many: { type: 'string', default: String(MANY) } },
});
const cluster = await RedisCluster.start({ replicasEach: 0 });
const rows: Row[] = [];
for (const subject of await findSubjects()) rows.push(await pass(cluster, subject, [FEW, Number(values.many)]));
await cluster.stop();

const text = [
  `${await describeMachine()}. Three primaries.`,
  ...[outcomesTable(rows), setUpsTable(rows)].map(textOf),
].join('\n\n');
console.log(text);
if (values.write) await writePage('docs/peers.md', 'bench:peers-cluster', text);

const isOursKept = rows.filter(({ installed }) => installed === OURSELVES).every(isKept);
console.log(isOursKept ? 'kept: what we promise' : 'BROKEN: what we promise');
process.exit(isOursKept ? 0 : 1);

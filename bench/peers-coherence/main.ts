/* npm run bench:peers-coherence: one gate for invalidation, passed by other caches and by ours. With --write, docs/peers.md is brought up to date. */
import { parseArgs } from 'node:util';
import type { Milliseconds } from '../../src/primitives/units.js';
import { writePage } from '../page.js';
import { describeMachine, OURSELVES, versionOf } from '../setting.js';
import { type Table, textOf } from '../table.js';
import { type Outcome, TTL, tryOut } from './gate.js';
import { ours } from './ours.js';
import { outcomesTable, type Row, scenariosTable, setUpsTable } from './report.js';
import { SCENARIOS } from './scenarios.js';
import type { Subject } from './subject.js';

const NAMES = ['bentocache', 'cacheable', 'cache-manager', 'async-cache-dedupe', 'layered-loader'];
/** The coherence window, which is all that the default mode may take where its subscription is cut. */
const WINDOW: Milliseconds = 2_000;

async function subjectOf(name: string): Promise<Subject | Error> {
  try {
    // Its package is no dependency of ours: it is there only after the install that the npm script makes.
    const module = (await import(new URL(`../peers/${name}.js`, import.meta.url).href)) as { subject: Subject };
    return module.subject;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

async function pass(name: string, subject: Subject | Error): Promise<Row> {
  if (subject instanceof Error) return { name, subject, outcomes: [] };
  const outcomes = await Promise.all(SCENARIOS.map((scenario) => tryOut(subject, scenario)));
  console.error(`${name}: ${outcomes.length} scenarios`);
  return { name, subject, outcomes };
}

/** Whether nothing was stale for longer than is promised. */
function isKept(outcome: Outcome, allowed: Milliseconds): boolean {
  return outcome !== 'none' && !(outcome instanceof Error) && Math.max(outcome.a, outcome.b) <= allowed;
}

function installedOf({ packages }: Subject): string {
  return packages.length === 0 ? OURSELVES : packages.map(versionOf).join(', ');
}

const { values } = parseArgs({ options: { write: { type: 'boolean', default: false } } });
const byDefault = await pass(`${OURSELVES}, default`, ours('default'));
const strict = await pass(`${OURSELVES}, strict`, ours('strict'));
const peers: Row[] = [];
for (const name of NAMES) peers.push(await pass(versionOf(name), await subjectOf(name)));

const rows = [byDefault, strict, ...peers];
const tables: readonly Table[] = [scenariosTable(), outcomesTable(rows), setUpsTable(rows, installedOf)];
const text = [`${await describeMachine()}. TTL ${TTL / 1000} s.`, ...tables.map(textOf)].join('\n\n');
console.log(text);
if (values.write) await writePage('docs/peers.md', 'bench:peers-coherence', text);

const isOursKept =
  strict.outcomes.every((outcome) => isKept(outcome, 0)) &&
  byDefault.outcomes.every((outcome, i) => isKept(outcome, SCENARIOS[i]?.title === 'cut off' ? WINDOW : 0));
console.log(isOursKept ? 'kept: what we promise' : 'BROKEN: what we promise');
process.exit(isOursKept ? 0 : 1);

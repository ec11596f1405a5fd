/* npm run bench -- NAME… [--quick] [--passes N] [--slice MS] [--data FOLDER] [--write]: ours beside the peers, and targets beside figures; with --write, in bench/README.md. */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { writePage } from '../page.js';
import { describeMachine } from '../setting.js';
import { BENCHES } from './benches.js';
import type { Bench, Verdict } from './contest.js';
import { isMet, keepFindings, textOfFindings, textOfVerdicts } from './report.js';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    source: { type: 'boolean', default: false },
    passes: { type: 'string' },
    slice: { type: 'string' },
    data: { type: 'string' },
    write: { type: 'boolean', default: false },
  },
});

const names = BENCHES.map(({ name }) => name);
const unknown = positionals.filter((name) => !names.includes(name));
if (unknown.length > 0 || (positionals.length === 0 && !values.all)) {
  console.error(`which bench? one or more of: ${names.join(', ')}; received ${unknown.join(', ') || 'none'}`);
  process.exit(2);
}

const pace = {
  passes: Number(values.passes ?? (values.quick ? 3 : 10)),
  slice: Number(values.slice ?? (values.quick ? 60 : 200)),
};
const about = { machine: await describeMachine(), load: loadavg()[0] ?? NaN, date: new Date().toISOString(), pace };
const said = [`${about.machine}. Load ${about.load.toFixed(1)}; ${pace.passes} passes of ${pace.slice} ms.`];
console.log(said[0]);

const verdicts: Verdict[] = [];
for (const bench of BENCHES.filter(({ name }) => values.all || positionals.includes(name))) await run(bench);
say(`### Targets\n\n${textOfVerdicts(verdicts)}`);
keepFindings('verdicts', about, { verdicts });
if (values.write) await writePage('bench/README.md', 'bench:all', said.join('\n\n'));
process.exit(verdicts.every(isMet) ? 0 : 1);

async function run({ name, run }: Bench): Promise<void> {
  const findings = await run({ ...pace, data: values.data, isQuick: values.quick });
  say(`### ${name}\n\n${textOfFindings(findings)}`);
  verdicts.push(...findings.verdicts);
  keepFindings(name, about, findings);
}

function say(text: string): void {
  console.log(`\n${text}`);
  said.push(text);
}

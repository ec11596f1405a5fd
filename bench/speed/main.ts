/* npm run bench -- NAME… [--quick] [--passes N] [--slice MS] [--data FOLDER]: ours beside the peers, and targets beside figures. */
import { loadavg } from 'node:os';
import { parseArgs } from 'node:util';
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
console.log(`# ${about.machine}; load ${about.load.toFixed(1)}; ${pace.passes} passes of ${pace.slice} ms each`);

const verdicts: Verdict[] = [];
for (const bench of BENCHES.filter(({ name }) => values.all || positionals.includes(name))) await run(bench);
console.log(`\n## Targets\n\n${textOfVerdicts(verdicts)}`);
keepFindings('verdicts', about, { verdicts });
process.exit(verdicts.every(isMet) ? 0 : 1);

async function run({ name, run }: Bench): Promise<void> {
  const findings = await run({ ...pace, data: values.data, isQuick: values.quick });
  console.log(`\n## ${name}\n\n${textOfFindings(findings)}`);
  verdicts.push(...findings.verdicts);
  keepFindings(name, about, findings);
}

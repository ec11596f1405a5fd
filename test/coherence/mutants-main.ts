/* npm run check:mutants -- [--seconds 30] [NAME…]: each mutant must be caught by the checker. */
import { parseArgs } from 'node:util';
import { MUTANTS } from './mutants.js';
import { QUIET } from './options.js';
import { runOnce } from './run.js';

const { values, positionals } = parseArgs({
  options: { seconds: { type: 'string', default: '30' } },
  allowPositionals: true,
});
const names = positionals.length > 0 ? positionals : Object.keys(MUTANTS);
let survivors = 0;
for (const [i, name] of names.entries()) {
  const mutant = MUTANTS[name];
  if (!mutant) throw new Error(`no mutant ${name}; there are ${Object.keys(MUTANTS).join(', ')}`);
  const { faults, mode, rule, writes = 100, rhythm = 'steady' } = mutant;
  const { verdict } = await runOnce({
    ...QUIET,
    seed: i + 1,
    processes: 4,
    seconds: Number(values.seconds),
    mode,
    writes,
    rhythm,
    faults,
    mutant: name,
  });
  const count = verdict.violations.length;
  if (count === 0) survivors += 1;
  console.log(
    `${count > 0 ? 'caught  ' : 'SURVIVED'} ${name.padEnd(22)} ${String(count).padStart(6)} violations of "${rule}" (${faults.join(', ') || 'no faults'}, ${mode})`,
  );
}
console.log(`${names.length - survivors} caught, ${survivors} survived`);
process.exitCode = survivors === 0 ? 0 : 1;

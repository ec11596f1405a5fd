/* npm run check:coherence -- [--seed 1] [--processes 4] [--seconds 20] [--mode strict|default|mixed] [--faults freeze,evict] [--mutant NAME] */
import { parseOptions } from './options.js';
import { story, summary } from './report.js';
import { runOnce } from './run.js';

const options = parseOptions(process.argv.slice(2));
const result = await runOnce(options);
const [first] = result.verdict.violations;
if (first) console.log(`${story(first, result.operations)}\n`);
for (const mishap of result.mishaps.slice(0, 5)) console.log(`mishap: ${mishap}`);
console.log(
  `seed ${options.seed}, ${options.processes} processes, ${options.seconds} s, mode ${options.mode}, faults ${options.faults.join(',') || 'none'}${options.mutant ? `, mutant ${options.mutant}` : ''}`,
);
console.log(summary(result));
process.exitCode = result.verdict.violations.length > 0 || result.mishaps.length > 0 ? 1 : 0;

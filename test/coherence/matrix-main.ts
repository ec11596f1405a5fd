/* npm run check:matrix -- [--seconds 300] [--seed 1]: the checker with each fault in turn, and in each mode without; a row for each. */
import { parseArgs } from 'node:util';
import { FAULTS, QUIET, type RunOptions } from './options.js';
import { runOnce } from './run.js';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '300' }, seed: { type: 'string', default: '1' } },
});
const common = {
  ...QUIET,
  seed: Number(values.seed),
  processes: 4,
  seconds: Number(values.seconds),
} as const;
// Without faults a million reads take less than that, and the verdict holds every read in memory.
const brief = Math.min(common.seconds, 150);
const withoutFaults = (['strict', 'default'] as const).map((mode) => ({
  ...common,
  ...{ mode, seconds: mode === 'strict' ? brief : brief / 3, writes: 20, faults: [] },
}));
const withFaults = FAULTS.filter((fault) => fault !== 'none').map((fault) => ({
  ...common,
  mode: 'mixed' as const,
  writes: 30,
  faults: [fault],
}));

console.log('| mode | faults | strict reads | default reads | invalidations | violations | lag p99 ms | lag max ms |');
console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
for (const options of [...withoutFaults, ...withFaults]) console.log(await row(options));

async function row(options: RunOptions): Promise<string> {
  const { verdict, faults, mishaps } = await runOnce(options);
  const { strictReads, defaultReads, invalidations, violations, lags } = verdict;
  if (violations.length > 0 || mishaps.length > 0) process.exitCode = 1;
  const at = (share: number): string =>
    (lags[Math.min(lags.length - 1, Math.floor(lags.length * share))] ?? 0).toFixed(0);
  const what = options.faults.length === 0 ? 'none' : `${options.faults.join(', ')} (${faults} times)`;
  return `| ${[options.mode, what, strictReads, defaultReads, invalidations, violations.length + mishaps.length, at(0.99), at(1)].join(' | ')} |`;
}

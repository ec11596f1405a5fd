/* npm run check:matrix -- [--seconds 300] [--seed 1] [--topology NAME]…: the checker with each fault in turn, wherever it can be, and in each mode without; a row for each. */
import { parseArgs } from 'node:util';
import { FAULT_NAMES, FAULTS, QUIET, type RunOptions } from './options.js';
import { longest } from './report.js';
import { runOnce } from './run.js';

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '300' },
    seed: { type: 'string', default: '1' },
    topology: { type: 'string', multiple: true, default: [] },
  },
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
const withFaults = FAULT_NAMES.filter((fault) => fault !== 'none').flatMap((fault) =>
  FAULTS[fault].map((topology) => ({
    ...common,
    ...{ mode: 'mixed' as const, writes: 30, faults: [fault], topology },
  })),
);
const all: readonly RunOptions[] = [...withoutFaults, ...withFaults];
const chosen = all.filter(({ topology }) => values.topology.length === 0 || values.topology.includes(topology));

console.log(
  '| place | mode | faults | strict reads | default reads | invalidations | violations | lag p99 ms | lag max ms | lost, longest ms |',
);
console.log('| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |');
for (const options of chosen) console.log(await row(options));

async function row(options: RunOptions): Promise<string> {
  const { verdict, faults, mishaps } = await runOnce(options);
  const { strictReads, defaultReads, invalidations, violations, lags, lost } = verdict;
  if (violations.length > 0 || mishaps.length > 0) process.exitCode = 1;
  const at = (share: number): string =>
    (lags[Math.min(lags.length - 1, Math.floor(lags.length * share))] ?? 0).toFixed(0);
  const what = options.faults.length === 0 ? 'none' : `${options.faults.join(', ')} (${faults} times)`;
  return `| ${[options.topology, options.mode, what, strictReads, defaultReads, invalidations, violations.length + mishaps.length, at(0.99), at(1), `${lost.length}, ${longest(lost)}`].join(' | ')} |`;
}

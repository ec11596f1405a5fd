/* npm run soak -- --minutes 10 [--seed 1] [--workers 3] [--every 20] [--mode cluster]: mixed traffic, and a fault every so many seconds. */
import { parseArgs } from 'node:util';
import { MODE_NAMES } from './settings.js';
import { faultsOf, Soak, summaryOf } from './soak.js';

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '10' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: '3' },
    every: { type: 'string', default: '20' },
    mode: { type: 'string', default: 'standalone' },
  },
});

const mode = MODE_NAMES.find((name) => name === values.mode);
if (!mode) throw new Error(`--mode must be one of ${MODE_NAMES.join(', ')}; received ${values.mode}`);

function number(name: Exclude<keyof typeof values, 'mode'>, least: number): number {
  const value = Number(values[name]);
  if (Number.isFinite(value) && value >= least) return value;
  throw new Error(`--${name} must be a number from ${least}; received ${values[name]}`);
}

const began = performance.now();
const print = (line: string): void => {
  const seconds = Math.round((performance.now() - began) / 1_000);
  process.stdout.write(`${String(seconds).padStart(5)} s  ${line}\n`);
};

const result = await Soak.run({
  lasts: number('minutes', 0) * 60_000,
  seed: number('seed', 0),
  workers: number('workers', 1),
  every: number('every', 0) * 1_000,
  mode,
  print,
});
const wrong = faultsOf(result);
for (const line of wrong.slice(0, 50)) print(line);
print(summaryOf(result));
if (wrong.length > 0) process.exitCode = 1;

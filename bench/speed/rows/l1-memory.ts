import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { spreadOf } from '../../support.js';
import { type Bench, verdict } from '../contest.js';

const WORKER = fileURLToPath(new URL('../memory-worker.ts', import.meta.url));

/** What 100,000 entries of 200 B need in this process, beside lru-cache with the same values; a process each. */
export const l1Memory: Bench = {
  name: 'l1-memory',
  run({ passes }) {
    const runs = Math.min(passes, 3);
    const pairs = Array.from({ length: runs }, () => [grown('ours'), grown('lru-cache')] as const);
    const [ours, theirs] = [0, 1].map((i) => spreadOf(pairs.map((pair) => pair[i] ?? NaN)).median) as [number, number];
    return Promise.resolve({
      text: [`Heap per entry: ${ours.toFixed(0)} B; lru-cache: ${theirs.toFixed(0)} B. ${runs} runs.`],
      verdicts: [
        verdict('L1 memory, 100,000 entries of 200 B: ÷ lru-cache', spreadOf(pairs.map(([a, b]) => a / b)), '<=', 1.15),
      ],
    });
  },
};

/** Bytes of the heap per entry. */
function grown(subject: 'ours' | 'lru-cache'): number {
  const flags = process.argv.filter((word) => word === '--source');
  const words = ['--import', 'tsx', WORKER, subject, ...flags];
  return Number(execFileSync(process.execPath, words, { encoding: 'utf8' }));
}

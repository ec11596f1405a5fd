/* npm run bench:ttl: whether the TTL that is advised is the right one, on sources that change at a known rate. Needs no Redis. */
import { judge, type Row } from '../support.js';
import { tried, TRIALS } from './trials.js';

const FAR = 1.25;
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;
const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const rows: Row[] = [];

for (const trial of TRIALS) {
  const { best, advised, reached, before, after, moving } = await tried(trial);
  const name = `${trial.rhythm}, a key every ${seconds(trial.readEvery)}, from ${seconds(trial.ttl)}`;
  console.log(
    `${name}: best ${seconds(best)}, advised ${seconds(advised)}, auto ${seconds(reached)};`,
    `stale ${percent(before.staleShare)} → ${percent(after.staleShare)} (auto ${percent(moving.staleShare)});`,
    `loads ${before.loads} → ${after.loads}`,
  );
  rows.push([`${name}: advised ÷ best or its inverse`, apart(advised, best), '<=', FAR]);
  rows.push([`${name}: auto ÷ best or its inverse`, apart(reached, best), '<=', FAR]);
}
judge(rows);

function apart(one: number, other: number): number {
  return Math.max(one / other, other / one);
}

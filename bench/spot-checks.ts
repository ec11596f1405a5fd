/* npm run bench:spot-checks: what spot checks and the counting of them cost a hit in memory. Interleaved in one run. */
import { CacheEvents } from '../src/cache/cache-events.js';
import { resolveOptions } from '../src/cache/cache-options.js';
import { createRuntime } from '../src/cache/cache-runtime.js';
import { CacheService } from '../src/cache/cache.service.js';
import { startTally, type Tally } from '../src/cache/tally.js';
import { defineKey } from '../src/keys/template.js';
import { judge, show, spreadOf } from './support.js';

const PASSES = 400;
const HITS = 10_000;
const WARM_UP = 20;
/** Often enough for timers, and so for the second looks, to have their turn. */
const BREATH = 1_000;
const Profile = defineKey('user:{userId}:profile');
const KEYS = Array.from({ length: 64 }, (_, userId) => Profile({ userId }));
const VALUE = { runs: 1234, success_rate: 0.97, tokens: 456_789, runtime_p95: 12.5, note: 'x'.repeat(100) };
/** None twice: how far two that do the same are apart. */
const SHARES = [0, 0.001, 0.01, 0] as const;

interface Measured {
  readonly share: number;
  readonly cache: CacheService;
  readonly tally: Tally;
  /** Nanoseconds for one hit, by pass. */
  readonly took: number[];
}

function made(share: number): Measured {
  const events = new CacheEvents();
  const options = resolveOptions({ templates: [Profile], spotCheck: share, defaultTtl: 86_400 });
  const tally = startTally(options, events);
  return { share, cache: new CacheService(createRuntime(options, events), options, events, tally), tally, took: [] };
}

/** By the time that the process has worked: others that run on this machine take nothing from it. */
async function hits({ cache, took }: Measured): Promise<void> {
  const before = process.cpuUsage();
  for (let i = 0; i < HITS; i += 1) {
    await cache.getOrLoad(KEYS[i % KEYS.length] as (typeof KEYS)[0], () => ({ ...VALUE }));
    if (i % BREATH === 0) await new Promise(setImmediate);
  }
  const { user, system } = process.cpuUsage(before);
  took.push(((user + system) / HITS) * 1e3);
}

const measured = SHARES.map(made);
for (let i = 0; i < WARM_UP; i += 1) for (const each of measured) await hits(each);
for (const { took } of measured) took.length = 0;
// Which comes first changes, as whichever does has the warmer cache.
for (let pass = 0; pass < PASSES; pass += 1)
  for (let turn = 0; turn < measured.length; turn += 1)
    await hits(measured[(pass + turn) % measured.length] as Measured);

for (const { share, tally, took } of measured) {
  const checks = tally.of(Profile.template).spotChecks.total;
  console.log(`hit in memory, share ${share}: ${show(spreadOf(took), 'ns')}; ${checks} looked into`);
}
const [off, ...on] = measured as [Measured, ...Measured[]];
judge(
  on.map(({ share, took }) => {
    const ratios = took.map((value, i) => value / (off.took[i] ?? NaN));
    return [
      `hit with a share of ${share} ÷ without (median of pairs)`,
      spreadOf(ratios).median,
      '<=',
      share > 0.001 ? 1.05 : 1.02,
    ];
  }),
);

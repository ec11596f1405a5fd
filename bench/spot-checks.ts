/* npm run bench:spot-checks: what spot checks and the counting of them cost a hit in memory. Interleaved in one run. */
import { startCache, type TestCache } from '../test/support/caches.js';
import { judge, show, spreadOf, timed } from './support.js';

const PASSES = 60;
const HITS = 40_000;
/** Often enough for timers, and so for the second looks, to have their turn. */
const BREATH = 1_000;
const KEYS = Array.from({ length: 64 }, (_, i) => `user:${i}:profile`);
const VALUE = { runs: 1234, success_rate: 0.97, tokens: 456_789, runtime_p95: 12.5, note: 'x'.repeat(100) };
const SHARES = [0, 0.001, 0.01] as const;

const instances = await Promise.all(
  SHARES.map((spotCheck) => startCache({ spotCheck, coherenceWindowMs: 100, spotCheckGraceMs: 0, defaultTtl: 3_600 })),
);
const looked = instances.map(({ events }) => ({ events, count: 0 }));

/** Nanoseconds for one hit. */
async function hits({ cache }: TestCache): Promise<number> {
  const took = await timed(async () => {
    for (let i = 0; i < HITS; i += 1) {
      await cache.getOrLoad(KEYS[i % KEYS.length] as string, () => ({ ...VALUE }));
      if (i % BREATH === 0) await new Promise(setImmediate);
    }
  });
  return (took / HITS) * 1e6;
}

/** The list of events is the tests' own, and would fill the heap. */
function forget(which: number): void {
  const told = looked[which];
  if (!told) return;
  told.count += told.events.filter(({ type }) => type === 'spot-check.ended').length;
  told.events.length = 0;
}

const samples = SHARES.map((): number[] => []);
for (const instance of instances) await hits(instance);
for (let pass = 0; pass < PASSES; pass += 1)
  for (let turn = 0; turn < SHARES.length; turn += 1) {
    // Which comes first changes, as whichever does has the warmer cache.
    const which = (pass + turn) % SHARES.length;
    samples[which]?.push(await hits(instances[which] as TestCache));
    forget(which);
  }

const [off = []] = samples;
const ratioOf = (of: readonly number[]): number => spreadOf(of.map((value, i) => value / (off[i] ?? NaN))).median;
for (const [i, share] of SHARES.entries())
  console.log(
    `hit in memory, share ${share}: ${show(spreadOf(samples[i] ?? []), 'ns')}; ${looked[i]?.count} looked into`,
  );
judge(
  SHARES.slice(1).map((share, i) => [
    `hit with a share of ${share} ÷ without (median of pairs)`,
    ratioOf(samples[i + 1] ?? []),
    '<=',
    1.02,
  ]),
);
await Promise.all(instances.map((instance) => instance.close()));

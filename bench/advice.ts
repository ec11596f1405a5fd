/* npm run bench:advice: what watching TTLs costs, of hits in memory and of reads of which some load. Interleaved in one run. */
import { CacheEvents } from '../src/cache/cache-events.js';
import { resolveOptions } from '../src/cache/cache-options.js';
import { createRuntime } from '../src/cache/cache-runtime.js';
import { CacheService } from '../src/cache/cache.service.js';
import { IMPLEMENTATIONS } from '../src/cache/implementations.js';
import { startTally } from '../src/cache/tally.js';
import type { AdviceMode } from '../src/keys/advice-mode.js';
import { defineKey, type KeyTemplate } from '../src/keys/template.js';
import { SeededRandom } from '../src/testing/seeded-random.js';
import { judge, show, spreadOf } from './support.js';
import { TraceClock } from './ttl/trace-clock.js';

const PASSES = Number(process.env['PASSES'] ?? 100);
const READS = 6_400;
const KEYS = 64;
const WARM_UP = 10;
const TTL_MS = 86_400_000;
const VALUE = { runs: 1234, success_rate: 0.97, tokens: 456_789, runtime_p95: 12.5, note: 'x'.repeat(100) };
const auto = { minTtl: 3_600, maxTtl: 10 * 86_400 };
/** None twice: how far two that do the same are apart. */
const MODES: readonly (readonly [string, AdviceMode])[] = [
  ['off', 'off'],
  ['advise', 'advise'],
  ['auto', { auto }],
  ['off again', 'off'],
];
/** How many reads there are for each load; none loads where it is 0. */
const RHYTHMS = [0, 20, 1] as const;

interface Measured {
  readonly name: string;
  readonly clock: TraceClock;
  readonly cache: CacheService;
  readonly keys: readonly ReturnType<KeyTemplate>[];
  /** Nanoseconds for one read, by rhythm and pass. */
  readonly took: Readonly<Record<number, number[]>>;
}

function made([name, advice]: (typeof MODES)[number]): Measured {
  const Profile = defineKey('user:{userId}:profile', { ttl: TTL_MS / 1_000, advice, beta: 0 });
  const events = new CacheEvents();
  const options = resolveOptions({ templates: [Profile], ttlJitter: 0, sweep: { restMs: 86_400_000 } });
  const clock = new TraceClock();
  const runtime = createRuntime(options, events, { ...IMPLEMENTATIONS, clock: () => clock });
  const cache = new CacheService(runtime, options, events, startTally(options, events));
  const keys = Array.from({ length: KEYS }, (_, userId) => Profile({ userId }));
  return { name, clock, cache, keys, took: { 0: [], 20: [], 1: [] } };
}

/** By the time that the process has worked: others that run on this machine take nothing from it. */
async function reads({ cache, clock, keys, took }: Measured, rhythm: number): Promise<void> {
  // Loads take far longer.
  const count = rhythm === 1 ? READS / 10 : READS;
  const before = process.cpuUsage();
  for (let i = 0; i < count; i += 1) {
    // All expire at once, so that one in so many reads loads.
    if (rhythm > 0 && i % (KEYS * rhythm) === 0) clock.jumpTo(clock.now() + TTL_MS + i);
    await cache.getOrLoad(keys[i % KEYS] as ReturnType<KeyTemplate>, () => ({ ...VALUE }));
  }
  const { user, system } = process.cpuUsage(before);
  took[rhythm]?.push(((user + system) / count) * 1e3);
}

/** Whoever came always after the same one would always clear away what that one has left. */
function shuffled<T>(list: readonly T[]): T[] {
  const drawn = list.map((each) => ({ each, place: chance.fraction() }));
  return drawn.sort((a, b) => a.place - b.place).map(({ each }) => each);
}

const chance = new SeededRandom(1);
const measured = MODES.map(made);
const off = measured[0] as Measured;
for (let pass = -WARM_UP; pass < PASSES; pass += 1)
  for (const rhythm of RHYTHMS) for (const each of shuffled(measured)) await reads(each, rhythm);

const label = (rhythm: number): string => (rhythm === 0 ? 'hit in memory' : `read, one in ${rhythm} loads`);
const passesOf = ({ took }: Measured, rhythm: number): number[] => (took[rhythm] ?? []).slice(WARM_UP);
const ratioOf = (each: Measured, rhythm: number): number => {
  const without = passesOf(off, rhythm);
  return spreadOf(passesOf(each, rhythm).map((value, i) => value / (without[i] ?? NaN))).median;
};
for (const rhythm of RHYTHMS)
  for (const each of measured)
    console.log(`${label(rhythm)}, ${each.name}: ${show(spreadOf(passesOf(each, rhythm)), 'ns')}`);
for (const each of measured.slice(1))
  console.log(`load without a source nor Redis, ${each.name} ÷ off (median of pairs): ${ratioOf(each, 1).toFixed(3)}`);
judge(
  [0, 20].flatMap((rhythm) =>
    measured
      .slice(1)
      .map(
        (each) =>
          [`${label(rhythm)}, ${each.name} ÷ off (median of pairs)`, ratioOf(each, rhythm), '<=', 1.02] as const,
      ),
  ),
);

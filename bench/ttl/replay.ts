import { CacheEvents } from '../../src/cache/cache-events.js';
import { type CacheModuleOptions, resolveOptions } from '../../src/cache/cache-options.js';
import { createRuntime } from '../../src/cache/cache-runtime.js';
import { CacheService } from '../../src/cache/cache.service.js';
import { IMPLEMENTATIONS } from '../../src/cache/implementations.js';
import { startTally } from '../../src/cache/tally.js';
import type { AdviceMode } from '../../src/keys/advice-mode.js';
import { defineKey } from '../../src/keys/template.js';
import { SeededRandom } from '../../src/testing/seeded-random.js';
import type { TemplateAdvice } from '../../src/cache/advice/template-advice.js';
import type { ChangingSource } from './source.js';
import type { Trace } from './trace.js';
import { TraceClock } from './trace-clock.js';

/** What one replay came to. */
export interface Replay {
  readonly hits: number;
  readonly stale: number;
  readonly loads: number;
  /** Share of the hits whose value the source had changed. */
  readonly staleShare: number;
  readonly advice: TemplateAdvice | undefined;
}

/** How a replay is made. */
export interface ReplayOptions {
  /** Milliseconds. */
  readonly ttl: number;
  readonly advice: AdviceMode;
  readonly maxStale: number;
  /** Read no. so many and those after it are counted. @default all */
  readonly countedFrom?: number;
}

/** Reads a trace through a cache of this process, on a clock of its own, and looks at each hit whether the source still has it. */
export async function replay(trace: Trace, source: ChangingSource, options: ReplayOptions): Promise<Replay> {
  const { ttl, advice, maxStale, countedFrom = 0 } = options;
  const Value = defineKey('value:{id}', { ttl: ttl / 1000, advice, maxStale });
  const keys = Array.from({ length: trace.keys }, (_, id) => Value({ id }));
  const clock = new TraceClock();
  const start = clock.now();
  const cache = cacheOn(clock, { templates: [Value] });
  let [hits, stale, loads] = [0, 0, 0];
  for (const [i, id] of trace.key.entries()) {
    const now = start + (trace.at[i] as number);
    if (clock.isDue(now)) await clock.moveTo(now);
    else clock.jumpTo(now);
    const key = keys[id] as (typeof keys)[number];
    const today = source.version(key.name, clock.now() - start);
    const { value, source: from } = await cache.lookup(key, () => ({ version: today }));
    if (i < countedFrom) continue;
    if (from === 'loader') loads += 1;
    else hits += 1;
    if (value.version !== today) stale += 1;
  }
  const [told] = await cache.advice();
  return { hits, stale, loads, staleShare: stale / hits, advice: told };
}

function cacheOn(clock: TraceClock, options: CacheModuleOptions): CacheService {
  const resolved = resolveOptions(options);
  const events = new CacheEvents();
  const random = new SeededRandom(5);
  const runtime = createRuntime(resolved, events, { ...IMPLEMENTATIONS, clock: () => clock, random: () => random });
  return new CacheService(runtime, resolved, events, startTally(resolved, events));
}

/** The longest fixed TTL of a trace with no more stale hits than `maxStale`, to a few per cent, by trying. */
export async function bestTtl(
  trace: Trace,
  source: ChangingSource,
  { maxStale, from, to }: { readonly maxStale: number; readonly from: number; readonly to: number },
): Promise<number> {
  let [low, high] = [from, to];
  while (high / low > 1.05) {
    const middle = Math.sqrt(low * high);
    const { staleShare } = await replay(trace, source, { ttl: middle, advice: 'off', maxStale });
    if (staleShare > maxStale) high = middle;
    else low = middle;
  }
  return Math.sqrt(low * high);
}

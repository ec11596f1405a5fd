/* One process of a run: the real module's parts on a real Redis, driven by seeded chance. */
import { CacheEvents } from '../../src/cache/cache-events.js';
import { type ResolvedCacheOptions, resolveOptions } from '../../src/cache/cache-options.js';
import type { RedisOptions } from '../../src/cache/redis-options.js';
import { createRuntime } from '../../src/cache/cache-runtime.js';
import { CacheService } from '../../src/cache/cache.service.js';
import { Tally } from '../../src/cache/tally.js';
import { EventBinder } from '../../src/cache/event-binder.js';
import { InvalidationService } from '../../src/cache/invalidation.service.js';
import { implementationsOf } from './mutants.js';
import { HistoryWriter } from './history.js';
import { Readers } from './readers.js';
import { Source } from './source.js';
import { WRITERS, Writers } from './writers.js';
import { Chance } from './chance.js';

/** What a worker is told, as JSON in its first argument. */
export interface Assignment {
  readonly process: number;
  readonly seed: number;
  readonly seconds: number;
  readonly mode: 'strict' | 'default' | 'mixed';
  /** Milliseconds between two changes by one writer, on average. */
  readonly writePause: number;
  readonly rhythm: 'steady' | 'bursts';
  readonly mutant: string | undefined;
  readonly redis: RedisOptions;
  readonly sourceUrl: string;
  readonly historyFile: string;
}

const assignment = JSON.parse(process.argv[2] as string) as Assignment;

process.on('unhandledRejection', (error) => {
  process.send?.({ unhandled: String(error) });
});

await work(assignment);
process.exit(0);

async function work({
  process: number,
  seed,
  seconds,
  mode,
  mutant,
  redis,
  sourceUrl,
  historyFile,
}: Assignment): Promise<void> {
  const options: ResolvedCacheOptions = resolveOptions({
    redis: { ...redis, retry: 'fast' },
    leaseMs: 2_000,
    leaseWaitMs: 1_000,
  });
  const events = new CacheEvents();
  const runtime = createRuntime(options, events, implementationsOf(mutant));
  const cache = new CacheService(runtime, options, events, new Tally());
  const invalidation = new InvalidationService(runtime, options, new EventBinder(runtime, options));
  const source = new Source(sourceUrl);
  const history = new HistoryWriter(historyFile);
  runtime.start();
  const until = performance.now() + seconds * 1_000;
  const context = {
    process: number,
    cache,
    invalidation,
    runtime,
    source,
    history,
    mode,
    isOver: () => performance.now() > until,
  };
  const readers = new Readers(context);
  const writers = new Writers(context, assignment.rhythm === 'bursts' ? 'bursts' : assignment.writePause);
  await Promise.all([
    ...Array.from({ length: 12 }, (_, i) => readers.run(new Chance(seed * 1_000 + i))),
    ...Array.from({ length: WRITERS }, (_, i) => writers.run(new Chance(seed * 1_000 + 500 + i))),
  ]);
  history.flush();
  source.close();
  await runtime.stop();
}

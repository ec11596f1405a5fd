/* npm run bench:metrics: what metrics cost a hit in memory, and what a scrape of a busy instance costs. Interleaved in one run. */
import { Registry } from 'prom-client';
import { CacheEvents } from '../src/cache/cache-events.js';
import { resolveOptions } from '../src/cache/cache-options.js';
import { createRuntime } from '../src/cache/cache-runtime.js';
import { CacheService } from '../src/cache/cache.service.js';
import { EventBinder } from '../src/cache/event-binder.js';
import { Tally } from '../src/cache/tally.js';
import { defineKey } from '../src/keys/template.js';
import { CACHE_METRICS } from '../src/metrics/cache-metrics.js';
import { expose } from '../src/metrics/exposition.js';
import { registerSnapshot } from '../src/metrics/snapshot-metric.js';
import { judge, show, spreadOf, timed } from './support.js';

const PASSES = 30;
const HITS = 100_000;
const TEMPLATES = Array.from({ length: 30 }, (_, i) => defineKey(`thing${i}:{id}:stats:{timeframe}`));

function made(isCounted: boolean) {
  const events = new CacheEvents();
  const options = resolveOptions({ templates: TEMPLATES });
  const runtime = createRuntime(options, events);
  const binder = new EventBinder(runtime, options);
  const tally = new Tally(TEMPLATES.map(({ template }) => template));
  if (isCounted) events.subscribe(tally.listen);
  const registry = new Registry();
  for (const metric of CACHE_METRICS) registerSnapshot(registry, metric, { tally, runtime, binder });
  return { cache: new CacheService(runtime, options, events, tally), registry };
}

const key = TEMPLATES[0]?.({ id: 1, timeframe: '7d' } as never) ?? '';
const [counted, plain] = [made(true), made(false)];

async function hits({ cache }: ReturnType<typeof made>): Promise<number> {
  const took = await timed(async () => {
    for (let i = 0; i < HITS; i++) await cache.getOrLoad(key, () => 1);
  });
  return (took / HITS) * 1e6;
}

await hits(counted);
await hits(plain);
const samples = { counted: [] as number[], plain: [] as number[] };
for (let i = 0; i < PASSES; i++) {
  // Which comes first changes, as whichever does has the warmer cache.
  for (const which of i % 2 === 0 ? (['counted', 'plain'] as const) : (['plain', 'counted'] as const))
    samples[which].push(await hits(which === 'counted' ? counted : plain));
}
await Promise.all(
  TEMPLATES.flatMap((template) =>
    Array.from({ length: 300 }, (_, id) =>
      counted.cache.getOrLoad(template({ id, timeframe: '7d' } as never), () => id),
    ),
  ),
);
const scrapes: number[] = [];
for (let i = 0; i < 50; i++) scrapes.push(await timed(() => expose(counted.registry, undefined)));

console.log(`hit in memory, not counted: ${show(spreadOf(samples.plain), 'ns')}`);
console.log(`hit in memory, counted:     ${show(spreadOf(samples.counted), 'ns')}`);
console.log(`scrape, ${TEMPLATES.length} templates, 9,000 entries: ${show(spreadOf(scrapes))}`);
const ratios = samples.counted.map((value, i) => value / (samples.plain[i] ?? NaN));
judge([
  ['hit in memory with metrics, share of one without (median of pairs)', spreadOf(ratios).median, '<=', 1.1],
  ['scrape, ms (p99)', spreadOf(scrapes).p99, '<=', 20],
]);

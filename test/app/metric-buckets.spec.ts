import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MetricRanges } from '../../src/app/analytics/buckets/metric-ranges.js';
import { METRICS } from '../../src/app/analytics/metrics.js';
import { MetricsRepository } from '../../src/app/analytics/metrics.repository.js';
import type { Scope } from '../../src/app/analytics/selection.js';
import { bucketOf, windowOf } from '../../src/app/analytics/window.js';
import { RunRecorder } from '../../src/app/runs/run-recorder.js';
import { RunsWriter } from '../../src/app/runs/runs.writer.js';
import { TIMEFRAMES } from '../../src/index.js';
import { Backend } from './support/backend.js';
import { inventedRuns, NOW } from './support/runs.js';

const RUNS = inventedRuns(600, 20_260_520);
const BOUNDED = TIMEFRAMES.filter((timeframe) => timeframe !== 'all');
const SCOPES: readonly Scope[] = [
  {},
  { userId: 'user-5' },
  { workspaceId: 'space-2' },
  { userId: 'user-5', workspaceId: 'space-2' },
  { userId: 'nobody' },
];
const DAY = 86_400_000;

describe('the figures of a metric made of buckets', () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await Backend.start();
    await backend.app.get(RunsWriter).insert(RUNS);
  });
  afterAll(() => backend.stop());

  /** What the database says, uncached. */
  async function uncached(
    metric: (typeof METRICS)[number],
    scope: Scope,
    timeframe: (typeof BOUNDED)[number],
    now: Date,
  ) {
    const source = backend.app.get(MetricsRepository);
    const window = windowOf(timeframe, now);
    return {
      value: await source.value(metric, scope, window),
      byModel: await source.byModel(metric, scope, window),
      series: await source.overTime(metric, scope, window, bucketOf(timeframe)),
    };
  }

  function cached(metric: (typeof METRICS)[number], scope: Scope, timeframe: (typeof BOUNDED)[number], now: Date) {
    const window = windowOf(timeframe, now);
    if (window.from === null) throw new Error('a window without bounds');
    return backend.app.get(MetricRanges).figures(metric, scope, window, bucketOf(timeframe));
  }

  it('are those of the database: every metric, of every scope, in every window, with runs on its very ends', async () => {
    for (const metric of METRICS)
      for (const scope of SCOPES)
        for (const timeframe of BOUNDED) {
          const what = `${metric} of ${JSON.stringify(scope)} in ${timeframe}`;
          const expected = await uncached(metric, scope, timeframe, NOW);
          expect(await cached(metric, scope, timeframe, NOW), what).toEqual(expected);
          expect(await cached(metric, scope, timeframe, NOW), `${what}, again`).toEqual(expected);
        }
  }, 120_000);

  it('stay so whatever is written, early or late, and whenever is asked', async () => {
    let count = 0;
    const asked = fc.record({
      metric: fc.constantFrom(...METRICS),
      scope: fc.constantFrom(...SCOPES.slice(0, 4)),
      timeframe: fc.constantFrom(...BOUNDED),
      // Anywhere, or where a bucket ends, in microseconds.
      now: fc.oneof(
        fc.integer({ min: 0, max: 30 * DAY }),
        fc.integer({ min: 0, max: 720 }).map((hour) => hour * 3_600_000),
      ),
    });
    const written = fc.record({
      ago: fc.oneof(
        fc.integer({ min: 0, max: 60 * DAY }),
        fc.integer({ min: 0, max: 720 }).map((hour) => hour * 3_600_000),
      ),
      user: fc.integer({ min: 4, max: 6 }),
      runtimeSeconds: fc.option(fc.integer({ min: 0, max: 99_999 }).map((part) => part / 1000)),
      credits: fc.option(fc.integer({ min: 0, max: 99_999 }).map((part) => part / 10_000)),
      tokensIn: fc.option(fc.integer({ min: 0, max: 5000 })),
      model: fc.constantFrom(null, 'small', 'large', 'µ', '\u{1F600}', '\uFF5E'),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(written, asked), { minLength: 1, maxLength: 6 }), async (steps) => {
        for (const [{ ago, user, ...run }, { metric, scope, timeframe, now }] of steps) {
          const startedAt = new Date(NOW.getTime() - ago).toISOString();
          const whose = {
            agentId: 'agent-1',
            userId: `user-${user}`,
            workspaceId: 'space-2',
            status: 'completed' as const,
          };
          await backend.app.get(RunRecorder).record([{ ...run, ...whose, runId: `late-${count++}`, startedAt }]);
          const at = new Date(NOW.getTime() - now);
          expect(await cached(metric, scope, timeframe, at)).toEqual(await uncached(metric, scope, timeframe, at));
        }
      }),
      { numRuns: 60, seed: 7 },
    );
  }, 120_000);
});

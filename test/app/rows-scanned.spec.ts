import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { METRICS } from '../../src/app/analytics/metrics.js';
import { MetricsRepository } from '../../src/app/analytics/metrics.repository.js';
import { RunsRepository } from '../../src/app/analytics/runs.repository.js';
import { bucketOf, windowOf } from '../../src/app/analytics/window.js';
import { Session, type SqlParameters } from '../../src/app/database/session.js';
import { SyntheticRuns } from '../../src/app/synthetic/synthetic-runs.js';
import { Backend, cacheOf } from './support/backend.js';

const RUNS = 1_000_000;
/** How many times fewer at least. DuckDB scans groups of 122,880 rows: a month is little more than one here. */
const LEAST = { '24h': 10, '7d': 10, '30d': 8, '90d': 10, '6m': 10, '1y': 10 };
const TIMEFRAMES = Object.keys(LEAST) as (keyof typeof LEAST)[];
const RUN = { agentId: '1', userId: '1', workspaceId: '701', status: 'completed' };
const WHOLE = { ...RUN, runtimeSeconds: 2, tokensIn: 10, tokensOut: 5, toolCalls: 1, credits: 0.5 };

/** Counts the rows that DuckDB says it has scanned, by its own profile of each statement. */
class ScanCounter {
  rows = 0;

  constructor() {
    // eslint-disable-next-line @typescript-eslint/unbound-method -- called with a session each time
    const query = Session.prototype.query;
    const count = (rows: number): void => void (this.rows += rows);
    vi.spyOn(Session.prototype, 'query').mockImplementation(async function (
      this: Session,
      sql: string,
      parameters?: SqlParameters,
    ) {
      if (sql.trimStart().startsWith('SELECT')) {
        const explained = `EXPLAIN (ANALYZE, FORMAT json) ${sql}`;
        const [profile] = (await query.call(this, explained, parameters)) as { explain_value: string }[];
        const { cumulative_rows_scanned: scanned } = JSON.parse(profile?.explain_value ?? '') as Record<
          string,
          unknown
        >;
        if (typeof scanned !== 'number') throw new Error(`DuckDB tells no cumulative_rows_scanned of ${sql}`);
        count(scanned);
      }
      return await query.call(this, sql, parameters);
    });
  }

  async during(work: () => Promise<unknown>): Promise<number> {
    this.rows = 0;
    await work();
    return this.rows;
  }
}

describe(`a dashboard of all metrics over ${RUNS.toLocaleString('en')} runs`, () => {
  let backend: Backend;
  beforeAll(async () => {
    // What a year of percentiles and users is made of is more than the 64 MiB that memory has by default.
    backend = await Backend.start({ CACHE_L1_MAX_BYTES: String(2 ** 30) });
    await backend.app.get(SyntheticRuns).generate(RUNS, 1, new Date().toISOString());
  }, 300_000);
  afterAll(() => backend.stop());

  const refresh = async (timeframe: string): Promise<string[]> => {
    const states: string[] = [];
    for (const metric of METRICS)
      states.push(cacheOf(await backend.get(`analytics/metrics/${metric}?timeframe=${timeframe}`)));
    return states;
  };

  /** What a refresh cost when the answers to whole windows were all that was cached, and a write took them all. */
  const wholeRanges = async (timeframe: (typeof TIMEFRAMES)[number]): Promise<void> => {
    const [metrics, runs] = [backend.app.get(MetricsRepository), backend.app.get(RunsRepository)];
    for (const metric of METRICS) {
      const window = windowOf(timeframe, new Date());
      await runs.coverage({});
      await metrics.value(metric, {}, window);
      await metrics.byModel(metric, {}, window);
      await metrics.overTime(metric, {}, window, bucketOf(timeframe));
    }
  };

  it('scans far fewer rows after a write', { timeout: 300_000 }, async () => {
    for (const timeframe of TIMEFRAMES) await refresh(timeframe);
    const counter = new ScanCounter();
    const ratios: Record<string, number> = {};
    for (const timeframe of TIMEFRAMES) {
      expect((await backend.post('runs', WHOLE)).status).toBe(201);
      let states: string[] = [];
      const buckets = await counter.during(async () => (states = await refresh(timeframe)));
      expect(new Set(states), 'each answer is made anew').toEqual(new Set(['miss']));
      const whole = await counter.during(() => wholeRanges(timeframe));
      ratios[timeframe] = whole / buckets;
      const rows = [buckets, whole].map((count) => count.toLocaleString('en').padStart(12));
      console.log(
        `${timeframe.padEnd(4)} rows scanned by a refresh: buckets ${rows.join(', whole ranges ')}: ${(whole / buckets).toFixed(1)} times fewer`,
      );
    }
    for (const timeframe of TIMEFRAMES) expect(ratios[timeframe], timeframe).toBeGreaterThan(LEAST[timeframe]);
  });
});

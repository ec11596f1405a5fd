import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { criterionOf, LEADERBOARD_CRITERIA } from '../../src/app/analytics/leaderboard-criteria.js';
import { METRICS } from '../../src/app/analytics/metrics.js';
import { MetricsRepository } from '../../src/app/analytics/metrics.repository.js';
import { RunsRepository } from '../../src/app/analytics/runs.repository.js';
import type { Scope } from '../../src/app/analytics/selection.js';
import { bucketOf, windowOf } from '../../src/app/analytics/window.js';
import { Database } from '../../src/app/database/database.js';
import { RunsWriter } from '../../src/app/runs/runs.writer.js';
import { TIMEFRAMES } from '../../src/index.js';
import { chosen, completed, grouped, METRIC_ORACLE, NEEDS, stepOf } from './support/oracle.js';
import { inventedRuns, NOW } from './support/runs.js';

const RUNS = inventedRuns(800, 20_260_520);
const SCOPES: readonly Scope[] = [
  {},
  { agentId: 'agent-0' },
  { agentId: 'agent-3' },
  { userId: 'user-5' },
  { userId: 'unknown' },
  { workspaceId: 'space-2' },
  { userId: 'user-5', workspaceId: 'space-2' },
  { agentId: 'nobody' },
];

/** Every scope in every window; `1w`, `1m` and `3m` are the windows of `7d`, `30d` and `90d`. */
const CASES = SCOPES.flatMap((scope) =>
  TIMEFRAMES.filter((timeframe) => !/^(1w|1m|3m)$/.test(timeframe)).map((timeframe) => ({
    name: `${JSON.stringify(scope)} in ${timeframe}`,
    scope,
    window: windowOf(timeframe, NOW),
    bucket: bucketOf(timeframe),
    runs: chosen(RUNS, scope, windowOf(timeframe, NOW)),
  })),
);

let database: Database;
let runs: RunsRepository;
let metrics: MetricsRepository;

beforeAll(async () => {
  database = await Database.open(':memory:');
  await new RunsWriter(database).insert(RUNS);
  runs = new RunsRepository(database);
  metrics = new MetricsRepository(database);
});

afterAll(() => {
  database.close();
});

/** Equal up to the rounding of the answers: four digits of a share, three of a second. */
function expectClose(actual: number | null, expected: number | null, what: string): void {
  if (actual === null || expected === null) expect(actual, what).toBe(expected);
  else expect(Math.abs(actual - expected), `${what}: ${actual} for ${expected}`).toBeLessThanOrEqual(0.000_51);
}

describe('the questions about somebody', () => {
  it('answer what the plain computation answers, for everybody in every timeframe', async () => {
    for (const { name, scope, window, runs: expected } of CASES) {
      const summary = await runs.summary(scope, window);
      for (const status of ['completed', 'failed', 'cancelled', 'timeout'] as const) {
        expect(summary[status], `${status} of ${name}`).toBe(expected.filter((run) => run.status === status).length);
      }
      const figures = {
        runs: summary.runs,
        success_rate: summary.successRate,
        runtime_p50: summary.runtimeP50,
        runtime_p95: summary.runtimeP95,
        tokens: summary.tokens,
        tokens_in: summary.tokensIn,
        tokens_out: summary.tokensOut,
        tool_calls: summary.toolCalls,
        credits: summary.credits,
        active_users: summary.activeUsers,
      };
      for (const [metric, value] of Object.entries(figures)) {
        expectClose(value, METRIC_ORACLE[metric]?.(expected) ?? null, `${metric} of ${name}`);
      }
    }
  });

  it('count runs per step of time, leaving out those without a time', async () => {
    for (const { name, scope, window, bucket, runs: expected } of CASES) {
      const dated = expected.filter((run) => run.startedAt !== null);
      const steps = [...grouped(dated, (run) => stepOf(run.startedAt ?? '', bucket))]
        .map(([at, group]) => ({ at, runs: group.length, completed: completed(group) }))
        .sort((a, b) => String(a.at).localeCompare(String(b.at)));
      expect(await runs.overTime(scope, window, bucket), name).toEqual(steps);
    }
  });

  it('name the five with the most runs, and the latest runs', async () => {
    for (const { name, scope, window, runs: expected } of CASES) {
      const counts = [...grouped(expected, (run) => run.userId)].map(([id, group]) => ({ id, runs: group.length }));
      counts.sort((a, b) => b.runs - a.runs || (String(a.id) < String(b.id) ? -1 : 1));
      expect(await runs.top('user', scope, window, 5), name).toEqual(counts.slice(0, 5));
      const latest = expected
        .filter((run) => run.startedAt !== null)
        .sort((a, b) => String(b.startedAt).localeCompare(String(a.startedAt)) || (a.runId < b.runId ? -1 : 1));
      const recent = await runs.recent(scope, window, Math.min(20, latest.length));
      expect(recent, name).toEqual(latest.slice(0, 20));
    }
  });

  it('say what is known of somebody at all', async () => {
    for (const scope of SCOPES) {
      const all = chosen(RUNS, scope, { from: null, to: null });
      const times = all.flatMap((run) => run.startedAt ?? []).sort();
      expect(await runs.coverage(scope)).toEqual({
        runs: all.length,
        datedRuns: times.length,
        firstRunAt: times[0] ?? null,
        lastRunAt: times.at(-1) ?? null,
      });
    }
  });
});

describe('the questions about a metric', () => {
  it.each(METRICS)('%s is what the plain computation gives: in all, per model, over time', async (metric) => {
    const oracle = METRIC_ORACLE[metric] ?? (() => null);
    for (const { name, scope, window, bucket, runs: expected } of CASES) {
      expectClose(await metrics.value(metric, scope, window), oracle(expected), `${metric} of ${name}`);
      const counting = expected.filter((run) => NEEDS[metric]?.(run));
      const byModel = grouped(counting, (run) => run.model);
      const models = await metrics.byModel(metric, scope, window);
      expect(models, name).toHaveLength(byModel.size);
      for (const { model, value } of models)
        expectClose(value, oracle(byModel.get(model) ?? []), `${String(model)} of ${name}`);
      const steps = grouped(
        counting.filter((run) => run.startedAt !== null),
        (run) => stepOf(run.startedAt ?? '', bucket),
      );
      const points = await metrics.overTime(metric, scope, window, bucket);
      expect(
        points.map(({ at }) => at),
        name,
      ).toEqual([...steps.keys()].sort());
      for (const { at, value } of points) expectClose(value, oracle(steps.get(at) ?? []), `${at} of ${name}`);
    }
  });
});

describe('the questions that set agents side by side', () => {
  const windows = TIMEFRAMES.map((timeframe) => windowOf(timeframe, NOW));

  it('list every agent of the window once, page by page, the busiest first', async () => {
    for (const window of windows) {
      const expected = [...grouped(chosen(RUNS, {}, window), (run) => run.agentId)]
        .map(([agentId, group]) => ({ agentId: String(agentId), runs: group.length }))
        .sort((a, b) => b.runs - a.runs || (a.agentId < b.agentId ? -1 : 1));
      const pages = await Promise.all([1, 2, 3].map((page) => metrics.agents(window, { page, pageSize: 4 })));
      expect(pages.flat().map(({ agentId, runs: count }) => ({ agentId, runs: count }))).toEqual(expected);
      expect(await metrics.agentCount(window)).toBe(expected.length);
    }
  });

  it.each(LEADERBOARD_CRITERIA)('rank by %s, ties sharing a rank', async (by) => {
    const { metric, best, minRuns } = criterionOf(by);
    for (const window of windows) {
      const scores = [...grouped(chosen(RUNS, {}, window), (run) => run.agentId)].flatMap(([agentId, group]) => {
        const value = METRIC_ORACLE[metric]?.(group) ?? null;
        return value === null || group.length < minRuns ? [] : [{ agentId, value }];
      });
      const ahead = (a: number, b: number): boolean => (best === 'highest' ? a > b + 0.0006 : a < b - 0.0006);
      const board = await metrics.leaderboard(by, window, 100);
      expect(board).toHaveLength(scores.length);
      for (const { rank, agentId, value } of board) {
        const own = scores.find((score) => score.agentId === agentId)?.value ?? Number.NaN;
        expectClose(value, own, agentId);
        expect(rank).toBeGreaterThan(scores.filter((score) => ahead(score.value, own)).length);
      }
      expect(board.map(({ rank }) => rank)).toEqual(board.map(({ rank }) => rank).toSorted((a, b) => a - b));
    }
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type {
  AgentListAnswer,
  LeaderboardAnswer,
  MetricAnswer,
} from '../../src/app/analytics/answers/overall.answers.js';
import type {
  AgentStatsAnswer,
  UserActivityAnswer,
  UserProfileAnswer,
  WorkspaceOverviewAnswer,
} from '../../src/app/analytics/answers/subject.answers.js';
import { METRICS } from '../../src/app/analytics/metrics.js';
import { Tally } from '../../src/cache/tally.js';
import { InvalidationService, TIMEFRAMES } from '../../src/index.js';
import { until } from '../support/caches.js';
import { Backend, cacheOf } from './support/backend.js';

const RUNS = 5000;
const READS = [
  'agents',
  'agents/1/stats',
  'users/1/profile',
  'users/1/activity',
  'workspaces/701/overview',
  'analytics/metrics/runs',
  'analytics/metrics/tokens?user=1',
  'analytics/metrics/success_rate?workspace=701',
  'analytics/metrics/credits?user=1&workspace=701',
  'leaderboards/agents',
  'leaderboards/agents?by=speed&limit=3',
];

let backend: Backend;

beforeAll(async () => {
  backend = await Backend.start({ SYNTHETIC_RUNS: String(RUNS) });
  // What was loaded before anybody asked would be no miss.
  await until(() => backend.app.get(Tally).warmUps.plans.get('BusyAgents')?.runs.done === 1);
  await backend.app.get(InvalidationService).all();
});

afterAll(async () => {
  await backend.stop();
});

function inTimeframe(path: string, timeframe: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}timeframe=${timeframe}`;
}

describe('every question', () => {
  it.each(READS)('%s answers in every timeframe, from the source and then from the cache', async (path) => {
    for (const timeframe of TIMEFRAMES) {
      const first = await backend.get<{ timeframe: string; from: string | null; to: string | null }>(
        inTimeframe(path, timeframe),
      );
      const second = await backend.get(inTimeframe(path, timeframe));
      expect(first.status).toBe(200);
      expect(first.body.timeframe).toBe(timeframe);
      expect(first.body.from === null, 'only `all` is without bounds').toBe(timeframe === 'all');
      expect([cacheOf(first), cacheOf(second)]).toEqual(['miss', 'hit']);
      expect(second.body).toEqual(first.body);
      expect(Number(second.headers['age'])).toBeGreaterThanOrEqual(0);
    }
  });

  it('is about the last 7 days when no timeframe is given', async () => {
    const { body } = await backend.get<AgentStatsAnswer>('agents/2/stats');
    expect(body.timeframe).toBe('7d');
    expect(Date.parse(body.to ?? '') - Date.parse(body.from ?? '')).toBe(7 * 86_400_000);
  });

  it.each(METRICS)('knows the metric %s', async (metric) => {
    const { body } = await backend.get<MetricAnswer>(`analytics/metrics/${metric}?timeframe=all`);
    expect(body).toMatchObject({ metric, user: null, workspace: null });
    expect(body.value).toBeGreaterThan(0);
    expect(body.byModel).toHaveLength(4);
    expect(body.series.length).toBeGreaterThan(12);
  });
});

describe('answers that show the same runs', () => {
  it('agree with each other', async () => {
    const list = (await backend.get<AgentListAnswer>('agents?timeframe=all&pageSize=100')).body;
    const board = (await backend.get<LeaderboardAnswer>('leaderboards/agents?timeframe=all&limit=100')).body;
    expect(board.entries.map(({ agentId, value }) => ({ agentId, runs: value }))).toEqual(
      list.agents.map(({ agentId, runs }) => ({ agentId, runs })),
    );
    const runs = (await backend.get<MetricAnswer>('analytics/metrics/runs?timeframe=all')).body;
    expect(runs.value).toBe(RUNS);
    expect(runs.series.reduce((sum, point) => sum + point.value, 0)).toBe(RUNS);
    expect(list.agents[0]?.runs).toBe((await stats('1')).summary.runs);
  });

  it('add up within one answer', async () => {
    const { summary, byModel, series, topUsers } = await stats('1');
    const { runs, completed, failed, cancelled, timeout } = summary;
    expect([completed, failed, cancelled, timeout].reduce((sum: number, count) => sum + (count ?? 0), 0)).toBe(runs);
    expect(byModel.reduce((sum, model) => sum + model.runs, 0)).toBe(runs);
    expect(series.reduce((sum, point) => sum + point.runs, 0)).toBe(runs);
    expect(topUsers).toHaveLength(5);
  });

  it('tell of a user what their runs tell', async () => {
    const profile = (await backend.get<UserProfileAnswer>('users/1/profile?timeframe=all')).body;
    const activity = (await backend.get<UserActivityAnswer>('users/1/activity?timeframe=all')).body;
    expect(activity.recentRuns[0]?.startedAt).toBe(profile.lastRunAt);
    expect(activity.series.reduce((sum, point) => sum + point.runs, 0)).toBe(profile.summary.runs);
    const [home] = profile.workspaces;
    const overview = (await backend.get<WorkspaceOverviewAnswer>(`workspaces/${home?.id ?? ''}/overview?timeframe=all`))
      .body;
    expect(overview.topUsers.some(({ id, runs }) => id === '1' && runs === home?.runs)).toBe(true);
  });

  async function stats(agentId: string): Promise<AgentStatsAnswer> {
    return (await backend.get<AgentStatsAnswer>(`agents/${agentId}/stats?timeframe=all`)).body;
  }
});

describe('the description at docs-json', () => {
  it('names every path, with the timeframe where there is one', async () => {
    const { body } = await backend.get<{ paths: Record<string, Record<string, { parameters: { name: string }[] }>> }>(
      'docs-json',
    );
    const questions = Object.entries(body.paths).filter(([path]) => !/health|metrics$|runs$/.test(path));
    expect(questions.map(([path]) => path.replace('/api/v1/', '')).sort()).toEqual([
      'agents',
      'agents/{id}/stats',
      'analytics/metrics/{metric}',
      'leaderboards/agents',
      'users/{id}/activity',
      'users/{id}/profile',
      'workspaces/{id}/overview',
    ]);
    for (const [path, { get }] of questions) {
      expect(
        get?.parameters.map(({ name }) => name),
        path,
      ).toContain('timeframe');
    }
    expect(body.paths['/api/v1/runs']).toHaveProperty('post');
  });
});

describe('the other ends', () => {
  it('are reached by events, all of them: nobody is warned at the start', () => {
    expect(backend.app.get(InvalidationService).coverage()).toMatchObject({ findings: [], doubts: [] });
  });

  it('health/live and health/ready are ok', async () => {
    expect((await backend.get('health/live')).status).toBe(200);
    const ready = await backend.get<{ status: string; details: object }>('health/ready');
    expect(ready.status).toBe(200);
    expect(ready.body.details).toMatchObject({ cache: { status: 'up' }, database: { status: 'up' } });
  });

  it('metrics count hits and misses by template, never by id', async () => {
    await backend.get('agents/7/stats');
    await backend.get('agents/7/stats');
    const { text, headers } = await backend.get('metrics');
    expect(headers['content-type']).toContain('text/plain');
    expect(text).toMatch(/cache_hits_total\{[^}]*key_pattern="agent:\{agentId\}:stats:\{timeframe\}"[^}]*\} [1-9]/);
    expect(text).not.toContain('agent:7');
  });
});

describe('the answers that CacheResponse keeps', () => {
  it.each(['leaderboards/agents?limit=7&timeframe=24h', 'agents?timeframe=24h&pageSize=7'])(
    '%s are asked for again at each use, and then only compared',
    async (path) => {
      const { headers } = await backend.get(path);
      expect(headers['cache-control']).toBe('public, no-cache');
      const again = await backend.get(path, { 'if-none-match': String(headers['etag']) });
      expect(again.status).toBe(304);
    },
  );

  it('are the same for requests that mean the same', async () => {
    await backend.get('leaderboards/agents?limit=9&timeframe=7d&by=runs');
    for (const path of ['leaderboards/agents?by=runs&limit=09', 'leaderboards/agents?limit=9.0'])
      expect(cacheOf(await backend.get(path)), path).toBe('hit');
  });
});

describe('the newest run, with ANALYTICS_NOW=latest', () => {
  it('is looked for once, and anew once a run was recorded', async () => {
    const own = await Backend.start({ ANALYTICS_NOW: 'latest', SYNTHETIC_RUNS: '100' });
    const tellOf = async (path: string): Promise<number> => Date.parse((await own.get<{ to: string }>(path)).body.to);
    const before = await tellOf('agents?timeframe=7d');
    const startedAt = new Date().toISOString();
    await own.post('runs', { agentId: 'a', userId: 'u', workspaceId: 'w', status: 'completed', startedAt });

    expect(await tellOf('agents/a/stats?timeframe=24h')).toBe(Date.parse(startedAt));
    expect(Date.parse(startedAt)).toBeGreaterThan(before);
    const { text } = await own.get('metrics');
    expect(text).toMatch(/cache_hits_total\{[^}]*key_pattern="runs:newest"/);
    await own.stop();
  });
});

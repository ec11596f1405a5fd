import { EventEmitter2 } from '@nestjs/event-emitter';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { MetricAnswer } from '../../src/app/analytics/answers/overall.answers.js';
import type { AgentStatsAnswer } from '../../src/app/analytics/answers/subject.answers.js';
import { METRICS } from '../../src/app/analytics/metrics.js';
import type { RecordedAnswer } from '../../src/app/runs/recorded.answer.js';
import { Backend, cacheOf } from './support/backend.js';

/** Two agents, users and workspaces that never met. */
const RUN = {
  agentId: 'a1',
  userId: 'u1',
  workspaceId: 'w1',
  status: 'completed',
  runtimeSeconds: 2,
  tokensIn: 10,
  tokensOut: 5,
  toolCalls: 1,
  credits: 0.5,
};
const OTHER = { ...RUN, agentId: 'a2', userId: 'u2', workspaceId: 'w2' };

/** Answers that hold the runs of one subject, by whom they are about. */
const ABOUT = (agent: string, user: string, workspace: string): string[] => [
  `agents/${agent}/stats`,
  `agents/${agent}/stats?timeframe=1y`,
  `users/${user}/profile`,
  `users/${user}/activity`,
  `workspaces/${workspace}/overview`,
];

/** Answers that hold everybody's. */
const OVERALL = [
  'agents',
  'agents?timeframe=all&pageSize=5',
  'leaderboards/agents',
  'leaderboards/agents?by=success_rate',
  'leaderboards/agents?by=speed',
  'leaderboards/agents?by=credits',
];
const METRIC_ANSWERS = METRICS.map((metric) => `analytics/metrics/${metric}`);

let backend: Backend;

beforeEach(async () => {
  backend = await Backend.start();
  await backend.post('runs', [RUN, OTHER]);
});

afterEach(async () => {
  await backend.stop();
});

/** Asks for everything, does `change`, and tells which answers are then no longer cached. */
async function missesAfter(change: () => Promise<unknown>, paths: readonly string[]): Promise<string[]> {
  for (const path of paths) await backend.get(path);
  for (const path of paths) expect(cacheOf(await backend.get(path)), path).toBe('hit');
  await change();
  const misses: string[] = [];
  for (const path of paths) if (cacheOf(await backend.get(path)) === 'miss') misses.push(path);
  return misses;
}

const EVERYTHING = [...ABOUT('a1', 'u1', 'w1'), ...ABOUT('a2', 'u2', 'w2'), ...OVERALL, ...METRIC_ANSWERS];

describe('a recorded run', () => {
  it('changes the answers about its own agent, user and workspace and those about everybody, and no others', async () => {
    const misses = await missesAfter(() => backend.post('runs', RUN), EVERYTHING);
    expect(misses).toEqual([...ABOUT('a1', 'u1', 'w1'), ...OVERALL, ...METRIC_ANSWERS]);
  });

  it('leaves alone the metrics and leaderboards to which it does not count', async () => {
    const { agentId, userId, workspaceId } = RUN;
    const bare = { agentId, userId, workspaceId, status: 'failed', tokensIn: 3 };
    const misses = await missesAfter(() => backend.post('runs', bare), METRIC_ANSWERS);
    expect(misses).toEqual(
      ['runs', 'success_rate', 'tokens_in', 'active_users'].map((metric) => `analytics/metrics/${metric}`),
    );
  });

  it('changes the metrics of its user and workspace', async () => {
    const paths = ['?user=u1', '?workspace=w1', '?user=u1&workspace=w1'].map((of) => `analytics/metrics/credits${of}`);
    expect(await missesAfter(() => backend.post('runs', RUN), paths)).toEqual(paths);
  });

  it('is in the next answer of each', async () => {
    await backend.get('agents/a1/stats');
    await backend.get('analytics/metrics/credits?user=u1');
    await backend.post('runs', { ...RUN, status: 'failed' });
    const stats = await backend.get<AgentStatsAnswer>('agents/a1/stats');
    expect(stats.body.summary).toMatchObject({ runs: 2, completed: 1, failed: 1, successRate: 0.5, credits: 1 });
    const credits = await backend.get<MetricAnswer>('analytics/metrics/credits?user=u1');
    expect(credits.body.value).toBe(1);
  });

  it('tells of each change once, however many runs a request brings', async () => {
    const emitted: string[] = [];
    const emitter = backend.app.get(EventEmitter2);
    vi.spyOn(emitter, 'emitAsync').mockImplementation((event, payload: { id: string }) => {
      emitted.push(`${String(event)} ${payload.id}`);
      return Promise.resolve([]);
    });
    const answer = await backend.post<RecordedAnswer>('runs', [RUN, RUN, OTHER, { ...RUN, agentId: 'a2' }]);
    expect(answer.status).toBe(201);
    expect(answer.body.recorded).toBe(4);
    expect(new Set(answer.body.runIds).size).toBe(4);
    expect(answer.body.changed).toEqual({
      agents: ['a1', 'a2'],
      users: ['u1', 'u2'],
      workspaces: ['w1', 'w2'],
      metrics: METRICS,
    });
    expect(emitted.sort()).toEqual(
      [
        ...['agent.changed a1', 'agent.changed a2', 'user.changed u1', 'user.changed u2'],
        ...['workspace.changed w1', 'workspace.changed w2', ...METRICS.map((metric) => `metric.changed ${metric}`)],
      ].sort(),
    );
  });

  it('counts at its own instant, whatever offset it is told with', async () => {
    const at = new Date(Date.now() - 25 * 3_600_000).toISOString().replace('Z', '');
    await backend.post('runs', [
      { ...RUN, agentId: 'traveller', startedAt: `${at}-03:00` },
      { ...RUN, agentId: 'traveller', startedAt: `${at}Z` },
    ]);
    const { body } = await backend.get<AgentStatsAnswer>('agents/traveller/stats?timeframe=24h');
    expect(body.summary.runs).toBe(1);
  });

  it('is answered only after every event was dealt with', async () => {
    const deals: (() => void)[] = [];
    vi.spyOn(backend.app.get(EventEmitter2), 'emitAsync').mockImplementation(
      () => new Promise((resolve) => deals.push(() => resolve([]))),
    );
    let isAnswered = false;
    const answer = backend.post('runs', RUN).finally(() => (isAnswered = true));
    await vi.waitUntil(() => deals.length === 3 + METRICS.length);
    await backend.get('health/live');
    expect(isAnswered).toBe(false);
    for (const deal of deals) deal();
    expect((await answer).status).toBe(201);
  });

  it('that is refused changes nothing', async () => {
    const misses = await missesAfter(() => backend.post('runs', [RUN, { ...RUN, status: 'running' }]), EVERYTHING);
    expect(misses).toEqual([]);
  });

  it('is answered only when no reader can get what was cached before', async () => {
    for (let i = 0; i < 20; i++) {
      const asked = Array.from({ length: 5 }, () => backend.get<AgentStatsAnswer>('agents/a1/stats'));
      await backend.post('runs', RUN);
      const { body } = await backend.get<AgentStatsAnswer>('agents/a1/stats');
      expect(body.summary.runs).toBe(i + 2);
      await Promise.all(asked);
    }
  });
});

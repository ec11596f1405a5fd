import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { RunsRepository } from '../../src/app/analytics/runs.repository.js';
import type { AgentStatsAnswer } from '../../src/app/analytics/answers/subject.answers.js';
import { Database } from '../../src/app/database/database.js';
import { CacheService, InvalidKeyError } from '../../src/index.js';
import { Backend, cacheOf } from './support/backend.js';

const RUN = { agentId: 'a', userId: 'u', workspaceId: 'w', status: 'completed' };
let backend: Backend;

beforeAll(async () => {
  backend = await Backend.start();
  await backend.post('runs', RUN);
});

afterAll(async () => {
  await backend.stop();
});

async function countRuns(): Promise<number> {
  return (await backend.database.query<{ n: number }>('SELECT count(*) AS n FROM agent_runs'))[0]?.n ?? -1;
}

describe('a question that breaks a rule', () => {
  it.each([
    ['agents/a/stats?timeframe=5d', 'timeframe', '24h, 7d', '5d'],
    ['agents/a/stats?timeframe=1M', 'timeframe', '24h, 7d', '1M'],
    ['agents/a/stats?timeframe=constructor', 'timeframe', '24h, 7d', 'constructor'],
    ['agents/a/stats?timeframe=7d&timeframe=24h', 'timeframe', '24h, 7d', 'an array of 2'],
    ['agents/a/stats?skip_cache=1', 'skip_cache', 'should not exist', '1'],
    ['agents/a:b/stats', 'id', 'a-z A-Z 0-9 _ . -', 'a:b'],
    ['agents/*/stats', 'id', 'a-z A-Z 0-9 _ . -', '*'],
    ['agents/a%0a/stats', 'id', 'a-z A-Z 0-9 _ . -', 'a\n'],
    [`users/${'x'.repeat(101)}/profile`, 'id', '1 to 100 characters', 'x'.repeat(101)],
    ['agents?page=0', 'page', 'must not be less than 1', 0],
    ['agents?pageSize=101', 'pageSize', 'must not be greater than 100', 101],
    ['agents?page=1.5', 'page', 'must be an integer', 1.5],
    ['analytics/metrics/cpu', 'metric', 'runs, success_rate', 'cpu'],
    ['analytics/metrics/runs?user=a%20b', 'user', 'a-z A-Z 0-9 _ . -', 'a b'],
    ['leaderboards/agents?by=luck', 'by', 'runs, success_rate, speed, credits', 'luck'],
    ['leaderboards/agents?limit=0', 'limit', 'must not be less than 1', 0],
  ])('%s is answered with the rule and the value', async (path, field, rule, received) => {
    const { status, headers, body } = await backend.get(path);
    expect(status).toBe(400);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body).toMatchObject({ type: 'about:blank', title: 'Bad Request', status: 400 });
    expect(body.errors).toContainEqual({ field, rule: expect.stringContaining(rule) as string, received });
    expect(headers['cache-status']).toBeUndefined();
  });

  it('is answered as a problem where the path itself is malformed', async () => {
    const { status, headers } = await backend.get('agents/%E0%A4%A/stats');
    expect(status).toBe(400);
    expect(headers['content-type']).toContain('application/problem+json');
  });
});

describe('a key that the cache refuses', () => {
  it('is the mistake of who asked, with the rule and the value', async () => {
    const refusal = new InvalidKeyError('key parameter agentId', 'a word', 'a:b');
    vi.spyOn(CacheService.prototype, 'lookup').mockRejectedValue(refusal);
    const { status, headers, body } = await backend.get('agents/a/stats');
    expect(status).toBe(400);
    expect(headers['content-type']).toContain('application/problem+json');
    expect(body.detail).toBe('key parameter agentId must be a word; received "a:b"');
  });
});

describe('a question about nobody', () => {
  it.each([
    'agents/ghost/stats',
    'users/ghost/profile',
    'users/ghost/activity',
    'workspaces/ghost/overview',
    'analytics/metrics/runs?user=ghost',
    'analytics/metrics/runs?user=u&workspace=ghost',
  ])('%s is 404', async (path) => {
    const { status, body, headers } = await backend.get(path);
    expect(status).toBe(404);
    expect(body).toMatchObject({
      title: 'Not Found',
      status: 404,
      detail: expect.stringContaining('"ghost"') as string,
    });
    expect(headers['content-type']).toContain('application/problem+json');
  });

  it('is not cached: the first run is seen at once', async () => {
    expect((await backend.get('agents/newcomer/stats')).status).toBe(404);
    await backend.database.query(
      "INSERT INTO agent_runs (run_id, agent_id, user_id, workspace_id, status) VALUES ('n', 'newcomer', 'x', 'x', 'failed')",
    );
    const seen = await backend.get<AgentStatsAnswer>('agents/newcomer/stats?timeframe=all');
    expect(seen.body.summary.runs).toBe(1);
  });

  it('is a problem too where there is no such path', async () => {
    const { status, headers } = await backend.get('nothing/here');
    expect(status).toBe(404);
    expect(headers['content-type']).toContain('application/problem+json');
  });
});

describe('runs that break a rule', () => {
  it.each([
    [{ ...RUN, agentId: 'a b' }, 'agentId', 'a-z A-Z 0-9 _ . -', 'a b'],
    [{ ...RUN, agentId: undefined }, 'agentId', 'a-z A-Z 0-9 _ . -', undefined],
    [{ ...RUN, status: 'running' }, 'status', 'completed, failed, cancelled, timeout', 'running'],
    [{ ...RUN, startedAt: '2026-01-01T00:00:00' }, 'startedAt', 'ISO 8601 with Z or an offset', '2026-01-01T00:00:00'],
    [{ ...RUN, startedAt: '2099-01-01T00:00:00Z' }, 'startedAt', 'has passed', '2099-01-01T00:00:00Z'],
    [{ ...RUN, startedAt: 0 }, 'startedAt', 'ISO 8601', 0],
    [{ ...RUN, runtimeSeconds: -1 }, 'runtimeSeconds', 'must not be less than 0', -1],
    [{ ...RUN, tokensIn: 1.5 }, 'tokensIn', 'integer', 1.5],
    [{ ...RUN, tokensOut: '5' }, 'tokensOut', 'integer', '5'],
    [{ ...RUN, credits: 0.000_01 }, 'credits', 'must be a number', 0.000_01],
    [{ ...RUN, cost: 5 }, 'cost', 'should not exist', 5],
    [{ ...RUN, model: '' }, 'model', 'longer than or equal to 1', ''],
  ])('%j is refused with the rule and the value', async (run, field, rule, received) => {
    const before = await countRuns();
    const { status, body } = await backend.post('runs', run);
    expect(status).toBe(400);
    expect(body.errors).toContainEqual({
      field,
      rule: expect.stringContaining(rule) as string,
      ...(received === undefined ? {} : { received }),
    });
    expect(await countRuns()).toBe(before);
  });

  it.each([
    ['an empty array', []],
    ['too many', Array.from({ length: 1001 }, () => RUN)],
    ['no object', '"run"'],
    ['null', 'null'],
    ['an array in an array', [[RUN]]],
    ['no JSON', '{"agentId":'],
  ])('%s is refused', async (_what, body) => {
    const before = await countRuns();
    const answer = await backend.post('runs', body);
    expect(answer.status).toBe(400);
    expect(answer.headers['content-type']).toContain('application/problem+json');
    expect(await countRuns()).toBe(before);
  });

  it('keep the good ones beside them from being written', async () => {
    const before = await countRuns();
    const { status, body } = await backend.post('runs', [RUN, { ...RUN, status: 'running' }]);
    expect(status).toBe(400);
    expect(body.errors?.[0]?.field).toBe('1.status');
    expect(await countRuns()).toBe(before);
  });

  it('are a conflict where the run is recorded already, or twice in one request', async () => {
    expect((await backend.post('runs', { ...RUN, runId: 'once' })).status).toBe(201);
    const before = await countRuns();
    const again = await backend.post('runs', [RUN, { ...RUN, runId: 'once' }]);
    expect(again).toMatchObject({ status: 409, body: { detail: expect.stringContaining('once') as string } });
    expect(
      (
        await backend.post('runs', [
          { ...RUN, runId: 'two' },
          { ...RUN, runId: 'two' },
        ])
      ).status,
    ).toBe(409);
    expect(await countRuns()).toBe(before);
  });

  it('are a conflict where two requests bring one id at the same moment, and one of them wins', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => backend.post('runs', { ...RUN, runId: 'race' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, ...Array.from({ length: 7 }, () => 409)]);
  });

  it('that are larger than a request may be are told so', async () => {
    const { status, headers } = await backend.post('runs', { ...RUN, model: 'x'.repeat(1_100_000) });
    expect(status).toBe(413);
    expect(headers['content-type']).toContain('application/problem+json');
  });
});

describe('when the database fails', () => {
  it('an answer is a problem without its inside, and no zeros are cached', async () => {
    const failing = vi.spyOn(RunsRepository.prototype, 'summary').mockRejectedValue(new Error('disk on fire'));
    const failed = await backend.get('agents/a/stats?timeframe=1y');
    expect(failed).toMatchObject({ status: 500, body: { title: 'Internal Server Error', status: 500 } });
    expect(failed.text).not.toContain('fire');
    failing.mockRestore();
    const healed = await backend.get<AgentStatsAnswer>('agents/a/stats?timeframe=1y');
    expect(cacheOf(healed)).toBe('miss');
    expect(healed.body.summary.runs).toBeGreaterThan(0);
  });

  it('the backend is alive but not ready, and says why', async () => {
    vi.spyOn(Database.prototype, 'query').mockRejectedValue(new Error('disk on fire'));
    const ready = await backend.get<{ status: string; error: object }>('health/ready');
    expect(ready).toMatchObject({ status: 503, body: { status: 'error', error: { database: { status: 'down' } } } });
    expect((await backend.get('health/live')).status).toBe(200);
  });
});

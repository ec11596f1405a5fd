import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
import { Database } from '../../src/app/database/database.js';
import { importFiles, type ImportResult } from '../../src/app/import/importer.js';
import { TIMEFRAMES } from '../../src/index.js';
import { Backend } from './support/backend.js';
import { dataFile, rowsOf, SILENT, sumOf } from './support/real-data.js';

const FILES = [
  'tau-airline-tool-calls.csv.gz',
  'azure-llm-conv.csv.gz',
  'azure-llm-code.csv.gz',
  'tau-airline-runs.csv.gz',
] as const;
const conv = rowsOf('azure-llm-conv.csv.gz');
const code = rowsOf('azure-llm-code.csv.gz');
const runs = rowsOf('tau-airline-runs.csv.gz');
const calls = rowsOf('tau-airline-tool-calls.csv.gz');

const directory = mkdtempSync(join(tmpdir(), 'real-input-'));
const path = join(directory, 'runs.duckdb');
let imported: ImportResult;
let backend: Backend;

beforeAll(async () => {
  const database = await Database.open(path);
  imported = await importFiles(database, FILES.map(dataFile), SILENT);
  database.close();
  backend = await Backend.start({ DUCKDB_PATH: path, ANALYTICS_NOW: 'latest' });
});

afterAll(async () => {
  await backend.stop();
  rmSync(directory, { recursive: true });
});

async function read<Body>(question: string): Promise<Body> {
  const { status, body } = await backend.get<Body>(question);
  expect(status, question).toBe(200);
  return body;
}

it('every row of every file is imported', async () => {
  expect([conv.length, code.length, runs.length, calls.length]).toEqual([19_366, 8_819, 200, 1_164]);
  expect(Object.fromEntries(imported.files.map(({ file, rows }) => [file, rows]))).toEqual({
    'azure-llm-conv.csv.gz': 19_366,
    'azure-llm-code.csv.gz': 8_819,
    'tau-airline-runs.csv.gz': 200,
    'tau-airline-tool-calls.csv.gz': 1_164,
  });
  expect(imported.runs).toBe(19_366 + 8_819 + 200);
  expect((await read<MetricAnswer>('analytics/metrics/runs?timeframe=all')).value).toBe(imported.runs);
});

it('every question that applies is answered in every timeframe', async () => {
  const questions = [
    'agents',
    ...['azure-conv', 'azure-code', 'airline-agent'].map((agent) => `agents/${agent}/stats`),
    ...['profile', 'activity'].map((of) => `users/mia_li_3668/${of}`),
    'workspaces/unknown/overview',
    ...METRICS.map((metric) => `analytics/metrics/${metric}`),
    ...['runs', 'success_rate', 'speed', 'credits'].map((by) => `leaderboards/agents?by=${by}`),
  ];
  for (const question of questions) {
    for (const timeframe of TIMEFRAMES) {
      await read(`${question}${question.includes('?') ? '&' : '?'}timeframe=${timeframe}`);
    }
  }
});

describe('the Azure traces', () => {
  it.each([
    ['azure-conv', conv],
    ['azure-code', code],
  ])('%s answers with the real times and tokens, and null for all that they lack', async (agent, rows) => {
    for (const timeframe of ['24h', 'all']) {
      const { summary, series, byModel } = await read<AgentStatsAnswer>(`agents/${agent}/stats?timeframe=${timeframe}`);
      expect(summary).toEqual({
        runs: rows.length,
        completed: rows.length,
        failed: 0,
        cancelled: 0,
        timeout: 0,
        undatedRuns: 0,
        successRate: 1,
        tokensIn: sumOf(rows, 'ContextTokens'),
        tokensOut: sumOf(rows, 'GeneratedTokens'),
        tokens: sumOf(rows, 'ContextTokens') + sumOf(rows, 'GeneratedTokens'),
        runtimeP50: null,
        runtimeP95: null,
        toolCalls: null,
        credits: null,
        activeUsers: null,
      });
      expect(series.reduce((sum, point) => sum + point.runs, 0)).toBe(rows.length);
      expect(byModel.map(({ model }) => model)).toEqual([null]);
    }
  });

  it('have their hours where the requests came', async () => {
    const { series } = await read<MetricAnswer>('analytics/metrics/tokens_out?timeframe=24h');
    const inHour = (hour: string): number =>
      sumOf(
        [...conv, ...code].filter((row) => row['TIMESTAMP']?.startsWith(`2023-11-16 ${hour}:`)),
        'GeneratedTokens',
      );
    expect(series).toEqual([
      { at: '2023-11-16T18:00:00.000Z', value: inHour('18') },
      { at: '2023-11-16T19:00:00.000Z', value: inHour('19') },
    ]);
  });

  it('end at the newest request', async () => {
    const { to } = await read<AgentListAnswer>('agents?timeframe=24h');
    expect(to, '19:14:19.9280160, the millisecond it lies in included').toBe('2023-11-16T19:14:19.929Z');
  });
});

describe('the airline runs', () => {
  it('count in all, where their calls are joined to them', async () => {
    const { summary, series, topUsers } = await read<AgentStatsAnswer>('agents/airline-agent/stats?timeframe=all');
    const completed = runs.filter((run) => run['status'] === 'completed').length;
    expect(summary).toMatchObject({ runs: 200, completed, failed: 200 - completed, undatedRuns: 200 });
    expect(summary).toMatchObject({ toolCalls: 1164, activeUsers: new Set(runs.map((run) => run['user_id'])).size });
    expect(summary).toMatchObject({ tokens: null, runtimeP50: null, credits: null });
    expect(series).toEqual([]);
    expect(topUsers).toHaveLength(5);
  });

  it('are null, not zero, in a window: nobody knows when they were', async () => {
    const { summary } = await read<AgentStatsAnswer>('agents/airline-agent/stats?timeframe=1y');
    expect(summary).toMatchObject({ runs: null, completed: null, failed: null, undatedRuns: 200, successRate: null });
    expect((await read<MetricAnswer>('analytics/metrics/runs?user=mia_li_3668&timeframe=30d')).value).toBeNull();
  });

  it('tell of a user what the file tells', async () => {
    const own = runs.filter((run) => run['user_id'] === 'mia_li_3668');
    const profile = await read<UserProfileAnswer>('users/mia_li_3668/profile?timeframe=all');
    expect(profile).toMatchObject({ firstRunAt: null, lastRunAt: null, summary: { runs: own.length } });
    expect(profile.topAgents).toEqual([{ id: 'airline-agent', runs: own.length }]);
    expect(profile.workspaces).toEqual([{ id: 'unknown', runs: own.length }]);
    const { recentRuns } = await read<UserActivityAnswer>('users/mia_li_3668/activity?timeframe=all');
    const callsOf = (runId: string): number => calls.filter((call) => call['run_id'] === runId).length;
    expect(recentRuns.length).toBe(own.length);
    for (const { runId, startedAt, toolCalls } of recentRuns) {
      expect({ startedAt, toolCalls }).toEqual({ startedAt: null, toolCalls: callsOf(runId) });
    }
  });
});

describe('all of them together', () => {
  it('are ranked by what they have, and left out where they have nothing', async () => {
    const board = async (by: string): Promise<unknown[]> =>
      (await read<LeaderboardAnswer>(`leaderboards/agents?timeframe=all&by=${by}`)).entries.map(
        ({ rank, agentId }) => `${rank} ${agentId}`,
      );
    expect(await board('runs')).toEqual(['1 azure-conv', '2 azure-code', '3 airline-agent']);
    expect(await board('success_rate')).toEqual(['1 azure-code', '1 azure-conv', '3 airline-agent']);
    expect(await board('speed')).toEqual([]);
    expect(await board('credits')).toEqual([]);
  });

  it('share the unknown workspace', async () => {
    const { summary, topAgents } = await read<WorkspaceOverviewAnswer>('workspaces/unknown/overview?timeframe=all');
    expect(summary).toMatchObject({ runs: imported.runs, undatedRuns: 200, toolCalls: 1164 });
    expect(topAgents.map(({ runs: count }) => count)).toEqual([19_366, 8_819, 200]);
  });

  it('lie in the past when now is now: zero in a window for those with times', async () => {
    await backend.stop();
    const today = await Backend.start({ DUCKDB_PATH: path, ANALYTICS_NOW: 'now' });
    try {
      const { body } = await today.get<AgentStatsAnswer>('agents/azure-conv/stats?timeframe=1y');
      expect(body.summary).toMatchObject({ runs: 0, tokens: null, undatedRuns: 0 });
    } finally {
      await today.stop();
      backend = await Backend.start({ DUCKDB_PATH: path, ANALYTICS_NOW: 'latest' });
    }
  });
});

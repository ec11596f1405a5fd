import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { AgentStatsAnswer } from '../../src/app/analytics/answers/subject.answers.js';
import { RedisServer } from '../support/redis-server.js';
import { Build, type Instance } from './support/built-backend.js';
import { dataFile } from './support/real-data.js';

const RUN = { agentId: '456', userId: '123', workspaceId: '789', status: 'completed', tokensIn: 10 };
const SMALL = { SYNTHETIC_RUNS: '5000' };
const STATS = 'agents/456/stats?timeframe=all';

let build: Build;
const directory = mkdtempSync(join(tmpdir(), 'processes-'));

beforeAll(async () => {
  build = await Build.make();
});

afterAll(async () => {
  await build.remove();
  rmSync(directory, { recursive: true });
});

function cacheStatus(answer: Response): string {
  return answer.headers.get('cache-status') ?? '';
}

async function runsIn(answer: Response): Promise<number | null> {
  return ((await answer.json()) as AgentStatsAnswer).summary.runs;
}

describe('one backend without Redis', () => {
  it('starts, says how to add Redis and that its data are synthetic, answers, and ends by itself', async () => {
    const instance = await build.start(SMALL);
    expect(instance.output).toMatch(/REDIS_URL=redis:/);
    expect(instance.output).toMatch(/5,000 SYNTHETIC runs/);
    expect(cacheStatus(await instance.get(STATS))).toMatch(/fwd=miss/);
    expect(cacheStatus(await instance.get(STATS))).toMatch(/hit;.*detail=l1/);
    expect(await instance.stop()).toMatchObject({ code: 0 });
  });

  it('has half a million runs a few seconds after its start', async () => {
    const began = Date.now();
    const instance = await build.start({});
    expect(Date.now() - began).toBeLessThan(15_000);
    expect(instance.output).toContain('500,000 SYNTHETIC runs');
    expect(await instance.stop()).toMatchObject({ code: 0 });
  });

  it.concurrent.each([
    [{ PORT: '70000' }, /PORT .*65535.*70000/],
    [{ ANALYTICS_NOW: 'yesterday' }, /ANALYTICS_NOW .*now, latest.*yesterday/],
    [{ DUCKDB_PATH: join(directory, 'missing', 'runs.duckdb') }, /DUCKDB_PATH must be .*missing/],
    [{ REDIS_URL: 'http://localhost' }, /REDIS_URL .*http:\/\/localhost/],
    [
      { NODE_ENV: 'production', REDIS_URL: 'redis://localhost:1', REDIS_PASSWORD: '' },
      /REDIS_PASSWORD must be set in production/,
    ],
  ])('does not start with %j: one message, no stack, exit 1', async (variables, message) => {
    const { code, output } = await build.run('dist/main.js', [], { ...SMALL, ...variables });
    expect(code).toBe(1);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/^\s+at /m);
    expect(output).not.toContain('[Nest]');
  });

  it('does not start on a port that is taken: one message, exit 1', async () => {
    const first = await build.start(SMALL);
    const port = /localhost:(\d+)|:(\d+)\/api/.exec(first.output)?.[1] ?? '';
    const { code, output } = await build.run('dist/main.js', [], { ...SMALL, PORT: port });
    await first.stop();
    expect(code).toBe(1);
    expect(output).toContain('EADDRINUSE');
    expect(output).not.toMatch(/^\s+at /m);
  });
});

describe('two backends with one Redis', () => {
  let redis: RedisServer;
  let one: Instance;
  let two: Instance;

  beforeAll(async () => {
    redis = await RedisServer.start();
    const variables = { ...SMALL, REDIS_URL: redis.url, CACHE_RETRY_BASE_MS: '50' };
    [one, two] = await Promise.all([build.start(variables), build.start(variables)]);
    for (const instance of [one, two]) await vi.waitUntil(() => instance.output.includes('Connected to Redis'), 10_000);
  });

  afterAll(async () => {
    expect(await Promise.all([one.stop(), two.stop()])).toMatchObject([{ code: 0 }, { code: 0 }]);
    await redis.stop();
  });

  it('share answers: a miss on one is a hit on the other', async () => {
    const loaded = await one.get(STATS);
    const shared = await two.get(STATS);
    expect(cacheStatus(loaded)).toMatch(/fwd=miss; stored/);
    expect(cacheStatus(shared)).toMatch(/hit;.*detail=l2/);
    expect(await shared.json()).toEqual(await loaded.json());
    expect(cacheStatus(await two.get(STATS))).toMatch(/hit;.*detail=l1/);
  });

  it('invalidate each other: a run recorded on one is in the next answer of both', async () => {
    const before = (await runsIn(await one.get(STATS))) ?? 0;
    expect(await runsIn(await two.get(STATS))).toBe(before);
    const untouched = 'agents/1/stats?timeframe=all';
    await one.get(untouched);
    await two.get(untouched);

    expect((await one.post('runs', RUN)).status).toBe(201);

    const loaded = await one.get(STATS);
    expect(cacheStatus(loaded)).toMatch(/fwd=miss; stored/);
    expect(await runsIn(loaded)).toBe(before + 1);
    // The other may trust its memory for the coherence window, 2 s at most; what it has then is the answer of the first.
    await vi.waitUntil(async () => (await runsIn(await two.get(STATS))) === before + 1, 2500);
    expect(cacheStatus(await two.get(untouched))).toMatch(/hit/);
  });

  it('go on without Redis, degraded but ready, and share again when it is back', async () => {
    await redis.kill();
    await vi.waitUntil(async () => (await readiness(one)) === 'degraded', 10_000);
    expect((await one.get('users/123/profile')).status).toBe(200);
    expect((await one.post('runs', RUN)).status).toBe(201);

    await redis.restart();
    for (const instance of [one, two]) await vi.waitUntil(async () => (await readiness(instance)) === 'ok', 10_000);
    // Ready means connected; a circuit that opened in the meantime closes at its next probe. Each try asks something new.
    let page = 0;
    await vi.waitUntil(async () => {
      page += 1;
      await one.get(`agents?page=${page}`);
      return /hit;.*detail=l2/.test(cacheStatus(await two.get(`agents?page=${page}`)));
    }, 10_000);
  });

  async function readiness(instance: Instance): Promise<string> {
    const answer = await instance.get('health/ready');
    expect(answer.status).toBe(200);
    return ((await answer.json()) as { status: string }).status;
  }
});

describe('npm run import', () => {
  const path = join(directory, 'imported.duckdb');
  const script = 'dist/app/import/main.js';
  const files = ['azure-llm-code.csv.gz', 'tau-airline-runs.csv.gz', 'tau-airline-tool-calls.csv.gz'].map(dataFile);

  it('loads real files, which a backend then answers from', async () => {
    const { code, output } = await build.run(script, files, { DUCKDB_PATH: path });
    expect(output).toContain('9,019 runs imported');
    expect(output).toContain('ANALYTICS_NOW=latest');
    expect(code).toBe(0);
    const instance = await build.start({ DUCKDB_PATH: path, ANALYTICS_NOW: 'latest' });
    expect(instance.output).not.toContain('SYNTHETIC');
    expect(await runsIn(await instance.get('agents/azure-code/stats?timeframe=24h'))).toBe(8819);

    const locked = await build.run(script, files, { DUCKDB_PATH: path });
    expect(locked.code, 'while the backend has the file open').toBe(1);
    expect(locked.output).toContain('no other process has open');
    await instance.stop();
  });

  it('makes instances forget what they cached of the data before', async () => {
    const redis = await RedisServer.start();
    onTestFinished(() => redis.stop());
    const instance = await build.start({ ...SMALL, REDIS_URL: redis.url });
    onTestFinished(() => instance.stop().then(() => undefined));
    await vi.waitUntil(() => instance.output.includes('Connected to Redis'), 10_000);
    await instance.get(STATS);
    expect(cacheStatus(await instance.get(STATS))).toMatch(/hit/);

    const fresh = join(directory, 'fresh.duckdb');
    const { output } = await build.run(script, files, { DUCKDB_PATH: fresh, REDIS_URL: redis.url });
    expect(output).toContain('Answers cached before the import were invalidated.');
    await vi.waitUntil(async () => /fwd=miss/.test(cacheStatus(await instance.get(STATS))), 2500);
  });

  it('says so when Redis cannot be told', async () => {
    const alone = join(directory, 'alone.duckdb');
    const { code, output } = await build.run(script, files, { DUCKDB_PATH: alone, REDIS_URL: 'redis://127.0.0.1:1' });
    expect(output).toContain('9,019 runs imported');
    expect(output).toContain('Redis was not told of the import');
    expect(code).toBe(0);
  });

  it.each([
    ['no file', [], { DUCKDB_PATH: path }, /^Usage: /],
    ['nowhere to put it', files, {}, /DUCKDB_PATH must name a file/],
    ['a bad file', [badFile()], { DUCKDB_PATH: join(directory, 'bad.duckdb') }, /bad\.csv:2: status must be one of/],
  ])('refuses %s: a message, no stack, exit 1', async (_what, args, variables, message) => {
    const { code, output } = await build.run(script, args, variables);
    expect(code).toBe(1);
    expect(output).toMatch(message);
    expect(output).not.toMatch(/^\s+at /m);
  });

  function badFile(): string {
    const bad = join(directory, 'bad.csv');
    writeFileSync(bad, 'run_id,agent_id,status\nr1,a,lost\n');
    return bad;
  }
});

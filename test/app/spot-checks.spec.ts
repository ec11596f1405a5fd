import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { MetricsController } from '../../src/app/analytics/metrics.controller.js';
import { OverallService } from '../../src/app/analytics/overall.service.js';
import { SubjectsService } from '../../src/app/analytics/subjects.service.js';
import { METRICS } from '../../src/app/analytics/metrics.js';
import { CacheEvents, CacheService } from '../../src/index.js';
import { until } from '../support/caches.js';
import { Backend } from './support/backend.js';

const AGAIN = 5;

describe('the answers about all time', { timeout: 60_000 }, () => {
  let backend: Backend;
  beforeAll(async () => {
    backend = await Backend.start({ SYNTHETIC_RUNS: '50000' });
  }, 60_000);
  afterAll(() => backend.stop());

  it('are the same each time they are computed, or a spot check would find what is no fault', async () => {
    const [subjects, overall] = [backend.app.get(SubjectsService), backend.app.get(OverallService)];
    const { body } = await backend.get<{ agents: { agentId: string }[] }>('agents?timeframe=all');
    const agent = body.agents[0]?.agentId ?? '';
    const { topUsers } = await subjects.agentStats(agent, 'all');
    const [user = { id: '' }] = topUsers;
    const computed: Record<string, () => Promise<unknown>> = {
      agent: () => subjects.agentStats(agent, 'all'),
      profile: () => subjects.userProfile(user.id, 'all'),
      activity: () => subjects.userActivity(user.id, 'all'),
    };
    for (const metric of METRICS) computed[metric] = () => overall.metric(metric, {}, 'all');
    for (const [name, compute] of Object.entries(computed)) {
      const first: unknown = await compute();
      for (let i = 1; i < AGAIN; i += 1) expect(await compute(), name).toEqual(first);
    }
  });

  it('are looked into, and consistent', async () => {
    const outcomes: string[] = [];
    backend.app.get(CacheEvents).subscribe((event) => {
      if (event.type === 'spot-check.ended') outcomes.push(event.outcome);
    });
    const controller = backend.app.get(MetricsController);
    const ask = (timeframe: 'all' | '7d'): Promise<unknown> => controller.metric({ metric: 'runs' }, { timeframe });
    for (let i = 0; i < 2_000; i += 1) await ask('all');
    await until(() => outcomes.length > 0, 20_000);

    expect(new Set(outcomes)).toEqual(new Set(['consistent']));
    const { templates } = backend.app.get(CacheService).statistics();
    expect(templates['metric:{metric}:{timeframe}']?.spotChecks.inconsistent).toBe(0);
  });
});

import { CacheService, defineKey, InvalidationService } from '../../../src/index.js';
import type { Backend } from '../../app/support/backend.js';

const Report = defineKey('report:{reportId}', { grace: 60 });

/** A busy cache on which all is well, over HTTP and in the code of each instance. */
export async function drive(backends: readonly Backend[], round: number): Promise<void> {
  const run = { agentId: 'busy', userId: '1', workspaceId: '1', status: 'completed' };
  await Promise.all(backends.map((backend) => backend.post('runs', run)));
  const path = 'agents/busy/stats?timeframe=7d';
  for (let i = 0; i < 3; i += 1) await Promise.all(backends.map((backend) => backend.get(path)));
  // One hit in a hundred of these is looked into by a spot check, a while later: nothing invalidates them until then.
  if (round === 1) await Promise.all(backends.map((backend) => backend.post('runs', { ...run, agentId: 'calm' })));
  const always = 'agents/calm/stats?timeframe=all';
  for (let i = 0; i < 30; i += 1) await Promise.all(backends.map((backend) => backend.get(always)));
  await Promise.all(backends.map((backend) => reads(backend.app.get(CacheService), round)));
  await backends[0]?.app.get(InvalidationService).pattern('report:*');
}

async function reads(cache: CacheService, round: number): Promise<void> {
  const slow = (): Promise<string> => new Promise((resolve) => setTimeout(resolve, 60, 'made'));
  // Both instances, and two callers in each, want the same at once.
  const key = Report({ reportId: `shared-${round}` });
  await Promise.all([cache.getOrLoad(key, slow), cache.getOrLoad(key, slow)]);
  await cache.set(`user:${round}:profile`, 'value', { ttl: 60 });
  for (let i = 0; i < 50; i += 1) await cache.get(`user:${round}:profile`);
  await cache.get(`user:${round}:profile`, { consistency: 'strict' });
}

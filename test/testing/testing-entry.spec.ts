import { Injectable } from '@nestjs/common';
import { afterEach, describe, expect, it } from 'vitest';
import { Cacheable, CacheModule, CacheService, cacheToken, defineKey, InvalidationService } from '../../src/index.js';
import { cacheMatchers, CacheRecorder, CacheTestingModule, ManualClock } from '../../src/testing/entry.js';
import { Applications } from '../decorators/applications.js';

const Stats = defineKey('agent:{agentId}:stats', { ttl: 3600 });

expect.extend(cacheMatchers);
// What a user declares for `expect` of his own, as docs/testing.md says.
const asserting = (
  recorder: CacheRecorder,
): { toHaveLoadedOnce(template?: string): void; not: never } & Record<
  'toHaveLoadedTimes' | 'toHaveHitTimes' | 'toHaveMissedTimes',
  (times: number, template?: string) => void
> => expect(recorder) as never;

@Injectable()
class Agents {
  @Cacheable(Stats, { key: ['agentId'] })
  async stats(agentId: string): Promise<string> {
    return Promise.resolve(agentId);
  }
}

describe('the testing entry', () => {
  const applications = new Applications({ ttlJitter: 0 });
  afterEach(() => applications.close());

  it('gives the cache of an application a clock to be moved by hand, and counts what it does', async () => {
    const app = await applications.start({ imports: [CacheTestingModule.forRoot()], providers: [Agents] });
    const [agents, clock, recorder] = [app.get(Agents), app.get(ManualClock), app.get(CacheRecorder)];
    await agents.stats('1');
    await clock.advance(3_599_000);
    await agents.stats('1');
    asserting(recorder).toHaveLoadedOnce(Stats.template);
    asserting(recorder).toHaveHitTimes(1);

    await clock.advance(2_000);
    await agents.stats('1');
    asserting(recorder).toHaveLoadedTimes(2, Stats.template);
    asserting(recorder).toHaveMissedTimes(2);
    expect(recorder.of('another:{id}')).toEqual({ loads: 0, hits: 0, misses: 0 });
    recorder.reset();
    expect(recorder.of()).toEqual({ loads: 0, hits: 0, misses: 0 });
  });

  it('counts invalidations', async () => {
    const app = await applications.start({ imports: [CacheTestingModule.forRoot()] });
    await app.get(CacheService).set('a', 1);
    await app.get(InvalidationService).agent('1');

    expect(app.get(CacheRecorder).invalidations).toBeGreaterThanOrEqual(1);
  });

  it('counts a named cache by itself, which goes by the same clock', async () => {
    const imports = [CacheTestingModule.forRoot(), CacheModule.forFeature({ name: 'reports', ttlJitter: 0 })];
    const app = await applications.start({ imports });
    const [clock, recorder] = [app.get(ManualClock), app.get(CacheRecorder)];
    const reports = app.get<CacheService>(cacheToken('reports'));
    await reports.getOrLoad('a', () => 1);
    await clock.advance(301_000);
    await reports.getOrLoad('a', () => 1);

    asserting(recorder.cache('reports')).toHaveLoadedTimes(2);
    expect(recorder.of()).toEqual({ loads: 0, hits: 0, misses: 0 });
    expect(recorder.cache('default')).toBe(recorder);
    recorder.reset();
    asserting(recorder.cache('reports')).toHaveLoadedTimes(0);
  });

  it('says what there was instead', () => {
    const result = cacheMatchers.toHaveLoadedTimes(
      { of: () => ({ loads: 1, hits: 2, misses: 3 }) } as never,
      4,
      'a:{b}',
    );

    expect(result.pass).toBe(false);
    expect(result.message()).toBe('expected 4 loads of a:{b}; there were 1 loads, 2 hits and 3 misses');
  });
});

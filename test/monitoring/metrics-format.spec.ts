import { execFileSync } from 'node:child_process';
import { Test, type TestingModule } from '@nestjs/testing';
import type { Registry } from 'prom-client';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { CacheModule, CacheService, METRICS_REGISTRY, PrometheusModule } from '../../src/index.js';
import { expose } from '../../src/metrics/exposition.js';
import { toolPath } from './support/tools.js';

let app: TestingModule;

beforeAll(async () => {
  app = await Test.createTestingModule({ imports: [CacheModule.forRoot(), PrometheusModule.forRoot()] }).compile();
  await app.init();
  await app.get(CacheService).getOrLoad('user:1:profile', () => 1);
});

afterAll(() => app.close());

/** What promtool has to say of an exposition. */
function complaintsAbout(body: string): string[] {
  try {
    execFileSync(toolPath('promtool'), ['check', 'metrics'], { input: body, stdio: ['pipe', 'pipe', 'pipe'] });
    return [];
  } catch (error) {
    return String((error as { stderr: Buffer }).stderr)
      .trim()
      .split('\n');
  }
}

it('is what Prometheus asks for, but for the one name of the guide', async () => {
  const { body } = await expose(app.get<Registry>(METRICS_REGISTRY), undefined);
  expect(complaintsAbout(body)).toEqual(['cache_keys_total non-counter metrics should not have "_total" suffix']);
});

it('would be found wrong', () => {
  expect(complaintsAbout('# TYPE x counter\nx 1\n').length).toBeGreaterThan(0);
});

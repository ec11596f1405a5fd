import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InvalidationService } from '../../src/index.js';
import { Backend } from '../app/support/backend.js';
import { ShippedRedis } from '../docker/support/shipped-redis.js';
import { until } from '../support/caches.js';
import { DASHBOARDS, panelsOf, queryOf } from './support/dashboards.js';
import { type Program, startExporter } from './support/program.js';
import { Prometheus } from './support/prometheus.js';
import { ALERTS, RECORDINGS } from './support/rules.js';
import { toolPath } from './support/tools.js';
import { drive } from './support/traffic.js';

const PATIENCE_MS = 40_000;

/** Queries that find nothing as long as all is well: they ask for what is above zero, or for what never happened. */
const EMPTY_WHEN_WELL = /redis_commands_(failed|rejected)_calls_total|cache_loads_rejected_total/;
/** Whether these fire depends on how busy the machine of the tests is. */
const OF_THE_MACHINE = ['CacheLatencyHigh'];

describe('the shipped monitoring on a running cache', { timeout: 60_000 }, () => {
  let redis: ShippedRedis;
  let backends: Backend[];
  let exporter: Program;
  let prometheus: Prometheus;
  let rounds = 0;
  let driving = true;
  let traffic: Promise<void>;

  beforeAll(async () => {
    toolPath('prometheus');
    redis = await ShippedRedis.start();
    backends = await Promise.all([1, 2].map(() => Backend.start({ REDIS_URL: redis.urlOf('app') })));
    const targets = await Promise.all(
      backends.map(async ({ app }) => {
        await app.listen(0, '127.0.0.1');
        return `127.0.0.1:${(app.getHttpServer().address() as AddressInfo).port}`;
      }),
    );
    exporter = await startExporter(redis);
    prometheus = await Prometheus.start({ backend: targets, redis: [exporter.url.replace('http://', '')] });
    const go = async (): Promise<void> => {
      while (driving) {
        await drive(backends, (rounds += 1));
        await new Promise((resolve) => setTimeout(resolve, 200));
      }
    };
    traffic = go();
  }, 240_000);
  afterAll(async () => {
    driving = false;
    await traffic.catch(() => undefined);
    await prometheus.stop();
    await exporter.stop();
    await Promise.all(backends.map((backend) => backend.stop()));
    await redis.stop();
  }, 60_000);

  /** The names for which `hasData` does not come true in time. */
  async function withoutData(names: readonly string[], expression: (name: string) => string): Promise<string[]> {
    let missing = [...names];
    const giveUp = Date.now() + PATIENCE_MS;
    while (missing.length > 0 && Date.now() < giveUp) {
      const found = await Promise.all(missing.map((name) => prometheus.query(expression(name))));
      missing = missing.filter((_, i) => found[i]?.length === 0 || found[i]?.every(({ value }) => Number.isNaN(value)));
      if (missing.length > 0) await new Promise((resolve) => setTimeout(resolve, 500));
    }
    return missing;
  }

  it('is scraped: both instances, and Redis', async () => {
    await until(async () => (await prometheus.query('up == 1')).length === 3, PATIENCE_MS);
    expect((await prometheus.query('redis_up'))[0]?.value).toBe(1);
  });

  it('has a value for every recording rule', async () => {
    expect(
      await withoutData(
        RECORDINGS.map(({ record }) => record),
        (record) => record,
      ),
    ).toEqual([]);
  });

  it.each(DASHBOARDS)('has data for every query of %s', async (_name, dashboard) => {
    const queries = panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map(({ expr }) => expr));
    const busy = queries.filter((expr) => !EMPTY_WHEN_WELL.test(expr));
    expect(await withoutData(busy, (expr) => queryOf(expr, '30s'))).toEqual([]);
  });

  it('has no alert that fires as long as all is well', async () => {
    expect([...(await prometheus.firing())].filter((name) => !OF_THE_MACHINE.includes(name))).toEqual([]);
  });

  it('fires the alerts of a Redis that is gone, and no others', async () => {
    await redis.server.kill();
    const answer = await backends[0]?.app.get(InvalidationService).user(1);
    expect(answer).toMatchObject({ acknowledged: false });
    const expected = ['RedisDown', 'CacheRedisUnreachable', 'CacheCoherenceLost', 'CacheInvalidationQueueGrowing'];
    // They count what goes wrong, so they fire when enough of it does.
    const possible = [
      'CacheErrorsHigh',
      'CacheErrorBudgetBurnsFast',
      'CacheErrorBudgetBurnsSlowly',
      'CacheCircuitOpen',
    ];
    await until(async () => {
      const firing = await prometheus.firing();
      return expected.every((name) => firing.has(name));
    }, PATIENCE_MS);
    const others = ALERTS.map(({ alert }) => alert).filter(
      (name) => ![...expected, ...possible, ...OF_THE_MACHINE].includes(name),
    );
    const firing = await prometheus.firing();
    expect(others.filter((name) => firing.has(name))).toEqual([]);
  });

  it('fires the alerts of instances that are gone', async () => {
    driving = false;
    await traffic.catch(() => undefined);
    await Promise.all(backends.splice(0).map((backend) => backend.stop()));
    await until(async () => {
      const firing = await prometheus.firing();
      return firing.has('CacheInstanceDown') && firing.has('CacheMetricsAbsent');
    }, PATIENCE_MS);
  });
});

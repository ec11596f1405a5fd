import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { dashboardFiles } from '../../docker/grafana/build/files.js';
import { Backend } from '../app/support/backend.js';
import { ShippedRedis } from '../docker/support/shipped-redis.js';
import { DASHBOARD_FOLDER, DASHBOARDS, panelsOf, queryOf } from './support/dashboards.js';
import { type Program, startExporter } from './support/program.js';
import { exposedMetrics, readExpression } from './support/promql.js';
import { ALERTS, RECORDINGS } from './support/rules.js';
import { toolPath } from './support/tools.js';

/** What Prometheus itself makes. */
const OF_PROMETHEUS = ['ALERTS'];
/** Rules that sum over the instances have no label of them. */
const WITHOUT_INSTANCE = [...OF_PROMETHEUS, ...RECORDINGS.map(({ record }) => record)];

it('the dashboards are those that docker/grafana/build makes: if not, npm run dashboards', async () => {
  const files = await dashboardFiles();
  expect(Object.keys(files)).toEqual(readdirSync(DASHBOARD_FOLDER));
  for (const [name, text] of Object.entries(files))
    expect(readFileSync(join(DASHBOARD_FOLDER, name), 'utf8')).toBe(text);
});

describe.each(DASHBOARDS)('%s', (_name, dashboard) => {
  const panels = panelsOf(dashboard);

  it('keeps its address and cannot be edited where it is shown', () => {
    expect(dashboard.uid).toMatch(/^shadower-/);
    expect(dashboard.editable).toBe(false);
  });

  it('lets one choose the source, the jobs and the instances', () => {
    const [datasource, job, instance] = dashboard.templating.list;
    expect(datasource).toMatchObject({ name: 'datasource', type: 'datasource', query: 'prometheus' });
    expect(job).toMatchObject({ name: 'job', multi: true, includeAll: true, refresh: 2 });
    expect(instance).toMatchObject({ name: 'instance', multi: true, includeAll: true, refresh: 2 });
  });

  it('has no number twice and no panel on top of another', () => {
    const ids = dashboard.panels.map(({ id }) => id);
    expect(new Set(ids).size).toBe(ids.length);
    const taken = new Set<string>();
    for (const { gridPos, title = '' } of dashboard.panels) {
      expect(gridPos.x + gridPos.w, title).toBeLessThanOrEqual(24);
      for (let x = gridPos.x; x < gridPos.x + gridPos.w; x += 1)
        for (let y = gridPos.y; y < gridPos.y + gridPos.h; y += 1) {
          expect(taken, title).not.toContain(`${x},${y}`);
          taken.add(`${x},${y}`);
        }
    }
  });

  it.each(panels.map((panel) => [panel.title ?? '', panel] as const))(
    'panel "%s" says what it shows',
    (title, panel) => {
      expect(title).not.toBe('');
      expect(panel.description).toMatch(/\.$/);
      expect(panel.fieldConfig?.defaults.unit).toMatch(/^\S+$/);
      expect(panel.targets?.length).toBeGreaterThan(0);
      for (const { uid } of [panel, ...(panel.targets ?? [])].map(({ datasource }) => datasource ?? { uid: '' }))
        expect(uid).toBe('${datasource}');
    },
  );

  it.each(panels.flatMap(({ title, targets = [] }) => targets.map(({ expr }) => [title, expr])))(
    'panel "%s" asks for the chosen jobs and instances, and for rates over the interval of the screen: %s',
    (_title, expr = '') => {
      const { metrics, matchers, rates } = readExpression(queryOf(expr, '7s'));
      metrics.forEach((metric, i) => {
        expect(matchers[i]).toContain('job=~".*"');
        if (!WITHOUT_INSTANCE.includes(metric)) expect(matchers[i]).toContain('instance=~".*"');
        // A gauge has no rate, and a counter without one only grows.
        const counter = /_(total|count|sum|bucket)$/.test(metric);
        const taken = rates.filter((rate) => rate.metric === metric);
        if (counter) expect(taken.length, metric).toBeGreaterThan(0);
        for (const { range } of taken) expect(range).toBe('7s');
      });
    },
  );
});

describe('the metrics that the dashboards and rules ask for', () => {
  let redis: ShippedRedis;
  let exporter: Program;
  let backend: Backend;
  let known: Set<string>;
  beforeAll(async () => {
    toolPath('prometheus-redis-exporter');
    redis = await ShippedRedis.start();
    exporter = await startExporter(redis);
    backend = await Backend.start({ REDIS_URL: redis.urlOf('app') });
    const ofRedis = await (await fetch(`${exporter.url}/metrics`)).text();
    const { text } = await backend.get('metrics');
    known = new Set([...exposedMetrics(ofRedis), ...exposedMetrics(text), ...WITHOUT_INSTANCE, 'up']);
  }, 240_000);
  afterAll(async () => {
    await backend.stop();
    await exporter.stop();
    await redis.stop();
  });

  it.each(DASHBOARDS)('of %s are there', (_name, dashboard) => {
    const expressions = panelsOf(dashboard).flatMap(({ targets = [] }) => targets.map(({ expr }) => queryOf(expr)));
    const asked = expressions.flatMap((expr) => readExpression(expr).metrics);
    expect(asked.filter((metric) => !known.has(metric))).toEqual([]);
  });

  it('in the lists of jobs and instances are there', () => {
    const queries = DASHBOARDS.flatMap(([, { templating }]) =>
      templating.list.flatMap(({ query }) => (typeof query === 'string' ? [] : query.query)),
    );
    const subjects = queries.map((query) => /^label_values\((.*), \w+\)$/.exec(query)?.[1] ?? '');
    expect(subjects).toHaveLength(4);
    expect(
      subjects.flatMap((expr) => readExpression(queryOf(expr)).metrics).filter((metric) => !known.has(metric)),
    ).toEqual([]);
  });

  it('of the rules are there', () => {
    const asked = [...RECORDINGS, ...ALERTS].flatMap(({ expr }) => readExpression(expr).metrics);
    expect(asked.filter((metric) => !known.has(metric))).toEqual([]);
  });
});

describe('the reading of expressions', () => {
  it.each(['rate(a[5m', 'a > 450MB', 'sum by (job a)'])('refuses %s', (expr) => {
    expect(() => readExpression(expr)).toThrow('not PromQL');
  });

  it('finds metrics, matchers and rates', () => {
    expect(readExpression('sum by (le) (rate(a_total{job="x",le!="1"}[5m])) / b offset 1h')).toEqual({
      metrics: ['a_total', 'b'],
      matchers: [['job="x"', 'le!="1"'], []],
      rates: [{ metric: 'a_total', range: '5m' }],
    });
  });
});

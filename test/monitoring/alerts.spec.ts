import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { documentAt } from '../docs/documents.js';
import { brokenReferences } from '../docs/links.js';
import { run, TREE } from '../guards/sandbox.js';
import { ALERT_CASES, type AlertCase } from './support/alert-cases.js';
import { alertFaults, expressionFaults, type Series, type Situation } from './support/promtool.js';
import { ALERTS, RULE_FILES } from './support/rules.js';
import { toolPath } from './support/tools.js';

const COUNTER = /^\w+_(total|count|bucket)\{/;

/** No traffic: what the alert fires on, with counters that stand still and gauges as they are when all is well. */
function idle({ firing, quiet }: AlertCase): Series {
  const counters = Object.entries(firing).filter(([name]) => COUNTER.test(name));
  const gauges = Object.entries(quiet).filter(([name]) => !COUNTER.test(name));
  return Object.fromEntries([...counters.map(([name]) => [name, '7x120'] as const), ...gauges]);
}

const MISSES = 'cache_misses_total{job="backend",operation="get",key_pattern="b"}';

const SITUATIONS: Readonly<Record<string, Situation>> = {
  ...Object.fromEntries(
    ALERT_CASES.flatMap((tried): [string, Situation][] => {
      const { alert, at, labels, summary } = tried;
      return [
        [`${alert} fires`, { alert, at, series: tried.firing, fires: { labels, summary } }],
        [`${alert} does not fire when it is busy and well`, { alert, at, series: tried.quiet }],
        [`${alert} does not fire when it is idle`, { alert, at, series: idle(tried) }],
      ];
    }),
  ),
  'CacheHitRateLow waits before it fires': { alert: 'CacheHitRateLow', series: { [MISSES]: '0+600x60' }, at: '9m' },
  'CacheHitRateLow fires where nothing hits and there is not even a series of hits': {
    alert: 'CacheHitRateLow',
    series: { [MISSES]: '0+600x60' },
    at: '20m',
    fires: { labels: { job: 'backend' }, summary: 'backend: 0% of the reads are hits' },
  },
  'CacheHitRateLow does not fire on a handful of reads': {
    alert: 'CacheHitRateLow',
    series: { [MISSES]: '0+30x60' },
    at: '20m',
  },
  'RedisMemoryHigh does not fire where no limit is set': {
    alert: 'RedisMemoryHigh',
    series: { 'redis_memory_used_bytes{job="redis"}': '500x60', 'redis_memory_max_bytes{job="redis"}': '0x60' },
    at: '20m',
  },
  'CacheErrorBudgetBurnsFast ends soon after the errors have': {
    alert: 'CacheErrorBudgetBurnsFast',
    series: {
      'cache_operation_duration_seconds_count{job="backend",operation="get"}': '0+6000x120',
      'cache_errors_total{job="backend",operation="fetch",error_type="timeout"}': '0+600x60 36000x60',
    },
    at: '70m',
  },
};

beforeAll(() => {
  toolPath('promtool');
}, 240_000);

describe('the configuration of Prometheus', () => {
  it('passes promtool, with its rules', async () => {
    const file = join(TREE, 'docker/prometheus/prometheus.yml');
    const { code, output } = await run(TREE, toolPath('promtool'), ['check', 'config', '--lint-fatal', file]);
    expect(code, output).toBe(0);
    expect(output).toContain(`${RULE_FILES.length} rule files found`);
  });
});

describe('the alerts', () => {
  it('are all tried', () => {
    expect(ALERT_CASES.map(({ alert }) => alert).toSorted()).toEqual(ALERTS.map(({ alert }) => alert).toSorted());
  });

  it.each(ALERTS.map((alert) => [alert.alert, alert] as const))(
    '%s says how bad it is and what to do',
    (name, alert) => {
      expect(alert.labels.severity).toMatch(/^(info|warning|critical)$/);
      expect(alert.annotations.summary).not.toBe('');
      expect(alert.annotations.description).toMatch(/\.$/);
      expect(alert.annotations.runbook_url).toBe(`docs/runbook.md#${name.toLowerCase()}`);
      const link = { path: 'alert.md', text: `[to the runbook](${alert.annotations.runbook_url})` };
      expect(brokenReferences(link, [documentAt('docs/runbook.md')])).toEqual([]);
    },
  );
});

describe('the alert', () => {
  const WRONG = { alert: 'RedisDown', series: { redis_up: '0x60' }, at: '10m' };
  let faults: Map<string, string>;
  beforeAll(async () => {
    faults = await alertFaults({ ...SITUATIONS, wrong: WRONG });
  }, 60_000);

  it.each(Object.keys(SITUATIONS))('%s', (name) => {
    expect(faults.get(name)).toBeUndefined();
  });

  it('would be found wrong', () => {
    expect(faults.get('wrong')).toContain('alertname: RedisDown');
  });
});

describe('the hit rate', () => {
  const HITS = 'cache_hits_total{job="backend",operation="get",key_pattern="a"}';

  it.each([
    [
      'job_key_pattern:cache_hit:ratio_rate5m',
      { '{job="backend",key_pattern="a"}': 1, '{job="backend",key_pattern="b"}': 0 },
    ],
    ['job:cache_hit:ratio_rate5m', { '{job="backend"}': 0.75 }],
    ['job:cache_lookups:rate5m', { '{job="backend"}': 4 }],
  ])('counts templates without a hit and without a miss: %s', async (record, samples) => {
    const series = { [HITS]: '0+180x60', [MISSES]: '0+60x60' };
    const gives = Object.fromEntries(Object.entries(samples).map(([labels, value]) => [`${record}${labels}`, value]));
    expect(await expressionFaults(record, { series, at: '20m', gives })).toBe('');
  });
});

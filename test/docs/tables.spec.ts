import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Registry } from 'prom-client';
import { describe, expect, it } from 'vitest';
import { Environment } from '../../src/app/config/environment.js';
import { TIMEFRAME_TTL } from '../../src/index.js';
import { CacheEvents } from '../../src/cache/cache-events.js';
import { CACHE_METRICS } from '../../src/metrics/cache-metrics.js';
import { HttpMetricsInterceptor } from '../../src/metrics/http-metrics.interceptor.js';
import { COMMANDS } from '../../src/engine/guarded-store.js';
import { REMOTE_FAILURES } from '../../src/stores/contracts.js';
import { TREE } from '../guards/sandbox.js';
import { type Document, documentAt, tableBelow } from './documents.js';

const README = documentAt('README.md');

/** The text of a cell that is code. */
function code(cell: string | undefined): string {
  return /^`([^`]*)`/.exec(cell ?? '')?.[1] ?? cell ?? '';
}

function twoColumns(rows: readonly string[][]): Record<string, string> {
  return Object.fromEntries(rows.map(([name, value]) => [code(name), code(value)]));
}

describe('the table of variables', () => {
  const shown = (document: Document): Record<string, string> => twoColumns(tableBelow(document, 'Configuration'));
  const actual = Object.fromEntries(
    Object.entries(new Environment()).map(([name, value]) => [name, value === undefined ? 'none' : String(value)]),
  );

  it('has every variable with its default', () => {
    expect(shown(README)).toEqual(actual);
  });

  it('would be found wrong', () => {
    const planted = README.text.replace(/`PORT`( +)\| `3000`/, '`PORT`$1| `3001`');
    expect(planted).not.toBe(README.text);
    expect(shown({ path: 'README.md', text: planted })).not.toEqual(actual);
    const lacking = README.text.replace(/\| `CACHE_PREFIX`.*\n/, '');
    expect(shown({ path: 'README.md', text: lacking })).not.toEqual(actual);
  });
});

describe('the tables of options', () => {
  const SOURCE = [
    ...['src/cache/cache-options.ts', 'src/keys/load-policy.ts', 'src/cache/redis-options.ts'],
    ...['src/metrics/prometheus.module.ts', 'src/dashboard/dashboard-options.ts'],
  ]
    .map((path) => readFileSync(join(TREE, path), 'utf8'))
    .join('');
  /** As the page has them: Redis has a table for what its modes share, and one for each mode. */
  const INTERFACES = [
    ...['CacheModuleOptions', 'LoadPolicyOptions'],
    ...['CommonRedisOptions', 'StandaloneRedisOptions', 'SentinelRedisOptions', 'ClusterRedisOptions'],
    ...['PrometheusModuleOptions', 'CacheDashboardOptions'],
  ];

  interface Option {
    readonly name: string;
    /** What its `@default` says. */
    readonly value: string | undefined;
  }

  /** The options of an interface. */
  function optionsOf(name: string): Option[] {
    const body = new RegExp(`export interface ${name}(?: extends \\w+)? \\{\n(.*?)\n\\}`, 's').exec(SOURCE)?.[1] ?? '';
    const options: Option[] = [];
    let comment = '';
    for (const line of body.split('\n')) {
      const option = /^ {2}readonly (\w+)\??:/.exec(line)?.[1];
      if (option === undefined) comment += line;
      else {
        options.push({ name: option, value: /@default (.*?) *\*\//.exec(comment)?.[1] });
        comment = '';
      }
    }
    return options;
  }

  const rows = ['CacheModule', 'PrometheusModule', 'CacheDashboardModule'].flatMap((name) =>
    tableBelow(documentAt('docs/start.md'), `Options of ${name}`),
  );
  const options = INTERFACES.flatMap(optionsOf);

  it.each(INTERFACES)('find %s', (name) => {
    expect(optionsOf(name).length).toBeGreaterThan(2);
  });

  it('have every option of the module, of loading, of Redis by mode, of metrics and of the dashboard', () => {
    expect(rows.map(([name]) => code(name))).toEqual(options.map(({ name }) => name));
  });

  it('have the defaults that the options state', () => {
    const wrong = options.filter(({ value }, i) => {
      const documented = code(rows[i]?.[1]);
      return value !== undefined && (documented === '' || !value.startsWith(documented));
    });
    expect(wrong).toEqual([]);
  });
});

it('the table of timeframes is the one in force', () => {
  const shown = twoColumns(tableBelow(documentAt('docs/keys.md'), 'TTL'));
  expect(shown).toEqual(Object.fromEntries(Object.entries(TIMEFRAME_TTL).map(([name, ttl]) => [name, String(ttl)])));
});

it('the table of metrics has every metric with its labels', () => {
  const registry = new Registry();
  new HttpMetricsInterceptor(registry, { serverTiming: true }, new CacheEvents(), {} as never);
  const http = registry.getMetricsAsArray() as unknown as { name: string; type: string; labelNames: string[] }[];
  const actual = [
    ...CACHE_METRICS.map(({ name, type, labels }) => ({ name, type, labels })),
    ...http.map(({ name, type, labelNames }) => ({ name, type, labels: labelNames.filter((label) => label !== 'le') })),
  ].map(({ name, type, labels }) => [name, type, labels.toSorted().join(' ')]);
  const shown = tableBelow(README, 'Metrics').flatMap(([names = '', type = '', labels = '']) =>
    names.split(', ').map((name) => [code(name), type, labels.replaceAll(/[`,]/g, '').split(' ').toSorted().join(' ')]),
  );
  expect(shown.toSorted()).toEqual(actual.toSorted());
});

it('the tables of failures and of commands have every kind', () => {
  const shown = tableBelow(documentAt('docs/failure.md'), 'Connecting').map(([name]) => code(name));
  expect(shown).toEqual([...REMOTE_FAILURES, ...COMMANDS]);
});

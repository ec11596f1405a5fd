import { beforeAll, describe, expect, it } from 'vitest';
import { inSandbox, runScript, TREE, type Files } from './sandbox.js';

const CONFIG = ['package.json', 'tsconfig.json', 'test/guards/floors.config.cjs'];

/** One file per folder; `contracts.ts` is what the engine may see of the stores. */
const PLACES = {
  primitives: 'src/primitives/p.ts',
  keys: 'src/keys/k.ts',
  codec: 'src/codec/c.ts',
  contracts: 'src/stores/contracts.ts',
  memory: 'src/stores/memory/m.ts',
  redis: 'src/stores/redis/r.ts',
  engine: 'src/engine/e.ts',
  cache: 'src/cache/service.ts',
  cacheRoot: 'src/cache/cache-runtime.ts',
  metrics: 'src/metrics/m.ts',
  index: 'src/index.ts',
  dashboard: 'src/dashboard/d.ts',
  page: 'src/dashboard/page/p.ts',
  cli: 'src/cli/c.ts',
  app: 'src/app/a.ts',
  main: 'src/main.ts',
  testing: 'src/testing/t.ts',
};
type Place = keyof typeof PLACES;
const ALL = Object.keys(PLACES) as Place[];

const STORES: Place[] = ['contracts', 'memory', 'redis'];
const MEANING: Place[] = ['primitives', 'keys', 'codec'];

/** What each place may import, besides itself. Everything not listed here must be reported. */
const MAY_IMPORT: Record<Place, Place[]> = {
  primitives: [],
  keys: MEANING,
  codec: MEANING,
  contracts: [...MEANING, ...STORES],
  memory: [...MEANING, ...STORES],
  redis: [...MEANING, ...STORES],
  engine: [...MEANING, 'contracts'],
  cache: [...MEANING, 'contracts', 'engine', 'cacheRoot', 'metrics'],
  cacheRoot: [...MEANING, ...STORES, 'engine', 'cache', 'metrics'],
  metrics: [...MEANING, 'contracts', 'engine', 'cache', 'cacheRoot'],
  index: [...MEANING, ...STORES, 'engine', 'cache', 'cacheRoot', 'metrics', 'dashboard', 'cli'],
  dashboard: [...MEANING, 'contracts', 'engine', 'cache', 'cacheRoot', 'metrics'],
  page: [],
  cli: ['index'],
  app: ['index'],
  main: ['index', 'app'],
  testing: [...MEANING, ...STORES, 'engine', 'cache', 'cacheRoot', 'metrics'],
};

interface Violation {
  from: string;
  to: string;
  rule: { name: string };
}

interface Cruise {
  modules: { source: string }[];
  summary: { violations: Violation[] };
}

async function cruise(directory: string): Promise<Cruise> {
  const { stdout, output } = await runScript(directory, 'floors', '--output-type', 'json');
  expect(stdout, output).toMatch(/^\{/);
  return JSON.parse(stdout) as Cruise;
}

/** The rules that a tree of these files breaks, each as `rule: from → to`. */
async function violationsOf(files: Files): Promise<string[]> {
  const { summary } = await inSandbox(CONFIG, files, (box) => cruise(box.directory));
  // The node_modules of the sandbox lie elsewhere.
  return summary.violations.map(
    ({ rule, from, to }) => `${rule.name}: ${from} → ${to.replace(/^.*(?=node_modules)/, '')}`,
  );
}

/** Each place in one file that imports, as a type, each other place. */
function everyEdge(): Files {
  return Object.fromEntries(
    ALL.map((from) => [
      PLACES[from],
      importsOf(
        from,
        ALL.filter((to) => to !== from),
      ),
    ]),
  );
}

function importsOf(from: Place, targets: Place[]): string {
  const depth = PLACES[from].split('/').length - 2;
  const up = depth === 0 ? './' : '../'.repeat(depth);
  const path = (to: Place): string => PLACES[to].replace('src/', up).replace(/ts$/, 'js');
  return targets.map((to) => `export type { T as ${to} } from '${path(to)}';\n`).join('') + 'export type T = 1;\n';
}

describe('npm run floors', { timeout: 240_000 }, () => {
  it('passes on the tree and sees every folder of it', async () => {
    const { modules, summary } = await cruise(TREE);
    expect(summary.violations).toEqual([]);
    for (const folder of ['primitives', 'stores/redis', 'engine', 'cache', 'app']) {
      expect(modules.some(({ source }) => source.startsWith(`src/${folder}/`))).toBe(true);
    }
  });

  it('ends with an error and says the rule and the remedy', async () => {
    const files = { 'src/index.ts': "export * from './app/a.js';\n", 'src/app/a.ts': 'export const a = 1;\n' };
    const { code, output } = await inSandbox(CONFIG, files, (box) => runScript(box.directory, 'floors'));
    expect(code).not.toBe(0);
    expect(output).toContain('floor-public-api');
    expect(output).toContain('never the application');
  });

  describe('when every place imports every other', () => {
    let reported: string[];
    beforeAll(async () => {
      const found = await violationsOf(everyEdge());
      reported = found.filter((line) => line.startsWith('floor-') || line.startsWith('one-composition-root'));
    }, 240_000);

    it.each(ALL)('reports exactly the forbidden imports of %s', (from) => {
      const edges = new Set(
        reported.map((line) => line.split(': ')[1]).filter((edge) => edge?.startsWith(PLACES[from])),
      );
      const forbidden = ALL.filter((to) => to !== from && !MAY_IMPORT[from].includes(to));
      expect([...edges].sort()).toEqual(forbidden.map((to) => `${PLACES[from]} → ${PLACES[to]}`).sort());
    });
  });

  describe('when nothing is wrong', () => {
    it('reports nothing', async () => {
      const files = Object.fromEntries([
        [PLACES.primitives, 'export type T = 1;\n'],
        [PLACES.contracts, importsOf('contracts', ['primitives'])],
        [PLACES.redis, `import { Redis } from 'ioredis';\nnew Redis();\n${importsOf('redis', ['contracts'])}`],
        [PLACES.engine, importsOf('engine', ['contracts'])],
        [
          PLACES.metrics,
          `import { Counter } from 'prom-client';\nexport const c = Counter;\n${importsOf('metrics', ['engine'])}`,
        ],
        [PLACES.cacheRoot, importsOf('cacheRoot', ['redis', 'engine', 'metrics'])],
        [PLACES.index, importsOf('index', ['cacheRoot'])],
        [PLACES.app, `import '@duckdb/node-api';\n${importsOf('app', ['index'])}`],
        [PLACES.main, importsOf('main', ['app'])],
        ['src/engine/e.spec.ts', "import { Redis } from 'ioredis';\nimport '../app/a.js';\nnew Redis();\n"],
      ]);
      expect(await violationsOf(files)).toEqual([]);
    });
  });

  const one = 'export type One = 1;\n';
  it.each<[string, string, Files]>([
    [
      'a cycle of types',
      'no-cycles: src/keys/a.ts → src/keys/b.ts',
      {
        'src/keys/a.ts': "export type { B } from './b.js';\nexport type A = 1;\n",
        'src/keys/b.ts': "import type { A } from './a.js';\nexport type B = A;\n",
      },
    ],
    ['a file nobody imports', 'no-orphans: src/keys/lost.ts → src/keys/lost.ts', { 'src/keys/lost.ts': one }],
    [
      'an inner barrel that is imported',
      'no-inner-barrels: src/keys/a.ts → src/keys/index.ts',
      { 'src/keys/a.ts': "export type { One } from './index.js';\n", 'src/keys/index.ts': one },
    ],
    [
      'an inner barrel that is not',
      'no-inner-barrels: src/keys/index.ts → src/keys/a.ts',
      { 'src/keys/index.ts': "export type { One } from './a.js';\n", 'src/keys/a.ts': one },
    ],
    [
      'an import of a folder without a floor',
      'every-folder-has-a-floor: src/keys/a.ts → src/helpers/h.ts',
      { 'src/keys/a.ts': "export type { One } from '../helpers/h.js';\n", 'src/helpers/h.ts': one },
    ],
    [
      'a folder without a floor',
      'every-folder-has-a-floor: src/helpers/h.ts → src/keys/a.ts',
      { 'src/helpers/h.ts': "export type { One } from '../keys/a.js';\n", 'src/keys/a.ts': one },
    ],
    [
      'an import from the tests',
      'no-tests-in-production: src/engine/e.ts → test/support/s.ts',
      { 'src/engine/e.ts': "export type { One } from '../../test/support/s.js';\n", 'test/support/s.ts': one },
    ],
    ...['src/cache/cache.module.ts', 'src/engine/e.ts', 'src/app/a.ts'].map((from): [string, string, Files] => [
      `the type of ioredis in ${from}`,
      `ioredis-in-one-folder: ${from} → node_modules/ioredis/`,
      { [from]: "import type { Redis } from 'ioredis';\nexport type R = Redis;\n" },
    ]),
    ...['prom-client', '@willsoto/nestjs-prometheus'].map((name): [string, string, Files] => [
      `${name} outside metrics`,
      `prom-client-in-one-folder: src/cache/c.ts → node_modules/${name}/`,
      { 'src/cache/c.ts': `import '${name}';\n` },
    ]),
    [
      'an application’s package in published code',
      'published-code-imports-peers-only: src/cache/c.ts → node_modules/@nestjs/swagger/',
      { 'src/cache/c.ts': "import '@nestjs/swagger';\n" },
    ],
    [
      'a package that is not installed',
      'published-code-imports-peers-only: src/cache/c.ts → no-such-package',
      { 'src/cache/c.ts': "import 'no-such-package';\n" },
    ],
  ])('reports %s', async (_name, expected, files) => {
    expect(await violationsOf(files)).toContainEqual(expect.stringContaining(expected));
  });
});

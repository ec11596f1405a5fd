/**
 * The folders of src are floors: a file imports from its own floor or below, never from above.
 * `[.]` instead of an escaped dot, and no nested groups: dependency-cruiser refuses other expressions as unsafe.
 */
const PRIMITIVES = ['^src/primitives/'];
const MEANING = ['^src/keys/', '^src/codec/', ...PRIMITIVES];
const CONTRACTS = ['^src/stores/contracts[.]ts$', '^src/stores/redis-target[.]ts$'];
const STORES = ['^src/stores/', ...MEANING];
const ENGINE = ['^src/engine/', ...CONTRACTS, ...MEANING];
const PRODUCT = ['^src/cache/', '^src/metrics/', '^src/engine/', ...STORES];
const PUBLIC_API = '^src/index[.]ts$';
/** The files that pick implementations: the cache's, and its part on Redis. */
const COMPOSITION_ROOT = '^src/cache/(cache-runtime|implementations|redis-tier)[.]ts$';
const APP = ['^src/app/', '^src/main[.]ts$'];
/** What runs in a browser: bundled with all it imports. */
const PAGE = '^src/dashboard/page/';

const floors = {
  primitives: PRIMITIVES,
  keys: MEANING,
  codec: MEANING,
  stores: STORES,
  engine: ENGINE,
  cache: PRODUCT,
  metrics: PRODUCT,
  dashboard: ['^src/dashboard/', ...PRODUCT],
  'dashboard/page': [PAGE, '^src/dashboard/contract[.]ts$'],
  cli: ['^src/cli/', PUBLIC_API],
  app: ['^src/app/', PUBLIC_API],
  testing: ['^src/testing/', ...PRODUCT],
};

const floorRules = Object.entries(floors).map(([folder, allowed]) => ({
  name: `floor-${folder}`,
  comment: `src/${folder} imports ${allowed.join(' ')} only: move the shared part down, or hand it in from above`,
  severity: 'error',
  from: { path: `^src/${folder}/` },
  to: { path: '^src/', pathNot: allowed },
}));

/** An import of a package, declared or not: an undeclared one has no dependency type, only its path. */
const packagePath = (name) => [`node_modules/${name}/`, `^${name}$`, `^${name}/`];

const onlyIn = (name, packages, owner) => ({
  name,
  comment: `${packages.join(', ')} may be imported in ${owner} only, types included: pass an own small interface on`,
  severity: 'error',
  from: { path: '^src/', pathNot: owner },
  to: { path: packages.flatMap(packagePath) },
});

/** A file that must not exist: neither imported nor importing. */
const banned = (name, comment, files) => [
  { name, comment, severity: 'error', from: {}, to: files },
  { name, comment, severity: 'error', from: files, to: {} },
];

module.exports = {
  forbidden: [
    ...floorRules,
    {
      name: 'floor-main',
      comment: 'src/main.ts starts the application, and knows the package by its public API only',
      severity: 'error',
      from: { path: '^src/main[.]ts$' },
      to: { path: '^src/', pathNot: [...APP, PUBLIC_API] },
    },
    {
      name: 'floor-page',
      comment: 'the page runs in a browser: the server sends what is built of it, and nobody imports it',
      severity: 'error',
      from: { path: '^src/', pathNot: PAGE },
      to: { path: PAGE },
    },
    {
      name: 'floor-public-api',
      comment: 'src/index.ts re-exports the package, never the application',
      severity: 'error',
      from: { path: PUBLIC_API },
      to: { path: [...APP, '^src/testing/'] },
    },
    ...banned(
      'every-folder-has-a-floor',
      'name the folder in test/guards/floors.config.cjs and say what it may import',
      {
        path: '^src/',
        pathNot: [...Object.keys(floors).map((folder) => `^src/${folder}/`), PUBLIC_API, '^src/main[.]ts$'],
      },
    ),
    {
      name: 'no-tests-in-production',
      comment: 'what users may use in their tests lives in src/testing',
      severity: 'error',
      from: { path: '^src/' },
      to: { path: '^test/' },
    },
    {
      name: 'no-cycles',
      comment: 'a cycle, also one of types, tells that a third object is missing',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'no-orphans',
      comment: 'nothing imports it and it imports nothing: remove it',
      severity: 'error',
      from: { orphan: true, pathNot: [PUBLIC_API, '^src/main[.]ts$', '[.]d[.]ts$'] },
      to: {},
    },
    ...banned('no-inner-barrels', 'index.ts exists at the top of src only: import the file itself', {
      path: '^src/.+/index[.]ts$',
    }),
    {
      name: 'one-composition-root',
      comment:
        'only the composition root (src/cache/cache.module.ts) picks implementations; others name contracts (index.ts may re-export)',
      severity: 'error',
      from: {
        path: '^src/',
        pathNot: ['^src/stores/', '^src/testing/', COMPOSITION_ROOT, PUBLIC_API],
      },
      to: { path: '^src/stores/', pathNot: CONTRACTS },
    },
    onlyIn('ioredis-in-one-folder', ['ioredis'], '^src/stores/redis/'),
    onlyIn('prom-client-in-one-folder', ['prom-client', '@willsoto/nestjs-prometheus'], '^src/metrics/'),
    {
      name: 'published-code-imports-peers-only',
      comment: 'a package that is only in devDependencies is missing on the user’s machine',
      severity: 'error',
      from: { path: '^src/', pathNot: [...APP, PAGE] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'unknown'], dependencyTypesNot: ['npm-peer', 'npm', 'core'] },
    },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '[.](spec|test-d)[.]ts$' },
  },
};

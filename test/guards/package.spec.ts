import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import MANIFEST from '../../package.json' with { type: 'json' };
import { CACHED, EMPTY, linesAdded } from '../package/applications.js';
import { type NestVersion, NESTS, Project } from '../package/project.js';
import { useInAllWays } from '../package/three-uses.js';
import { inSandbox, run, runScript, Sandbox, sourceFiles, TREE, type Files } from './sandbox.js';

const BUILD_CONFIG = ['package.json', 'tsconfig.json', 'tsconfig.build.json', 'nest-cli.json'];
const API_CONFIG = 'test/guards/api-extractor.json';

describe('the package', () => {
  it('exports exactly this', () => {
    expect(MANIFEST.exports).toEqual({
      '.': { types: './dist/index.d.ts', default: './dist/index.js' },
      './testing': { types: './dist/testing/entry.d.ts', default: './dist/testing/entry.js' },
      './package.json': './package.json',
    });
    expect(MANIFEST.bin).toEqual({ 'shadower-cache': 'dist/cli/main.js' });
    expect(MANIFEST.type).toBe('module');
  });

  it('asks of its user what it imports, but for a function that only its client knows of: which slot a name is in', () => {
    expect(Object.keys(MANIFEST.dependencies)).toEqual(['cluster-key-slot']);
  });
});

it('takes a new user no more than 25 lines to a cached and invalidated endpoint', () => {
  expect(linesAdded(EMPTY, CACHED)).toBeLessThanOrEqual(25);
});

describe('when built from a copy of the tree', { timeout: 240_000 }, () => {
  const copy = new Sandbox([]);
  beforeAll(async () => {
    copy.copy([...BUILD_CONFIG, 'src', 'docs', 'README.md', 'CHANGELOG.md', 'LICENSE', API_CONFIG, 'test/guards/api']);
    const { code, output } = await runScript(copy.directory, 'build');
    expect(code, output).toBe(0);
  }, 240_000);
  afterAll(() => copy.remove());

  it('holds the compiled library, its scripts and its documents, and nothing of the application or the tests', async () => {
    const { stdout } = await run(copy.directory, 'npm', ['pack', '--dry-run', '--json']);
    const [packed] = JSON.parse(stdout) as [{ files: { path: string }[] }];
    const paths = packed.files.map(({ path }) => path);
    const scripts = sourceFiles('.lua').map((path) => path.replace('src/', 'dist/'));
    const foreign = /^dist\/(app\/|main\.|dashboard\/page\/)|\.(spec|test-d)\.|\.map$|^(src|test)\//;

    expect(paths).toEqual(
      expect.arrayContaining(['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'docs/start.md']),
    );
    expect(paths).toEqual(expect.arrayContaining(['dist/index.js', 'dist/index.d.ts', ...scripts]));
    const page = ['index.html', 'main.js', 'style.css', 'licenses.txt'].map((name) => `dist/dashboard/assets/${name}`);
    expect(paths).toEqual(expect.arrayContaining(page));
    expect(paths.filter((path) => foreign.test(path))).toEqual([]);
  });

  it('can be imported by its name', async () => {
    for (const entry of ['', '/testing']) {
      const script = `console.log(Object.keys(await import('${MANIFEST.name}${entry}')).length > 0)`;
      const { stdout, output } = await run(copy.directory, process.execPath, ['--input-type=module', '--eval', script]);
      expect(stdout, output).toBe('true\n');
    }
  });

  it('runs its command, which ends by itself', async () => {
    const command = [join(copy.directory, MANIFEST.bin['shadower-cache']), 'doctor', '--json'];
    const { code, stdout, output } = await run(copy.directory, process.execPath, command, {
      REDIS_URL: 'redis://127.0.0.1:1',
    });
    expect(code, output).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({ version: 1, verdict: 'fail' });
    expect(output).toBe(stdout);
  });

  it('would be published for everybody and with provenance; a dry run needs no registry', async () => {
    expect(MANIFEST.publishConfig).toEqual({ access: 'public', provenance: true });
    // What runs before it is tried by tests of its own.
    const args = ['run', 'release:dry', '--', '--ignore-scripts'];
    const nowhere = { npm_config_registry: 'http://127.0.0.1:1', npm_config_fetch_retries: '0' };
    const { code, output } = await run(copy.directory, 'npm', args, nowhere);
    expect(code, output).toBe(0);
    expect(output).toContain('with tag latest and public access (dry-run)');
    expect(output).toContain(`+ ${MANIFEST.name}@${MANIFEST.version}`);
  });

  it('weighs no more than its limits', async () => {
    const { code, output } = await weighed(copy.directory);
    expect(code, output).toBe(0);
    expect(output.match(/: \d+ of \d+$/gm)).toHaveLength(5);
  });

  // In full, with every compiler, by npm run package:install.
  it.each([
    ['Nest 11', 'ts59'],
    ['Nest 12', 'ts7'],
  ] as const)('works in an empty application of %s, compiled by %s', async (name, compiler) => {
    const project = new Project();
    try {
      const tarball = await Project.pack(project.directory, copy.directory);
      await project.begin(NESTS.find((version) => version.name === name) as NestVersion, [compiler]);
      await project.add(tarball);
      await useInAllWays(project, compiler);
    } finally {
      project.remove();
    }
  });

  it('has the public API of the reviewed report', async () => {
    const { code, output } = await runScript(copy.directory, 'api');
    expect(code, output).toBe(0);
  });

  it.each(['index', 'testing/entry'])('documents every export of %s', (entry) => {
    expect(undocumentedExports(join(copy.directory, `dist/${entry}.d.ts`))).toEqual([]);
  });

  it('resolves for every user it promises to', async () => {
    const { code, output } = await runScript(copy.directory, 'package');
    expect(code, output).toBe(0);
  });
});

/** A package that is built already; `dist` is what the guards below read. */
const BUILT: Files = {
  'test/guards/api/nestjs-cache.api.md': '',
  'src/index.ts': 'export {};\n',
  'README.md': '# A package\n',
  'dist/index.js': 'export const answer = () => 42;\n',
  'dist/cli/main.js': '#!/usr/bin/env node\n',
  'dist/index.d.ts': '/** The answer. */\nexport declare const answer: () => number;\n',
  'dist/testing/entry.js': 'export const clock = 1;\n',
  'dist/testing/entry.d.ts': '/** A clock. */\nexport declare const clock: 1;\n',
};

describe('the look for undocumented exports', () => {
  it('names those without a comment, re-exported ones too', async () => {
    const files = {
      'dist/index.d.ts':
        "export { lost } from './lost.js';\n/** Said. */\nexport declare const said: 1;\nexport interface Mute {}\n",
      'dist/lost.d.ts': 'export declare const lost: 1;\n',
    };
    const found = await inSandbox([], files, (box) =>
      Promise.resolve(undocumentedExports(join(box.directory, 'dist/index.d.ts'))),
    );
    expect(found).toEqual(['lost', 'Mute']);
  });
});

describe('npm run api', { timeout: 240_000 }, () => {
  it.each([
    ['a changed signature', '/** The answer. */\nexport declare const answer: () => string;\n', 'API signature'],
    [
      'a type that leaks without being exported',
      'export {};\ninterface Hidden {}\nexport declare const answer: () => Hidden;\n',
      'ae-forgotten-export',
    ],
    [
      'a broken doc comment',
      '/** {@link Nothing} */\nexport declare const answer: () => number;\n',
      'ae-unresolved-link',
    ],
  ])('fails on %s', async (_name, declarations, says) => {
    await inSandbox([...BUILD_CONFIG, API_CONFIG], BUILT, async (box) => {
      const { code, output } = await runScript(box.directory, 'api:write');
      expect(code, output).toBe(0);
      expect(await runScript(box.directory, 'api')).toMatchObject({ code: 0 });

      box.write({ 'dist/index.d.ts': declarations });
      const changed = await runScript(box.directory, 'api');
      expect(changed.code).not.toBe(0);
      expect(changed.output).toContain(says);
    });
  });
});

describe('npm run package', { timeout: 240_000 }, () => {
  const planted = (changes: object): Files => ({
    ...BUILT,
    'package.json': JSON.stringify({ ...MANIFEST, ...changes }),
  });

  it('passes where there is no violation', async () => {
    const { code, output } = await inSandbox([], planted({}), (box) => runScript(box.directory, 'package'));
    expect(code, output).toBe(0);
  });

  it.each([
    ['publint', ['--strict'], 'types'],
    ['attw', ['--pack', '.', '--profile', 'esm-only'], 'No types'],
  ])('%s fails on a path of types that does not exist', async (tool, args, says) => {
    const files = planted({
      types: './dist/lost.d.ts',
      exports: { '.': { types: './dist/lost.d.ts', default: './dist/index.js' } },
    });
    const { code, output } = await inSandbox([], files, (box) => run(box.directory, `node_modules/.bin/${tool}`, args));
    expect(code).not.toBe(0);
    expect(output).toContain(says);
  });
});

describe('npm run size', { timeout: 240_000 }, () => {
  it('fails on many files, on heavy ones, and on a heavy import of an import, with what is too much', async () => {
    const lines = (bytes: number): string => `// ${'x'.repeat(bytes)}\n`;
    const planted: Files = {
      ...BUILT,
      'package.json': JSON.stringify(MANIFEST),
      ...Object.fromEntries(Array.from({ length: 2_000 }, (_, i) => [`dist/${i}.js`, ''])),
      'dist/heavy.js': lines(2_000_000),
      'dist/index.js': "import './a.js';\n",
      'dist/a.js': "import './index.js';\nimport './b.js';\n",
      'dist/b.js': lines(900_000),
    };
    const { code, output } = await inSandbox([], planted, (box) => weighed(box.directory));
    expect(code).toBe(1);
    const named = [...output.matchAll(/^The package has \d+ (.*), more than \d+: /gm)].map(([, what]) => what);
    expect(named).toEqual(['bytes unpacked', 'files', 'bytes imported by .']);
  });
});

function weighed(directory: string): ReturnType<typeof run> {
  return run(directory, 'node_modules/.bin/tsx', [join(TREE, 'test/guards/size.ts')]);
}

function undocumentedExports(declarations: string): string[] {
  const program = ts.createProgram([declarations], { module: ts.ModuleKind.NodeNext, target: ts.ScriptTarget.ES2023 });
  const checker = program.getTypeChecker();
  const file = program.getSourceFile(declarations);
  const module = file && checker.getSymbolAtLocation(file);
  if (!module) throw new Error(`${declarations} is not a module`);
  // A namespace is a module, which cannot have a comment of its own: what it holds has one each.
  const exportsOf = (symbol: ts.Symbol): ts.Symbol[] =>
    checker.getExportsOfModule(symbol).flatMap((each) => {
      const meant = each.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(each) : each;
      return meant.flags & ts.SymbolFlags.ValueModule ? exportsOf(meant) : [meant];
    });
  return exportsOf(module)
    .filter((symbol) => symbol.getDocumentationComment(checker).length === 0)
    .map((symbol) => symbol.name);
}

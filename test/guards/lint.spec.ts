import { relative } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { inSandbox, runScript, sourceFiles, TREE, type Files } from './sandbox.js';

const CONFIG = ['package.json', 'tsconfig.json', 'test/guards/eslint.config.js', 'test/guards/owners.js'];

const lines = (count: number): string => 'x();\n'.repeat(count);
const branches = (count: number): string => 'if (a > b) x();\n'.repeat(count);

/** Path and content of a file, and the rule that has to report it. */
const PLANTED: [path: string, content: string, rule: string][] = [
  ['src/a/complex.ts', `export function f(a: number, b: number): void {\n${branches(12)}}\n`, 'complexity'],
  ['src/a/long-file.ts', lines(251), 'max-lines'],
  ['src/a/long-function.ts', `export function f(): void {\n${lines(50)}}\n`, 'max-lines-per-function'],
  [
    'src/a/parameters.ts',
    'export const f = (a: 1, b: 1, c: 1, d: 1, e: 1): number[] => [a, b, c, d, e];\n',
    '@typescript-eslint/max-params',
  ],
  [
    'src/a/deep.ts',
    'export function f(a: number): void {\nif (a > 1) if (a > 2) if (a > 3) if (a > 4) x();\n}\n',
    'max-depth',
  ],
  ['src/a/floating.ts', 'Promise.resolve(1);\n', '@typescript-eslint/no-floating-promises'],
  ['src/a/any.ts', 'export const f = (a: any): unknown => a;\n', '@typescript-eslint/no-explicit-any'],
  [
    'src/a/non-null.ts',
    'export const f = (a: string[]): string => a[0]!;\n',
    '@typescript-eslint/no-non-null-assertion',
  ],
  ['src/a/stale-disable.ts', '// eslint-disable-next-line complexity\nexport const a = 1;\n', 'null'],
  ['src/a/date-now.ts', 'export const now = Date.now();\n', 'no-restricted-syntax'],
  ['src/a/a-view.tsx', 'export const now = Date.now();\n', 'no-restricted-syntax'],
  ['src/a/new-date.ts', 'export const now = new Date();\n', 'no-restricted-syntax'],
  ['src/a/performance.ts', 'export const now = performance.now();\n', 'no-restricted-syntax'],
  ['src/a/hrtime.ts', 'export const now = process.hrtime.bigint();\n', 'no-restricted-syntax'],
  ['src/a/set-timeout.ts', 'setTimeout(() => undefined, 1);\n', 'no-restricted-syntax'],
  ['src/a/set-interval.ts', 'setInterval(() => undefined, 1);\n', 'no-restricted-syntax'],
  ['src/a/timers.ts', "export { setTimeout } from 'node:timers/promises';\n", 'no-restricted-syntax'],
  ['src/a/dynamic-timers.ts', "export const timers = import('node:timers');\n", 'no-restricted-syntax'],
  ['src/a/abort-timeout.ts', 'export const signal = AbortSignal.timeout(1);\n', 'no-restricted-syntax'],
  ['src/a/math-random.ts', 'export const chance = Math.random();\n', 'no-restricted-syntax'],
  [
    'src/a/random-uuid.ts',
    "import { randomUUID } from 'node:crypto';\nexport const id = randomUUID();\n",
    'no-restricted-syntax',
  ],
  ['src/a/web-crypto.ts', 'export const id = crypto.randomUUID();\n', 'no-restricted-syntax'],
  ['src/a/env.ts', "export const port = process.env['PORT'];\n", 'no-restricted-syntax'],
  ['src/a/env-taken-apart.ts', 'export const { env } = process;\n', 'no-restricted-syntax'],
  ['src/main.ts', "export const port = process.env['PORT'];\n", 'no-restricted-syntax'],
  ['src/primitives/clock.ts', 'export const chance = Math.random();\n', 'no-restricted-syntax'],
  ['src/primitives/deadline.ts', 'setTimeout(() => undefined, 1);\n', 'no-restricted-syntax'],
  ['src/primitives/random.ts', 'export const now = Date.now();\n', 'no-restricted-syntax'],
];

const ALLOWED: Files = {
  'src/b/clock.ts': 'export const at = (instant: number): Date => new Date(instant);\n',
  'src/b/a.module.ts': 'const Module = (): ClassDecorator => () => undefined;\n@Module()\nexport class AModule {}\n',
  'src/b/long.spec.ts': `function f(): void {\n${lines(251)}}\nf();\n`,
  'src/b/time.spec.ts': 'export const now = Date.now();\n',
  'src/app/config/environment.ts': "export const port = process.env['PORT'];\n",
  'test/long.ts': `function f(): void {\n${lines(251)}}\nf();\n`,
};

const GLOBALS: Files = { 'src/globals.d.ts': 'declare function x(): void;\n' };

interface Report {
  filePath: string;
  messages: { ruleId: string | null; message: string; line: number }[];
}

/** What the linter reports, by file. */
async function lint(directory: string): Promise<Map<string, string[]>> {
  const { stdout, output } = await runScript(directory, 'lint', '--format', 'json');
  expect(stdout, output).toMatch(/^\[/);
  const reports = JSON.parse(stdout) as Report[];
  return new Map(
    reports.map(({ filePath, messages }) => [
      relative(directory, filePath),
      messages.map(({ ruleId, message, line }) => `${String(ruleId)} (${line}: ${message})`),
    ]),
  );
}

describe('npm run lint', { timeout: 240_000 }, () => {
  describe('on planted files', () => {
    let reports: Map<string, string[]>;
    beforeAll(async () => {
      const planted = Object.fromEntries(PLANTED.map(([path, content]) => [path, content]));
      reports = await inSandbox(CONFIG, { ...GLOBALS, ...ALLOWED, ...planted }, (box) => lint(box.directory));
    }, 240_000);

    it.each(PLANTED)('reports %s', (path, _content, rule) => {
      expect(reports.get(path)?.join('\n')).toContain(`${rule} (`);
    });

    it.each(Object.keys(ALLOWED))('accepts %s', (path) => {
      expect(reports.get(path)).toEqual([]);
    });

    it('accepts each owner reading what it owns', async () => {
      const owners = {
        'src/primitives/clock.ts':
          'export const now = Date.now() + performance.now();\nsetTimeout(() => undefined, now);\n',
        'src/primitives/random.ts': 'export const chance = Math.random();\n',
      };
      const found = await inSandbox(CONFIG, { ...GLOBALS, ...owners }, (box) => lint(box.directory));
      expect(Object.keys(owners).map((path) => found.get(path))).toEqual([[], []]);
    });
  });

  it('passes on the tree and sees every file of it', async () => {
    const reports = await lint(TREE);
    const problems = [...reports].filter(([, messages]) => messages.length > 0);

    expect(Object.fromEntries(problems)).toEqual({});
    expect([...reports.keys()]).toEqual(expect.arrayContaining([...sourceFiles(), ...sourceFiles('.tsx')]));
  });
});

import { describe, expect, it } from 'vitest';
import { inSandbox, run } from '../guards/sandbox.js';

const SUPPORT = ['tally-reporter.ts', 'programs.ts', 'redis-binary.ts', 'redis-binary.setup.ts'].map(
  (name) => `test/support/${name}`,
);
const BROWSER = ['chromium.setup.ts', 'chromium.ts', 'page.setup.ts'].map((name) => `test/browser/support/${name}`);
const PAGE = ['src/dashboard/page', ...BROWSER, 'test/guards/sandbox.ts', 'test/support/janitor.ts'];
const CONFIG = ['package.json', 'tsconfig.json', 'test/vitest.config.ts', ...SUPPORT, ...PAGE];
const ARGUMENTS = ['run', '--config', 'test/vitest.config.ts', '--root', '.'];

/** Runs our configuration over one test file, and tells the exit code and the last line. */
function runTests(body: string, args = ['src/a.']): Promise<{ code: number; last: string | undefined }> {
  const file = `import { afterAll, describe, expect, it } from 'vitest';\n${body}\n`;
  return inSandbox(CONFIG, { 'src/a.spec.ts': file }, async (box) => {
    const { code, stdout } = await run(box.directory, 'node_modules/.bin/vitest', [...ARGUMENTS, ...args]);
    return { code, last: stdout.trimEnd().split('\n').at(-1) };
  });
}

const PASSING = "it('passes', () => { expect(1).toBe(1); });";

describe('the test run', { timeout: 120_000 }, () => {
  it('passes and says how many tests did', async () => {
    expect(await runTests(PASSING)).toEqual({ code: 0, last: '1 passed, 0 failed' });
  });

  it.each([
    ['a failing test', "it('fails', () => { expect(1).toBe(2); });"],
    ['a skipped test', "it.skip('is skipped', () => undefined);"],
    ['a test skipped from within', "it('skips itself', (context) => { context.skip(); });"],
    ['a test still to be written', "it.todo('is to be written');"],
    ['a pass after a retry', "let runs = 0; it('flickers', { retry: 1 }, () => { expect(++runs).toBe(2); });"],
    ['an error outside of the tests', 'Promise.reject(new Error("nobody waits for this"));'],
    [
      'a failing hook',
      "describe('group', () => { afterAll(() => { throw new Error('hook'); }); it('passes', () => undefined); });",
    ],
  ])('fails on %s', async (_name, body) => {
    const { code, last } = await runTests(`${PASSING}\n${body}`);
    expect(code).not.toBe(0);
    expect(last).toMatch(/^[12] passed, 1 failed$/);
  });

  it.each([
    ['only one test being run', `it.only('alone', () => undefined);\n${PASSING}`],
    ['a file that does not load', "throw new Error('while loading');"],
    ['a file without a test', ''],
  ])('fails on %s', async (_name, body) => {
    const { code, last } = await runTests(body);
    expect(code).not.toBe(0);
    expect(last).toMatch(/^0 passed, [1-9] failed$/);
  });

  it('fails when there is nothing to run', async () => {
    expect(await runTests(PASSING, ['src/nothing.'])).toEqual({ code: 1, last: '0 passed, 1 failed' });
  });

  it.each([
    ['passes', 'string', 0, '1 passed, 0 failed'],
    ['fails', 'number', 1, '0 passed, 1 failed'],
  ])('%s on a type test that expects a %s', async (_verb, type, code, last) => {
    const test = `import { expectTypeOf, it } from 'vitest';\nit('is', () => { expectTypeOf('a').toEqualTypeOf<${type}>(); });\n`;
    const outcome = await inSandbox(CONFIG, { 'src/a.test-d.ts': test }, (box) =>
      run(box.directory, 'node_modules/.bin/vitest', [...ARGUMENTS, 'src/a.']),
    );
    expect(outcome.code, outcome.output).toBe(code);
    expect(outcome.stdout.trimEnd().split('\n').at(-1)).toBe(last);
  });

  it('may leave tests out only when asked to by name', async () => {
    const body = `${PASSING}\nit('fails', () => { expect(1).toBe(2); });`;
    expect(await runTests(body, ['src/a.', '-t', 'passes'])).toEqual({ code: 0, last: '1 passed, 0 failed' });
  });
});

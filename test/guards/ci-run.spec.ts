import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { inSandbox, run } from './sandbox.js';

/** Runs `.ci/run` with a stand-in for npm, and tells the last line and the exit code. */
function runWith(npm: {
  ci: string;
  test: string;
}): Promise<{ last: string | undefined; count: number; code: number }> {
  const script = `#!/bin/sh\ncase "$1" in ci) ${npm.ci} ;; test) ${npm.test} ;; esac\n`;
  return inSandbox(['.ci/run'], { 'bin/npm': script }, async (box) => {
    chmodSync(join(box.directory, 'bin/npm'), 0o755);
    const path = `${join(box.directory, 'bin')}:${process.env['PATH'] ?? ''}`;
    const { stdout, code } = await run('/', join(box.directory, '.ci/run'), [], { PATH: path });
    const lines = stdout.trimEnd().split('\n');
    return { last: lines.at(-1), count: lines.filter((line) => line.includes('passed,')).length, code };
  });
}

describe('.ci/run', () => {
  it('ends with the count, said once, although npm speaks after it', async () => {
    const npm = { ci: 'echo installed', test: 'echo "3 passed, 0 failed"; echo "npm notice" >&2' };
    expect(await runWith(npm)).toEqual({ last: '3 passed, 0 failed', count: 1, code: 0 });
  });

  it('fails when a test fails', async () => {
    const npm = { ci: 'true', test: 'echo "2 passed, 1 failed"; echo "npm error" >&2; exit 1' };
    expect(await runWith(npm)).toEqual({ last: '2 passed, 1 failed', count: 1, code: 1 });
  });

  it('fails when the installation fails, without running a test', async () => {
    const npm = { ci: 'exit 7', test: 'echo "3 passed, 0 failed"' };
    expect(await runWith(npm)).toEqual({ last: '0 passed, 1 failed', count: 1, code: 7 });
  });

  it('counts a failure of the run itself when every test passed', async () => {
    const npm = { ci: 'true', test: 'echo "3 passed, 0 failed"; exit 1' };
    expect(await runWith(npm)).toEqual({ last: '3 passed, 1 failed', count: 1, code: 1 });
  });

  it('does not wait for input', async () => {
    const npm = { ci: 'cat', test: 'cat; echo "1 passed, 0 failed"' };
    expect(await runWith(npm)).toEqual({ last: '1 passed, 0 failed', count: 1, code: 0 });
  });
});

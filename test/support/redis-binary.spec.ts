import { chmodSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { inSandbox, run } from '../guards/sandbox.js';
import { findRedisBinary, requireRedisBinary } from './redis-binary.js';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'redis-binary-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function program(name: string): string {
  const file = join(folder, name);
  writeFileSync(file, '#!/bin/sh\n');
  chmodSync(file, 0o755);
  return file;
}

describe('the search for a server program', () => {
  it('takes the one that is named', () => {
    program('redis-server');
    const named = program('other-server');
    expect(findRedisBinary({ TEST_REDIS_SERVER: named, PATH: folder })).toBe(named);
  });

  it('refuses a name that is no program', () => {
    const env = { TEST_REDIS_SERVER: '/no/such/server', PATH: folder };
    expect(() => findRedisBinary(env)).toThrow(
      'TEST_REDIS_SERVER must be the path of a program, but is "/no/such/server"',
    );
  });

  it('takes valkey-server where there is no redis-server', () => {
    const valkey = program('valkey-server');
    expect(findRedisBinary({ PATH: `/no/such/folder:${folder}` })).toBe(valkey);
    const redis = program('redis-server');
    expect(findRedisBinary({ PATH: folder })).toBe(redis);
  });

  it('says how to get one on Debian, macOS and with Docker', () => {
    expect(() => requireRedisBinary({ PATH: folder })).toThrow(/apt-get install[^]*brew install[^]*docker run/);
  });
});

describe('a test run without a server program', { timeout: 120_000 }, () => {
  it('ends with 1 and the commands when it cannot install one', async () => {
    // A path with node only, and an apt-get that fails.
    symlinkSync(process.execPath, join(folder, 'node'));
    writeFileSync(program('apt-get'), '#!/bin/sh\nexit 100\n');

    const page = ['test/browser/support', 'test/guards/sandbox.ts'];
    const config = ['package.json', 'tsconfig.json', 'test/vitest.config.ts', 'test/support', ...page];
    const { code, output } = await inSandbox(config, {}, (box) =>
      run(
        box.directory,
        process.execPath,
        ['node_modules/vitest/vitest.mjs', 'run', '--config', 'test/vitest.config.ts', '--root', '.'],
        {
          PATH: folder,
          TEST_REDIS_SERVER: '',
        },
      ),
    );

    expect(code).toBe(1);
    expect(output).toContain('sudo apt-get install --yes redis-server');
    expect(output.trimEnd()).toMatch(/0 passed, 1 failed$/);
  });
});

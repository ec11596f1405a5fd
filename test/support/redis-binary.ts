import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

const SERVER_NAMES = ['redis-server', 'valkey-server'];
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** The server program the tests use: `TEST_REDIS_SERVER`, else the first known name on the path. */
export function findRedisBinary(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const chosen = env['TEST_REDIS_SERVER'];
  if (chosen) {
    if (!isExecutable(chosen)) throw new Error(`TEST_REDIS_SERVER must be the path of a program, but is "${chosen}"`);
    return chosen;
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return SERVER_NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** The same, or an error that says how to get a server. */
export function requireRedisBinary(env: NodeJS.ProcessEnv = process.env): string {
  const binary = findRedisBinary(env);
  if (!binary) throw new Error(HOW_TO_INSTALL);
  return binary;
}

/** Installs the server where that is possible without asking: as root on Debian. */
export function installRedisOnDebian(): void {
  if (!isRootOnDebian()) return;
  process.stdout.write('No redis-server found: installing it with apt-get.\n');
  withoutServiceStart(() => {
    aptGet('update');
    aptGet('install', '--yes', '--no-install-recommends', 'redis-server');
  });
}

export const HOW_TO_INSTALL = `The tests need a Redis or Valkey server program, which they start themselves on a free port.
  Debian, Ubuntu:  sudo apt-get install --yes redis-server
  macOS:           brew install redis
  Docker:          docker run --rm -v "$PWD":/app -w /app node:20-bookworm sh -c "npm ci && npm test"
Or name one: TEST_REDIS_SERVER=/path/to/redis-server npm test
`;

/** Debian starts a service as soon as it is installed, on port 6379; a policy file that answers 101 forbids it. */
function withoutServiceStart(work: () => void): void {
  const isOurs = !existsSync(POLICY_FILE);
  if (isOurs) writeFileSync(POLICY_FILE, '#!/bin/sh\nexit 101\n', { mode: 0o755 });
  try {
    work();
  } finally {
    if (isOurs) rmSync(POLICY_FILE, { force: true });
  }
}

export function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

export function aptGet(...args: string[]): void {
  execFileSync('apt-get', ['--quiet', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

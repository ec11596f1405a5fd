import { existsSync, rmSync, writeFileSync } from 'node:fs';
import { aptGet, findProgram, isRootOnDebian } from './programs.js';

const SERVER = { variable: 'TEST_REDIS_SERVER', names: ['redis-server', 'valkey-server'] };
const POLICY_FILE = '/usr/sbin/policy-rc.d';

/** The server program the tests use: `TEST_REDIS_SERVER`, else the first known name on the path. */
export function findRedisBinary(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return findProgram(SERVER, env);
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

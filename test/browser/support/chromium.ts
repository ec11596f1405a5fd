import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { aptGet, isRootOnDebian } from '../../support/redis-binary.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

const HOW_TO_INSTALL = `The tests of the dashboard need Chromium or Chrome, which they start themselves.
  Debian:  sudo apt-get install --yes --no-install-recommends chromium
Or name one: TEST_CHROMIUM=/path/to/chromium npm test
`;

/** The browser the tests use: `TEST_CHROMIUM`, else the first known name on the path. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const chosen = env['TEST_CHROMIUM'];
  if (chosen) {
    if (!isExecutable(chosen)) throw new Error(`TEST_CHROMIUM must be the path of a program, but is "${chosen}"`);
    return chosen;
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return NAMES.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** The same, or an error that says how to get one. */
export function requireChromium(env: NodeJS.ProcessEnv = process.env): string {
  const found = findChromium(env);
  if (found === undefined) throw new Error(HOW_TO_INSTALL);
  return found;
}

/** Installs it where that is possible without asking: as root on Debian. */
export function installChromiumOnDebian(): void {
  if (!isRootOnDebian()) return;
  process.stdout.write('No chromium found: installing it with apt-get.\n');
  aptGet('update');
  aptGet('install', '--yes', '--no-install-recommends', 'chromium');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { aptGet, findProgram, isRootOnDebian } from '../../support/programs.js';

const BROWSER = {
  variable: 'TEST_CHROMIUM',
  names: ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'],
};

const HOW_TO_INSTALL = `The tests of the dashboard need Chromium or Chrome, which they start themselves.
  Debian:  sudo apt-get install --yes --no-install-recommends chromium
Or name one: TEST_CHROMIUM=/path/to/chromium npm test
`;

/** The browser the tests use: `TEST_CHROMIUM`, else the first known name on the path. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  return findProgram(BROWSER, env);
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

// cspell:words libc preferencesparts sourcelist sourceparts
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { TREE } from '../guards/sandbox.js';

/** A folder for what is fetched once and kept; it goes with node_modules. */
export const CACHE = join(TREE, 'node_modules/.cache');

const MIRROR = 'http://deb.debian.org/debian';
const KEYRING = '/usr/share/keyrings/debian-archive-keyring.gpg';

/** Unpacks packages of this system's release into `target`. Nothing is installed, so no service starts. */
export function unpackPackages(target: string, packages: readonly string[]): void {
  unpackInto(target, (folder) => {
    const get = (): void => quietly(folder, 'apt-get', ['download', ...packages]);
    try {
      get();
    } catch {
      // The lists of packages are missing or old.
      quietly(folder, 'apt-get', ['update']);
      get();
    }
  });
}

/** Unpacks packages of any release of Debian into `target`, with all that they need, libc included. The system's apt is not touched. */
export function unpackPackagesOf(release: string, target: string, packages: readonly string[]): void {
  unpackInto(target, (folder) => {
    const apt = separateApt(folder, release);
    apt('update');
    apt('install', '--yes', '--download-only', '--no-install-recommends', ...packages);
  });
}

/** An apt that knows one release, has nothing installed, and downloads into `folder`. */
function separateApt(folder: string, release: string): (...args: string[]) => void {
  const state = join(folder, 'apt');
  const sources = join(state, 'sources.list');
  mkdirSync(join(state, 'lists/partial'), { recursive: true });
  mkdirSync(join(folder, 'partial'));
  writeFileSync(sources, `deb [signed-by=${KEYRING}] ${MIRROR} ${release} main\n`);
  writeFileSync(join(state, 'status'), '');
  const options = {
    'Dir::Etc::sourcelist': sources,
    'Dir::Etc::sourceparts': '/dev/null',
    'Dir::Etc::preferences': '/dev/null',
    'Dir::Etc::preferencesparts': '/dev/null',
    'Dir::State::lists': join(state, 'lists'),
    'Dir::State::status': join(state, 'status'),
    'Dir::Cache': state,
    'Dir::Cache::archives': folder,
    'Debug::NoLocking': 'true',
  };
  const settings = Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]);
  return (...args) => quietly(folder, 'apt-get', [...settings, ...args]);
}

/** Into a folder of its own, which is then moved into place: two processes may do it at once. */
function unpackInto(target: string, download: (folder: string) => void): void {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'unpacking-'));
  try {
    download(folder);
    const files = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    for (const file of files) quietly(folder, 'dpkg-deb', ['--extract', file, 'root']);
    if (!existsSync(target)) renameSync(join(folder, 'root'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function quietly(cwd: string, command: string, args: string[]): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

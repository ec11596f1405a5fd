import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { TREE } from '../../guards/sandbox.js';

/** Debian's packages that have the programs. */
const PACKAGES = ['prometheus', 'prometheus-redis-exporter'];

export type Tool = 'prometheus' | 'promtool' | 'prometheus-redis-exporter';

const CACHE = join(TREE, 'node_modules/.cache');
const UNPACKED = join(CACHE, 'monitoring-tools');

const HOW_TO_INSTALL = `The tests of the monitoring need Prometheus, promtool and the Redis exporter.
  Debian, Ubuntu:  sudo apt-get install --yes prometheus prometheus-redis-exporter
  elsewhere:       put prometheus, promtool and prometheus-redis-exporter on the PATH`;

/** The path of a program: from the PATH, else from Debian's package, unpacked but not installed, so that no service starts. */
export function toolPath(tool: Tool): string {
  const found = find(tool);
  if (found !== undefined) return found;
  try {
    unpackDebianPackages();
  } catch (error) {
    throw new Error(`${HOW_TO_INSTALL}\n${String(error)}`, { cause: error });
  }
  const unpacked = find(tool);
  if (unpacked === undefined) throw new Error(HOW_TO_INSTALL);
  return unpacked;
}

function find(tool: Tool): string | undefined {
  const folders = [...(process.env['PATH'] ?? '').split(delimiter).filter(Boolean), join(UNPACKED, 'usr/bin')];
  return folders.map((folder) => join(folder, tool)).find((file) => existsSync(file));
}

/** Into a folder of its own, which is then moved into place: two test processes may do it at once. */
function unpackDebianPackages(): void {
  mkdirSync(CACHE, { recursive: true });
  const folder = mkdtempSync(join(CACHE, 'unpacking-'));
  try {
    download(folder);
    for (const file of readdirSync(folder)) quietly(folder, 'dpkg', ['-x', file, 'root']);
    if (!existsSync(UNPACKED)) renameSync(join(folder, 'root'), UNPACKED);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function download(folder: string): void {
  const get = (): void => quietly(folder, 'apt-get', ['download', ...PACKAGES]);
  try {
    get();
  } catch {
    // The lists of packages are missing or old.
    quietly(folder, 'apt-get', ['update']);
    get();
  }
}

function quietly(cwd: string, command: string, args: string[]): void {
  execFileSync(command, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
}

import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { CACHE, unpackPackages } from '../../support/debian-packages.js';

/** Debian's packages that have the programs. */
const PACKAGES = ['prometheus', 'prometheus-redis-exporter'];

export type Tool = 'prometheus' | 'promtool' | 'prometheus-redis-exporter';

const UNPACKED = join(CACHE, 'monitoring-tools');

const HOW_TO_INSTALL = `The tests of the monitoring need Prometheus, promtool and the Redis exporter.
  Debian, Ubuntu:  sudo apt-get install --yes prometheus prometheus-redis-exporter
  elsewhere:       put prometheus, promtool and prometheus-redis-exporter on the PATH`;

/** The path of a program: from the PATH, else from Debian's package, unpacked but not installed, so that no service starts. */
export function toolPath(tool: Tool): string {
  const found = find(tool);
  if (found !== undefined) return found;
  try {
    unpackPackages(UNPACKED, PACKAGES);
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

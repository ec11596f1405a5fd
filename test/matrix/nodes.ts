import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { CACHE } from '../support/debian-packages.js';

/** The path of the newest Node of a line, e.g. `22`; npm has the program as a package. It is fetched once. */
export function nodePath(line: string): string {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(CACHE, 'nodes', line);
  const program = join(folder, 'node_modules', name, 'bin/node');
  if (!existsSync(program)) {
    const install = ['install', '--no-audit', '--no-fund', '--no-save', '--prefix', folder, `${name}@${line}`];
    execFileSync('npm', install, { stdio: ['ignore', 'ignore', 'pipe'] });
  }
  return program;
}

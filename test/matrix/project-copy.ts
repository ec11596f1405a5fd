import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TREE } from '../guards/sandbox.js';
import { Janitor } from '../support/janitor.js';

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

/** The project as it is now, with some packages in other versions. All others stay as the lock file has them. */
export class ProjectCopy {
  // Not under node_modules: the test runner would take our sources for a package's and not compile them.
  readonly directory = mkdtempSync(join(tmpdir(), 'matrix-'));
  readonly #janitor = new Janitor(this.directory);

  /** Copies and installs. */
  constructor(packages: Readonly<Record<string, string>>) {
    for (const path of projectFiles()) cpSync(join(TREE, path), join(this.directory, path));
    const file = join(this.directory, 'package.json');
    const manifest = JSON.parse(readFileSync(file, 'utf8')) as Manifest;
    const devDependencies = { ...manifest.devDependencies, ...packages };
    writeFileSync(file, JSON.stringify({ ...manifest, devDependencies }));
    const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts'];
    execFileSync('npm', install, { cwd: this.directory, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  async remove(): Promise<void> {
    await this.#janitor.finish();
  }
}

/** What git has or would take, and is there. */
function projectFiles(): string[] {
  // As a link it is not what .gitignore names, and installing would change the project's own packages.
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--exclude=node_modules'];
  const names = execFileSync('git', list, { cwd: TREE, encoding: 'utf8' }).split('\0');
  return names.filter((name) => name !== '' && existsSync(join(TREE, name)));
}

import { execFileSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { TREE } from '../guards/sandbox.js';
import { Janitor } from '../support/janitor.js';

interface Manifest {
  readonly devDependencies: Readonly<Record<string, string>>;
}

interface Lock {
  readonly packages: Readonly<Record<string, unknown>>;
}

/** The project as it is now, with some packages in other versions. All others stay as the lock file has them. */
export class ProjectCopy {
  // Not under node_modules: the test runner would take our sources for a package's and not compile them.
  readonly directory = mkdtempSync(join(tmpdir(), 'matrix-'));
  readonly #janitor = new Janitor(this.directory);

  /** Copies and installs. */
  constructor(packages: Readonly<Record<string, string>>) {
    for (const path of projectFiles()) cpSync(join(TREE, path), join(this.directory, path));
    this.#rewrite<Manifest>('package.json', (manifest) => ({
      ...manifest,
      devDependencies: { ...manifest.devDependencies, ...packages },
    }));
    this.#rewrite<Lock>('package-lock.json', (lock) => ({ ...lock, packages: without(lock.packages, packages) }));
    const install = ['install', '--no-audit', '--no-fund', '--ignore-scripts', '--loglevel', 'error'];
    execFileSync('npm', install, { cwd: this.directory, stdio: ['ignore', 'ignore', 'pipe'] });
  }

  async remove(): Promise<void> {
    await this.#janitor.finish();
  }

  #rewrite<T>(name: string, change: (content: T) => T): void {
    const file = join(this.directory, name);
    writeFileSync(file, JSON.stringify(change(JSON.parse(readFileSync(file, 'utf8')) as T)));
  }
}

/** What is locked, but for what gets another version: npm calls packages that need each other a conflict while some are locked. */
function without(locked: Lock['packages'], packages: Readonly<Record<string, string>>): Lock['packages'] {
  const places = Object.keys(packages).map((name) => `node_modules/${name}/`);
  const isLeft = ([path]: [string, unknown]): boolean => !places.some((place) => `${path}/`.startsWith(place));
  return Object.fromEntries(Object.entries(locked).filter(isLeft));
}

/** What git has or would take, and is there. */
function projectFiles(): string[] {
  // As a link it is not what .gitignore names, and installing would change the project's own packages.
  const list = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--exclude=node_modules'];
  const names = execFileSync('git', list, { cwd: TREE, encoding: 'utf8' }).split('\0');
  return names.filter((name) => name !== '' && existsSync(join(TREE, name)));
}

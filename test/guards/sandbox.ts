import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Janitor } from '../support/janitor.js';

/** The top of the repository. */
export const TREE = fileURLToPath(new URL('../..', import.meta.url));

/** Every file of src with this ending, as a path from the top. */
export function sourceFiles(ending = '.ts'): string[] {
  const names = readdirSync(join(TREE, 'src'), { recursive: true, encoding: 'utf8' });
  return names.filter((name) => name.endsWith(ending)).map((name) => `src/${name}`);
}

export interface Outcome {
  code: number;
  stdout: string;
  /** Both streams, in order of arrival. */
  output: string;
}

export type Files = Record<string, string>;

/** Runs `npm run <script>` as a developer would, with further arguments for the tool behind it. */
export function runScript(directory: string, script: string, ...args: string[]): Promise<Outcome> {
  return run(directory, 'npm', ['run', '--silent', script, '--', ...args]);
}

export async function run(directory: string, command: string, args: string[], env: Files = {}): Promise<Outcome> {
  const child = spawn(command, args, {
    cwd: directory,
    env: { ...process.env, FORCE_COLOR: '0', NO_COLOR: '1', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const outcome: Outcome = { code: 0, stdout: '', output: '' };
  child.stdout.on('data', (chunk: Buffer) => {
    outcome.stdout += chunk.toString();
    outcome.output += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    outcome.output += chunk.toString();
  });
  const [code] = (await once(child, 'close')) as [number | null];
  return { ...outcome, code: code ?? 1 };
}

/**
 * A temporary directory with the given files of the tree, further files written into it, and our node_modules.
 * Violations are planted there: the tree itself stays as it is, whatever happens to the test.
 */
export class Sandbox {
  readonly directory = mkdtempSync(join(tmpdir(), 'sandbox-'));
  readonly #janitor = new Janitor(this.directory);

  constructor(fromTree: readonly string[], files: Files = {}) {
    symlinkSync(join(TREE, 'node_modules'), join(this.directory, 'node_modules'));
    this.copy(fromTree);
    this.write(files);
  }

  copy(fromTree: readonly string[]): void {
    for (const path of fromTree) cpSync(join(TREE, path), join(this.directory, path), { recursive: true });
  }

  write(files: Files): void {
    for (const [path, content] of Object.entries(files)) {
      const file = join(this.directory, path);
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, content);
    }
  }

  async remove(): Promise<void> {
    await this.#janitor.finish();
  }
}

/** Gives `work` a sandbox and removes it afterwards. */
export async function inSandbox<T>(
  fromTree: readonly string[],
  files: Files,
  work: (box: Sandbox) => Promise<T>,
): Promise<T> {
  const sandbox = new Sandbox(fromTree, files);
  try {
    return await work(sandbox);
  } finally {
    await sandbox.remove();
  }
}

import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** A program that tests start. */
export interface Program {
  /** The environment variable that may name one. */
  readonly variable: string;
  /** What it is called, the best first. */
  readonly names: readonly string[];
}

/** The path that the variable names, else the first known name on the path. @throws Error when the variable names no program */
export function findProgram({ variable, names }: Program, env: NodeJS.ProcessEnv): string | undefined {
  const chosen = env[variable];
  if (chosen) {
    if (!isExecutable(chosen)) throw new Error(`${variable} must be the path of a program, but is "${chosen}"`);
    return chosen;
  }
  const folders = (env['PATH'] ?? '').split(delimiter).filter(Boolean);
  return names.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

/** Whether programs can be installed without asking. */
export function isRootOnDebian(): boolean {
  return process.getuid?.() === 0 && existsSync('/etc/debian_version');
}

/** Runs `apt-get`, which asks nothing. */
export function aptGet(...args: string[]): void {
  execFileSync('apt-get', ['--quiet', ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' },
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';

/**
 * Reads process ids line by line. When its input ends, which the system sees to even if we are killed, it kills the last
 * id (an empty line means: none) and removes the directory.
 */
const SCRIPT = `
while read -r line; do pid=$line; done
if [ -n "$pid" ]; then kill -KILL "$pid" 2>/dev/null; fi
rm -rf -- "$1"
`;

/** A small shell process that outlives this one just long enough to clean up after it. */
export class Janitor {
  readonly #shell: ChildProcess;

  constructor(directory: string) {
    // Detached: Ctrl-C reaches the whole foreground group and must not end the cleaner before its work.
    this.#shell = spawn('/bin/sh', ['-c', SCRIPT, 'janitor', directory], {
      detached: true,
      stdio: ['pipe', 'ignore', 'ignore'],
    });
    this.#shell.stdin?.on('error', () => undefined);
  }

  /** The process to kill at the end, from now on. */
  watch(pid: number): void {
    this.#shell.stdin?.write(`${String(pid)}\n`);
  }

  /** There is nothing to kill any more: the id may soon belong to somebody else. */
  unwatch(): void {
    this.#shell.stdin?.write('\n');
  }

  /** Cleans up now. */
  async finish(): Promise<void> {
    if (this.#shell.exitCode !== null) return;
    const exited = once(this.#shell, 'exit');
    this.#shell.stdin?.end();
    await exited;
  }
}

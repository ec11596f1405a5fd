import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import type { RedisServer } from './redis-server.js';

/** What servers leave on a machine while they are there. */
export interface Traces {
  pids: number[];
  directories: string[];
}

export function tracesOf(servers: readonly RedisServer[]): Traces {
  return { pids: servers.map(({ pid }) => pid), directories: servers.map(({ directory }) => directory) };
}

/** Those that are still there. */
export function remaining({ pids, directories }: Traces): (number | string)[] {
  return [...pids.filter(isAlive), ...directories.filter((directory) => existsSync(directory))];
}

/**
 * Starts servers in a process of their own, kills that process, and tells what they were. `code` is a function body over
 * the module `file` of this folder that returns them.
 */
export async function crashWith(file: string, code: string): Promise<Traces> {
  const script = `
    import { runnerImport } from 'vite';
    const [{ module }, traces] = await Promise.all(
      ['${file}', 'traces.ts'].map((name) => runnerImport('./test/support/' + name)));
    const servers = await (async () => { ${code} })();
    console.log(JSON.stringify(traces.module.tracesOf(servers)));
    setInterval(() => undefined, 1_000);
  `;
  const holder = spawn(process.execPath, ['--input-type=module', '--eval', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = (await once(holder.stdout, 'data')) as [Buffer];
  holder.kill('SIGKILL');
  return JSON.parse(line.toString()) as Traces;
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

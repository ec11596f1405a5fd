import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../support/free-port.js';
import { Janitor } from '../../support/janitor.js';
import { type Tool, toolPath } from './tools.js';

const START_LIMIT_MS = 20_000;

/** A server program of the monitoring, on a free port of 127.0.0.1, in a directory that goes with it. */
export class Program {
  private constructor(
    private readonly child: ChildProcess,
    readonly url: string,
    private readonly janitor: Janitor,
  ) {}

  /** Starts it with the arguments that `args` makes of its port and directory; resolves when it answers on `ready`. */
  static async start(
    tool: Tool,
    {
      args,
      env = {},
      ready,
    }: { args: (port: number, directory: string) => string[]; env?: Record<string, string>; ready: string },
  ): Promise<Program> {
    const directory = mkdtempSync(join(tmpdir(), `${tool}-`));
    const janitor = new Janitor(directory);
    const port = await freePort();
    const child = spawn(toolPath(tool), args(port, directory), {
      cwd: directory,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    if (child.pid !== undefined) janitor.watch(child.pid);
    const program = new Program(child, `http://127.0.0.1:${port}`, janitor);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    const giveUp = Date.now() + START_LIMIT_MS;
    while (!(await program.answers(ready))) {
      if (child.exitCode === null && Date.now() < giveUp) continue;
      await program.stop();
      throw new Error(`${tool} did not start:\n${output}`);
    }
    return program;
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill('SIGKILL');
      await exited;
    }
    this.janitor.unwatch();
    await this.janitor.finish();
  }

  private async answers(path: string): Promise<boolean> {
    const response = await fetch(this.url + path).catch(() => undefined);
    if (response?.ok === true) return true;
    await new Promise((resolve) => setTimeout(resolve, 50));
    return false;
  }
}

/** The exporter, as its own user of a Redis with the shipped rights. */
export function startExporter(redis: {
  server: { port: number };
  passwordOf(user: 'exporter'): string;
}): Promise<Program> {
  return Program.start('prometheus-redis-exporter', {
    args: (port) => ['-web.listen-address', `127.0.0.1:${port}`],
    env: {
      REDIS_ADDR: `redis://127.0.0.1:${redis.server.port}`,
      REDIS_USER: 'exporter',
      REDIS_PASSWORD: redis.passwordOf('exporter'),
    },
    ready: '/metrics',
  });
}

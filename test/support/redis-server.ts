import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort } from './free-port.js';
import { Janitor } from './janitor.js';
import { requireRedisBinary } from './redis-binary.js';

export interface RedisServerOptions {
  /** Sets `requirepass`. */
  password?: string;
  /** A configuration file; only the address, the port and the directory of it are overridden. */
  config?: string;
  /** Further arguments, e.g. `['--maxmemory', '10mb']`. The log level has to stay: the log says when it is ready. */
  args?: string[];
}

const START_ATTEMPTS = 5;
const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 5_000;

/** A real server of our own, on a free port of 127.0.0.1, in a directory that goes with it. */
export class RedisServer {
  #child: ChildProcess | undefined;
  #output = '';

  private constructor(
    readonly port: number,
    readonly directory: string,
    private readonly options: RedisServerOptions,
    private readonly janitor: Janitor,
  ) {}

  /** Starts a server and resolves when it accepts connections. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    for (let attempt = 1; ; attempt += 1) {
      const directory = mkdtempSync(join(tmpdir(), 'redis-server-'));
      const server = new RedisServer(await freePort(), directory, options, new Janitor(directory));
      try {
        await server.#launch();
        return server;
      } catch (error) {
        await server.stop();
        // Somebody took the port between our look and the start.
        if (attempt === START_ATTEMPTS || !server.output.includes('Address already in use')) throw error;
      }
    }
  }

  get url(): string {
    const { password } = this.options;
    const auth = password === undefined ? '' : `:${encodeURIComponent(password)}@`;
    return `redis://${auth}127.0.0.1:${String(this.port)}/0`;
  }

  get pid(): number {
    if (this.#child?.pid === undefined) throw new Error('The Redis server of this test is not running');
    return this.#child.pid;
  }

  /** All it printed, its log included. */
  get output(): string {
    return this.#output;
  }

  /** Ends it for good, in order, and removes its directory. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
    await this.janitor.finish();
  }

  /** Ends it as a crash would; `restart` brings it back. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** From now on it accepts connections but answers nothing. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
  }

  /** A new process on the same port and directory; what was only in memory is lost. */
  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    await this.#launch();
  }

  async #launch(): Promise<void> {
    const child = spawn(requireRedisBinary(), this.#args(), { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    if (child.pid !== undefined) {
      this.#child = child;
      this.janitor.watch(child.pid);
    }
    child.once('exit', () => {
      if (this.#child !== child) return;
      this.#child = undefined;
      this.janitor.unwatch();
    });
    await this.#ready(child);
  }

  #args(): string[] {
    const { config, password, args = [] } = this.options;
    return [
      ...(config === undefined ? ['--save', '', '--appendonly', 'no'] : [config]),
      ...(password === undefined ? [] : ['--requirepass', password]),
      ...args,
      ...['--bind', '127.0.0.1', '--port', String(this.port), '--dir', this.directory],
      ...['--daemonize', 'no', '--logfile', ''],
    ];
  }

  /** Its own log line says when it is ready: an answer on the port could come from somebody else's server. */
  async #ready(child: ChildProcess): Promise<void> {
    this.#output = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        if (this.#output.includes('Ready to accept connections')) resolve();
      };
      child.stdout?.on('data', read);
      child.stderr?.on('data', read);
      child.once('error', reject);
      child.once('close', (code, signal) => {
        reject(
          new Error(`The Redis server ended with ${String(code ?? signal)} before it was ready:\n${this.#output}`),
        );
      });
    }).finally(() => {
      clearTimeout(timer);
    });
  }

  async #end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    const child = this.#child;
    if (!child) return;
    const exited = once(child, 'exit');
    child.kill(signal);
    // A frozen process handles SIGTERM only after it goes on; a crash must not let it answer once more.
    if (signal === 'SIGTERM') child.kill('SIGCONT');
    const timer = setTimeout(() => child.kill('SIGKILL'), STOP_LIMIT_MS);
    await exited.finally(() => {
      clearTimeout(timer);
    });
  }
}

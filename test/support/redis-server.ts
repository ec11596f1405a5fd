import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { RedisOptions } from 'ioredis';
import { TcpProxy } from '../../src/testing/tcp-proxy.js';
import { passwordOf } from './acl.js';
import { freePort } from './free-port.js';
import { Janitor } from './janitor.js';
import { requireRedisBinary } from './redis-binary.js';
import { tlsArgs, type TlsOptions } from './tls.js';

export interface RedisServerOptions {
  /** The server program; otherwise the one that all tests use. */
  binary?: string;
  /** Sets `requirepass`, and `masterauth` for replicas: the servers of one topology share their password. */
  password?: string;
  /** Its users: the text of an ACL file, as acl.ts makes it. Clients are then the user `app`. */
  users?: string;
  /** TLS on its port, and nothing else there. */
  tls?: TlsOptions;
  /** Listens on `socketPath` too. */
  unixSocket?: boolean;
  /** Whether clients reach it through a proxy of its own, which a test can have fail. */
  proxied?: boolean;
  /** The setting by which a proxied server tells others where clients reach it, e.g. `--replica-announce-port`. */
  announce?: string;
  /** Files in its directory, by name. */
  files?: Readonly<Record<string, string>>;
  /** A configuration file; only the address, the port and the directory of it are overridden. */
  config?: string;
  /** Further arguments, e.g. `['--maxmemory', '10mb']`. The log level has to stay: the log says when it is ready. */
  args?: string[];
}

interface Place {
  readonly port: number;
  readonly proxy: TcpProxy | undefined;
}

const USERS_FILE = 'users.acl';
/** What a server prints when it is ready, and what a Sentinel prints. */
const READY = /Ready to accept connections|Sentinel ID is/;
const START_ATTEMPTS = 5;
const START_LIMIT_MS = 15_000;
const STOP_LIMIT_MS = 5_000;

/** A real server of our own, on a free port of 127.0.0.1, in a directory that goes with it. */
export class RedisServer {
  #child: ChildProcess | undefined;
  #output = '';
  #frozen = false;

  private constructor(
    private readonly at: Place,
    readonly directory: string,
    private readonly options: RedisServerOptions,
    private readonly janitor: Janitor,
  ) {}

  /** Starts a server and resolves when it accepts connections. */
  static async start(options: RedisServerOptions = {}): Promise<RedisServer> {
    for (let attempt = 1; ; attempt += 1) {
      const directory = mkdtempSync(join(tmpdir(), 'redis-server-'));
      const port = await freePort();
      const proxy = options.proxied ? await TcpProxy.to(port) : undefined;
      const server = new RedisServer({ port, proxy }, directory, options, new Janitor(directory));
      try {
        server.#writeFiles();
        await server.#launch();
        return server;
      } catch (error) {
        await server.stop();
        // Somebody took the port between our look and the start.
        if (attempt === START_ATTEMPTS || !server.output.includes('Address already in use')) throw error;
      }
    }
  }

  /** The port at which it listens. */
  get port(): number {
    return this.at.port;
  }

  /** With the option `proxied`, what stands before it. */
  get proxy(): TcpProxy | undefined {
    return this.at.proxy;
  }

  /** The port at which clients reach it. */
  get clientPort(): number {
    return this.proxy?.port ?? this.port;
  }

  /** Where clients reach it, without user, password and database. */
  get address(): string {
    return `${this.#scheme}127.0.0.1:${this.clientPort}`;
  }

  /** For the application: its user `app` if it has users. */
  get url(): string {
    const { password, users } = this.options;
    const [name, secret] = users === undefined ? ['', password] : ['app', passwordOf('app')];
    const login = secret === undefined ? '' : `${name}:${encodeURIComponent(secret)}@`;
    return `${this.#scheme}${login}127.0.0.1:${this.clientPort}/0`;
  }

  /** For what a test does to the server: a client that may do everything, past the proxy. */
  get admin(): Pick<RedisOptions, 'port' | 'username' | 'password' | 'tls'> {
    const { password, users, tls } = this.options;
    return {
      port: this.port,
      ...(password !== undefined && { password }),
      ...(users !== undefined && { username: 'operator', password: passwordOf('operator') }),
      ...(tls && { tls: { ...tls.certificates.read('client'), rejectUnauthorized: false } }),
    };
  }

  /** With the option `unixSocket`, the file it listens on. */
  get socketPath(): string {
    return join(this.directory, 'redis.sock');
  }

  /** Whether it answers: there is a process, and it is not frozen. */
  get isUp(): boolean {
    return this.#child !== undefined && !this.#frozen;
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
    await this.proxy?.close();
    await this.janitor.finish();
  }

  /** Ends it as a crash would; `restart` brings it back. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** From now on it accepts connections but answers nothing. */
  freeze(): void {
    process.kill(this.pid, 'SIGSTOP');
    this.#frozen = true;
  }

  resume(): void {
    process.kill(this.pid, 'SIGCONT');
    this.#frozen = false;
  }

  /** A new process on the same port and directory; what was only in memory is lost. */
  async restart(): Promise<void> {
    await this.#end('SIGTERM');
    await this.#launch();
  }

  get #scheme(): string {
    return this.options.tls ? 'rediss://' : 'redis://';
  }

  async #launch(): Promise<void> {
    const { binary = requireRedisBinary() } = this.options;
    const child = spawn(binary, this.#args(), { cwd: this.directory, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#frozen = false;
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

  #writeFiles(): void {
    const { users, files = {} } = this.options;
    const all = users === undefined ? files : { ...files, [USERS_FILE]: users };
    for (const [name, text] of Object.entries(all)) writeFileSync(join(this.directory, name), text, { mode: 0o600 });
  }

  #args(): string[] {
    const { config, args = [], tls, unixSocket = false, announce } = this.options;
    return [
      ...(config === undefined ? ['--save', '', '--appendonly', 'no'] : [config]),
      ...this.#accessArgs(),
      ...args,
      ...(this.proxy && announce !== undefined ? [announce, String(this.clientPort)] : []),
      ...['--bind', '127.0.0.1', ...(tls ? tlsArgs(this.port, tls) : ['--port', String(this.port)])],
      ...(unixSocket ? ['--unixsocket', this.socketPath] : []),
      ...['--dir', this.directory, '--daemonize', 'no', '--logfile', ''],
    ];
  }

  #accessArgs(): string[] {
    const { password, users } = this.options;
    return [
      ...(password === undefined ? [] : ['--requirepass', password, '--masterauth', password]),
      ...(users === undefined
        ? []
        : ['--aclfile', USERS_FILE, '--masteruser', 'replica', '--masterauth', passwordOf('replica')]),
    ];
  }

  /** Its own log line says when it is ready: an answer on the port could come from somebody else's server. */
  async #ready(child: ChildProcess): Promise<void> {
    this.#output = '';
    const timer = setTimeout(() => child.kill('SIGKILL'), START_LIMIT_MS);
    await new Promise<void>((resolve, reject) => {
      const read = (chunk: Buffer): void => {
        this.#output += chunk.toString();
        if (READY.test(this.#output)) resolve();
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

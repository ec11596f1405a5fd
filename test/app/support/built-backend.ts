import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { run, Sandbox } from '../../guards/sandbox.js';

const START_LIMIT_MS = 30_000;
const STOP_LIMIT_MS = 10_000;

/** Variables of one process. */
export type Variables = Readonly<Record<string, string>>;

/** How a process ended: its code, and all it printed. */
export interface Ended {
  readonly code: number | null;
  readonly output: string;
}

/** What `npm run build` makes, in a directory of its own: the tree's `dist` stays as it is. */
export class Build {
  readonly #instances: Instance[] = [];

  private constructor(private readonly sandbox: Sandbox) {}

  static async make(): Promise<Build> {
    const sandbox = new Sandbox(['src', 'nest-cli.json', 'package.json', 'tsconfig.json', 'tsconfig.build.json']);
    const { code, output } = await run(sandbox.directory, 'npm', ['run', '--silent', 'build']);
    if (code !== 0) throw new Error(`The build failed:\n${output}`);
    return new Build(sandbox);
  }

  /** Runs a script of the build to its end. */
  async run(script: string, args: readonly string[], variables: Variables): Promise<Ended> {
    const instance = new Instance(this.sandbox.directory, [script, ...args], variables);
    return instance.ended();
  }

  /** Starts the backend and resolves when it says where it listens. */
  async start(variables: Variables): Promise<Instance> {
    const instance = new Instance(this.sandbox.directory, ['dist/main.js'], { PORT: '0', ...variables });
    this.#instances.push(instance);
    await instance.listening();
    return instance;
  }

  /** Ends what a failed test left running, and removes the directory. */
  async remove(): Promise<void> {
    await Promise.all(this.#instances.map((instance) => instance.stop()));
    await this.sandbox.remove();
  }
}

/** A backend in a process of its own. */
export class Instance {
  readonly #child: ChildProcess;
  #output = '';
  #url = '';

  constructor(directory: string, args: readonly string[], variables: Variables) {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, NO_COLOR: '1', NODE_ENV: 'test', ...variables };
    this.#child = spawn(process.execPath, [...args], { cwd: directory, env, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    }
  }

  get output(): string {
    return this.#output;
  }

  async get(path: string): Promise<Response> {
    return fetch(`${this.#url}/${path}`);
  }

  async post(path: string, body: object): Promise<Response> {
    return fetch(`${this.#url}/${path}`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(body),
    });
  }

  async listening(): Promise<void> {
    const giveUp = Date.now() + START_LIMIT_MS;
    while (!/Agent analytics on (http:\S+)/.test(this.#output)) {
      if (this.#child.exitCode !== null || Date.now() > giveUp) throw new Error(`It did not start:\n${this.#output}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    this.#url = /Agent analytics on (http:\S+)/.exec(this.#output)?.[1] ?? '';
  }

  /** Asks it to end, as an orchestrator would; a process that does not is killed, and its code is then null. */
  async stop(): Promise<Ended> {
    const timer = setTimeout(() => this.#child.kill('SIGKILL'), STOP_LIMIT_MS);
    this.#child.kill('SIGTERM');
    const ended = await this.ended();
    clearTimeout(timer);
    return ended;
  }

  async ended(): Promise<Ended> {
    if (this.#child.exitCode === null && this.#child.signalCode === null) await once(this.#child, 'close');
    return { code: this.#child.exitCode, output: this.#output };
  }
}

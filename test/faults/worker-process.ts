import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { Asks, Assignment, Floor } from './messages.js';

const FILE = fileURLToPath(new URL('./worker.ts', import.meta.url));
const ANSWER_LIMIT_MS = 60_000;
/** The cache drains work for two seconds; after that there is nothing to wait for. */
const EXIT_LIMIT_MS = 6_000;

interface Message {
  readonly id?: number;
  readonly answer?: never;
  readonly started?: true;
  readonly raised?: readonly Floor[];
}

/** A worker as the suite sees it. */
export class WorkerProcess {
  readonly #child: ChildProcess;
  readonly #exited: Promise<number | string>;
  readonly #started: Promise<unknown>;
  readonly #waiting = new Map<number, (answer: never) => void>();
  #asked = 0;
  #output = '';

  /** @param onRaised told of the invalidations that were acknowledged to the worker */
  constructor(
    assignment: Assignment,
    private readonly onRaised: (floors: readonly Floor[]) => void,
  ) {
    this.#child = fork(FILE, [JSON.stringify(assignment)], {
      execArgv: ['--expose-gc', '--import', 'tsx'],
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    for (const stream of [this.#child.stdout, this.#child.stderr])
      stream?.on('data', (chunk: Buffer) => (this.#output += chunk.toString()));
    this.#exited = once(this.#child, 'exit').then(([code, signal]) => (code ?? signal) as number | string);
    this.#started = new Promise((resolve) => {
      this.#child.on('message', (message: Message) => {
        if (message.started) resolve(message);
        this.#receive(message);
      });
    });
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** All it printed. */
  get output(): string {
    return this.#output;
  }

  get isRunning(): boolean {
    return this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** Resolves when the cache has been started, which is not to say that it has reached Redis. */
  async started(): Promise<void> {
    await Promise.race([this.#started, this.#failure()]);
  }

  async ask<A extends keyof Asks>(name: A, ask: Asks[A]['ask']): Promise<Asks[A]['answer']> {
    const id = (this.#asked += 1);
    const answer = new Promise<Asks[A]['answer']>((resolve) => this.#waiting.set(id, resolve));
    this.#send({ id, name, ask });
    return Promise.race([answer, this.#failure(), this.#silence(name)]);
  }

  tell(raised: readonly Floor[]): void {
    this.#send({ raised });
  }

  /** Asks it to stop; answers with its exit code or signal, or says that it did not end by itself. */
  async stop(): Promise<number | string> {
    await this.ask('stop', {});
    const late = new Promise<string>((resolve) =>
      setTimeout(resolve, EXIT_LIMIT_MS, 'still there after it was stopped').unref(),
    );
    return Promise.race([this.#exited, late]);
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    if (this.isRunning) process.kill(this.pid, 'SIGKILL');
    await this.#exited;
  }

  /** A worker that has just been killed is noticed by its exit, not by what cannot be sent to it. */
  #send(message: object): void {
    if (this.#child.connected) this.#child.send(message, () => undefined);
  }

  #receive({ id, answer, raised }: Message): void {
    if (raised) this.onRaised(raised);
    if (id === undefined) return;
    this.#waiting.get(id)?.(answer as never);
    this.#waiting.delete(id);
  }

  async #failure(): Promise<never> {
    throw new Error(`the worker ended with ${String(await this.#exited)}:\n${this.#output}`);
  }

  #silence(name: string): Promise<never> {
    return new Promise((_, reject) => {
      setTimeout(() => reject(new Error(`the worker did not answer to ${name}`)), ANSWER_LIMIT_MS).unref();
    });
  }
}

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import MANIFEST from '../../package.json' with { type: 'json' };
import { type Files, run, TREE } from '../guards/sandbox.js';

/** A version of Nest, with the packages that go with it. */
export interface NestVersion {
  readonly name: string;
  readonly packages: Readonly<Record<string, string>>;
}

const OTHERS = {
  '@willsoto/nestjs-prometheus': '^6.1.1',
  'class-transformer': '^0.5.1',
  'class-validator': '^0.15.1',
  ioredis: '^6.0.0',
  'prom-client': '^15.1.3',
};

/** The versions of Nest that the package is for. */
export const NESTS: readonly NestVersion[] = [
  { name: 'Nest 11', packages: { ...nest('^11.0.0'), '@nestjs/event-emitter': '^3.0.0', ...OTHERS } },
  { name: 'Nest 12', packages: { ...nest('^12.0.0'), '@nestjs/event-emitter': '^12.0.0', ...OTHERS } },
];

/** The compilers that the declarations are for, by the name they are installed under. */
const COMPILERS = { ts59: '~5.9.0', ts6: '~6.0.3', ts7: '7.0.2' };

/** One of {@link COMPILERS}. */
export type Compiler = keyof typeof COMPILERS;

/** All of them. */
export const EVERY_COMPILER = Object.keys(COMPILERS) as Compiler[];

/** An application in a folder of its own, with nothing of ours but the tarball. */
export class Project {
  readonly directory = mkdtempSync(join(tmpdir(), 'package-'));

  /** Packs the package that is built in `from` and returns the file. */
  static async pack(into: string, from = TREE): Promise<string> {
    const { code, stdout, output } = await run(from, 'npm', ['pack', '--silent', '--pack-destination', into]);
    if (code !== 0) throw new Error(output);
    return join(into, stdout.trim());
  }

  write(files: Files): void {
    for (const [path, text] of Object.entries(files)) {
      mkdirSync(dirname(join(this.directory, path)), { recursive: true });
      writeFileSync(join(this.directory, path), text);
    }
  }

  /** Installs a version of Nest and compilers, as an application has them before ours comes. */
  async begin(
    { packages }: NestVersion,
    compilers: readonly Compiler[] = EVERY_COMPILER,
    tools: Readonly<Record<string, string>> = {},
  ): Promise<void> {
    const aliases = compilers.map((name) => [name, `npm:typescript@${COMPILERS[name]}`] as const);
    const types = { '@types/node': MANIFEST.devDependencies['@types/node'] };
    const manifest: object = {
      ...{ name: 'app', private: true, type: 'module', dependencies: packages },
      devDependencies: { ...Object.fromEntries(aliases), ...types, ...tools },
    };
    this.write({ 'package.json': JSON.stringify(manifest) });
    await this.#must('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error']);
  }

  /** Installs ours. */
  async add(tarball: string): Promise<void> {
    cpSync(tarball, join(this.directory, 'cache.tgz'));
    await this.#must('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error', './cache.tgz']);
  }

  /** Compiles what is in `src`. */
  compile(compiler: string): Promise<string> {
    return this.#must(process.execPath, [`node_modules/${compiler}/bin/tsc`, '--pretty', 'false']);
  }

  /** Runs a compiled file until it ends by itself, and returns what it printed. */
  start(file: string): Promise<string> {
    return this.node([`out/${file}`]);
  }

  /** Runs Node with these arguments until it ends by itself, and returns what it printed. */
  node(args: string[], env: Files = {}): Promise<string> {
    return this.#must(process.execPath, args, env);
  }

  remove(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }

  async #must(command: string, args: string[], env: Files = {}): Promise<string> {
    const { code, output } = await run(this.directory, command, args, env);
    if (code === 0) return output.trim();
    throw new Error(`${[command, ...args].join(' ')} ended with ${code}:\n${output}`);
  }
}

function nest(range: string): Record<string, string> {
  const names = ['@nestjs/common', '@nestjs/core', '@nestjs/platform-express'];
  return { ...Object.fromEntries(names.map((name) => [name, range])), 'reflect-metadata': '^0.2.2', rxjs: '^7.8.2' };
}

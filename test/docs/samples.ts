import { execFile } from 'node:child_process';
import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import MANIFEST from '../../package.json' with { type: 'json' };
import { run, Sandbox } from '../guards/sandbox.js';
import { type Document, type Fence, fencesOf } from './documents.js';

/** A program in a document: a `ts` block, with the `ts continues` blocks after it. */
export interface Sample {
  /** Where it is, such as `docs/keys.md:8`. */
  readonly place: string;
  /** Its file in the sandbox. Its lines have the numbers that they have in the document. */
  readonly file: string;
  readonly code: string;
  /** Whether it is marked `run`. */
  readonly runs: boolean;
  /** What it says it prints: the text after each `// →`. */
  readonly prints: readonly string[];
}

const LANGUAGES = ['ts', 'typescript', 'js', 'javascript', 'tsx'];
const WORDS = ['run', 'continues'];
const PRINTS = /\/\/ → (.*)$/;

/** The programs of a document. @throws Error for a block that is marked in a way nobody checks */
export function samplesOf(document: Document): Sample[] {
  const programs: Program[] = [];
  for (const fence of fencesOf(document)) {
    const mark = markOf(fence, `${document.path}:${fence.line}`);
    if (!mark) continue;
    const program = mark.continues ? programs.at(-1) : { place: mark.place, runs: false, lines: [] };
    if (!program) throw new Error(`${mark.place}: there is nothing to continue`);
    if (!mark.continues) programs.push(program);
    program.runs ||= mark.runs;
    // Blank lines in place of the prose: an error has the line of the document.
    while (program.lines.length < fence.line - 1) program.lines.push('');
    program.lines.push(...fence.lines);
  }
  return programs.map(toSample);
}

interface Program {
  readonly place: string;
  runs: boolean;
  readonly lines: string[];
}

interface Mark {
  readonly place: string;
  readonly runs: boolean;
  readonly continues: boolean;
}

function markOf({ info }: Fence, place: string): Mark | undefined {
  const [language = '', ...words] = info.split(/\s+/);
  if (!LANGUAGES.includes(language)) return undefined;
  if (language !== 'ts' || words.some((word) => !WORDS.includes(word)))
    throw new Error(`${place}: \`\`\`${info} is not checked; use ts, ts run or ts continues`);
  return { place, runs: words.includes('run'), continues: words.includes('continues') };
}

function toSample({ place, runs, lines }: Program): Sample {
  const [path = '', line = ''] = place.split('.md:');
  return {
    place,
    file: `${path.replaceAll('/', '_')}.${line.padStart(4, '0')}.ts`,
    code: lines.join('\n'),
    runs,
    prints: lines.flatMap((text) => PRINTS.exec(text)?.[1] ?? []),
  };
}

/** What came of running a sample. */
export interface Execution {
  readonly code: number;
  readonly printed: readonly string[];
  readonly errors: string;
}

const PATIENCE_MS = 30_000;

/** The samples of `documents`, type-checked and compiled together with the library. */
export class CompiledSamples {
  private constructor(
    readonly samples: readonly Sample[],
    /** What the compiler says of them, at their place in the documents. */
    readonly problems: readonly string[],
    private readonly sandbox: Sandbox,
  ) {}

  /** One run of the compiler over all of them, with the options of the repository. */
  static async of(documents: readonly Document[]): Promise<CompiledSamples> {
    const samples = documents.flatMap(samplesOf);
    const sandbox = new Sandbox(['src', 'tsconfig.json'], {
      // The package's own name leads to the compiled library when a sample runs, and to its source when it is compiled.
      'package.json': JSON.stringify({
        name: MANIFEST.name,
        type: 'module',
        exports: { '.': './out/src/index.js', './testing': './out/src/testing/entry.js' },
      }),
      'tsconfig.samples.json': JSON.stringify({
        extends: './tsconfig.json',
        compilerOptions: {
          rootDir: '.',
          outDir: 'out',
          declaration: false,
          sourceMap: false,
          noEmitOnError: false,
          paths: { [MANIFEST.name]: ['./src/index.ts'], [`${MANIFEST.name}/testing`]: ['./src/testing/entry.ts'] },
        },
        include: ['samples'],
      }),
      ...Object.fromEntries(samples.map(({ file, code }) => [`samples/${file}`, code])),
    });
    const { output } = await run(sandbox.directory, process.execPath, [
      'node_modules/typescript/bin/tsc',
      ...['--project', 'tsconfig.samples.json', '--pretty', 'false'],
    ]);
    cpSync(join(sandbox.directory, 'src'), join(sandbox.directory, 'out/src'), {
      recursive: true,
      filter: (path) => !/\.[a-z]+$/.test(path) || path.endsWith('.lua'),
    });
    return new CompiledSamples(samples, problemsIn(output, samples), sandbox);
  }

  /** Runs one sample in a process of its own, until it ends by itself. */
  async execute({ file }: Sample, environment: Readonly<Record<string, string>>): Promise<Execution> {
    const script = join(this.sandbox.directory, 'out/samples', file.replace(/\.ts$/, '.js'));
    const options = { env: { ...process.env, NO_COLOR: '1', ...environment }, timeout: PATIENCE_MS };
    const ended = (code: number, stdout: string, errors: string): Execution => ({
      code,
      printed: stdout.split('\n').filter((line) => line !== ''),
      errors,
    });
    try {
      const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], options);
      return ended(0, stdout, stderr);
    } catch (error) {
      const { code, stdout, stderr } = error as { code?: number | null; stdout?: string; stderr?: string };
      return ended(typeof code === 'number' ? code : 1, stdout ?? '', stderr ?? String(error));
    }
  }

  async remove(): Promise<void> {
    await this.sandbox.remove();
  }
}

const PROBLEM = /^samples\/(.+?\.ts)\((\d+),\d+\): (.*)$/;

/** Only of samples: the source has a guard of its own. A message that names no file is about the run itself. */
function problemsIn(output: string, samples: readonly Sample[]): string[] {
  return output.split('\n').flatMap((line) => {
    if (/^error TS/.test(line)) return [line];
    const [, file, at, message] = PROBLEM.exec(line) ?? [];
    const sample = samples.find((candidate) => candidate.file === file);
    return sample ? [`${sample.place.replace(/:\d+$/, '')}:${at ?? ''}: ${message ?? ''}`] : [];
  });
}

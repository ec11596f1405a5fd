import { readFileSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import MANIFEST from '../../package.json' with { type: 'json' };
import { run } from './sandbox.js';

/*
 * What the package weighs, held against its limits: what is downloaded, what is on the disk, what Node reads and compiles
 * when an application imports it. A limit is raised in the commit that needs it, so that somebody has looked.
 */
const LIMITS = {
  'bytes packed': 600_000,
  'bytes unpacked': 2_000_000,
  files: 760,
  'bytes imported by .': 760_000,
  'bytes imported by ./testing': 515_000,
};

type Figures = Record<keyof typeof LIMITS, number>;

interface Packed {
  readonly size: number;
  readonly unpackedSize: number;
  readonly entryCount: number;
}

const directory = process.cwd();

async function packed(): Promise<Packed> {
  const { code, stdout, output } = await run(directory, 'npm', ['pack', '--dry-run', '--json', '--ignore-scripts']);
  if (code !== 0) throw new Error(output);
  const [found] = JSON.parse(stdout) as [Packed];
  return found;
}

/** The bytes of `file` and of all that it imports of ours, each file once. */
function imported(file: string, seen = new Set<string>()): number {
  if (seen.has(file)) return 0;
  seen.add(file);
  const own = ts
    .preProcessFile(readFileSync(file, 'utf8'), true, true)
    .importedFiles.filter(({ fileName }) => fileName.startsWith('.'));
  return own.reduce((sum, { fileName }) => sum + imported(join(dirname(file), fileName), seen), statSync(file).size);
}

async function weigh(): Promise<Figures> {
  const { size, unpackedSize, entryCount } = await packed();
  const entry = MANIFEST.exports;
  return {
    'bytes packed': size,
    'bytes unpacked': unpackedSize,
    files: entryCount,
    'bytes imported by .': imported(join(directory, entry['.'].default)),
    'bytes imported by ./testing': imported(join(directory, entry['./testing'].default)),
  };
}

for (const [what, figure] of Object.entries(await weigh())) {
  const limit = LIMITS[what as keyof Figures];
  process.stdout.write(`${what}: ${figure} of ${limit}\n`);
  if (figure <= limit) continue;
  process.stderr.write(`The package has ${figure} ${what}, more than ${limit}: see what came, or raise the limit.\n`);
  process.exitCode = 1;
}

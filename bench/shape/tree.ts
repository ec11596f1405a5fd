import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { spreadOf } from '../support.js';
import { largestCycle } from './cycles.js';
import { type FileShape, shapeOf } from './source-file.js';

/** Median, the value that nine in ten do not exceed, and the largest. */
export interface Sizes {
  readonly median: number;
  readonly p90: number;
  readonly max: number;
}

/** What a tree of sources shows of its shape. */
export interface TreeShape {
  readonly files: number;
  readonly lines: number;
  readonly fileLines: Sizes;
  readonly functionLines: Sizes;
  readonly parameters: Pick<Sizes, 'p90' | 'max'>;
  /** Share of all lines. */
  readonly comments: number;
  readonly exported: number;
  readonly documented: number;
  /** Per thousand lines. */
  readonly anyTypes: number;
  /** Files in the largest cycle of imports that are there at run time. */
  readonly cycle: number;
  /** The same with imports of types. */
  readonly cycleWithTypes: number;
}

const SOURCE = /\.tsx?$/;
const NOT_SHIPPED = /\.(spec|test-d|d)\.tsx?$/;

/** Measures every file of TypeScript under `directory` but tests. */
export function measure(directory: string): TreeShape {
  const names = readdirSync(directory, { recursive: true, encoding: 'utf8' });
  const paths = names
    .filter((name) => SOURCE.test(name) && !NOT_SHIPPED.test(name))
    .map((name) => join(directory, name));
  const shapes = new Map(paths.map((path) => [resolve(path), shapeOf(path, readFileSync(path, 'utf8'))]));
  const all = [...shapes.values()];
  const sum = (of: (shape: FileShape) => number): number => all.reduce((total, shape) => total + of(shape), 0);
  const lines = sum((shape) => shape.lines);
  const { p90, max } = sizesOf(all.flatMap((shape) => shape.parameters));
  return {
    ...{ files: all.length, lines, parameters: { p90, max } },
    fileLines: sizesOf(all.map((shape) => shape.lines)),
    functionLines: sizesOf(all.flatMap((shape) => shape.functions)),
    comments: sum((shape) => shape.commentLines) / lines,
    exported: sum((shape) => shape.exported),
    documented: sum((shape) => shape.documented),
    anyTypes: (1_000 * sum((shape) => shape.anyTypes)) / lines,
    cycle: largestCycle(importsOf(shapes, false)),
    cycleWithTypes: largestCycle(importsOf(shapes, true)),
  };
}

function sizesOf(values: readonly number[]): Sizes {
  const sorted = values.toSorted((a, b) => a - b);
  const { median, max } = spreadOf(sorted);
  return { median, p90: sorted[Math.floor(0.9 * sorted.length)] ?? NaN, max };
}

function importsOf(shapes: ReadonlyMap<string, FileShape>, withTypes: boolean): Map<string, Set<string>> {
  const imports = new Map<string, Set<string>>();
  for (const [file, shape] of shapes) {
    const wanted = shape.imports.filter(({ typeOnly }) => withTypes || !typeOnly);
    imports.set(file, new Set(wanted.map(({ path }) => sourceOf(shapes, resolve(dirname(file), path)))));
  }
  return imports;
}

/** The source that a path of an import means: it names what is built of it. */
function sourceOf(shapes: ReadonlyMap<string, FileShape>, path: string): string {
  const stem = path.replace(/\.js$/, '');
  return [`${stem}.ts`, `${stem}.tsx`, `${stem}/index.ts`].find((each) => shapes.has(each)) ?? path;
}

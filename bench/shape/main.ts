/* npm run shape: the shape of our sources in figures, beside that of others. */
import { parseArgs } from 'node:util';
import { textOf } from '../table.js';
import { OTHERS } from './others.js';
import { measure, type Sizes, type TreeShape } from './tree.js';

/** The lines of the table. */
const LINES: readonly [name: string, show: (shape: TreeShape) => string][] = [
  ['files, lines', ({ files, lines }) => `${files}, ${lines}`],
  ['lines of a file: median, p90, most', ({ fileLines }) => sizes(fileLines)],
  ['lines of a function: median, p90, most', ({ functionLines }) => sizes(functionLines)],
  ['parameters: p90, most', ({ parameters: { p90, max } }) => `${p90}, ${max}`],
  ['lines with a comment', ({ comments }) => percent(comments)],
  [
    'exports documented',
    ({ exported, documented }) => `${documented} of ${exported} (${percent(documented / exported)})`,
  ],
  ['`any` in 1,000 lines', ({ anyTypes }) => anyTypes.toFixed(1)],
  ['largest cycle, with types', ({ cycle, cycleWithTypes }) => `${cycle}, ${cycleWithTypes}`],
];

const { positionals } = parseArgs({ allowPositionals: true });
const [directory = 'src'] = positionals;
const columns: readonly (readonly [name: string, shape: TreeShape])[] = [
  [directory, measure(directory)],
  ...OTHERS.map(({ name, commit, ...shape }) => [`${name} ${commit}`, shape] as const),
];
const head = ['', ...columns.map(([name]) => name)];
console.log(textOf([head, ...LINES.map(([name, show]) => [name, ...columns.map(([, shape]) => show(shape))])]));

function sizes({ median, p90, max }: Sizes): string {
  return `${median}, ${p90}, ${max}`;
}

function percent(share: number): string {
  return `${Math.round(100 * share)} %`;
}

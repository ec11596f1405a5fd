import { describe, expect, it } from 'vitest';
import { join } from 'node:path';
import { largestCycle } from '../../bench/shape/cycles.js';
import { shapeOf } from '../../bench/shape/source-file.js';
import { measure } from '../../bench/shape/tree.js';
import { inSandbox, TREE } from '../guards/sandbox.js';

const GREETING = `import type { Name } from './name.js';

/** Says it. */
export function greet(name: Name, times = 1): string {
  // Once is enough.
  return name.text.repeat(times);
}

export const loud = (text: any): string => text.toUpperCase();
function quiet() {}
`;

describe('the shape of a file', () => {
  const shape = shapeOf('greeting.ts', GREETING);

  it('is its lines, those with a comment, its functions and their parameters', () => {
    expect(shape).toMatchObject({ lines: 10, commentLines: 2, functions: [4, 1, 1], parameters: [2, 1, 0] });
  });

  it('is what it exports and documents, its `any`, and what it imports', () => {
    const imports = [{ path: './name.js', typeOnly: true }];
    expect(shape).toMatchObject({ exported: 2, documented: 1, anyTypes: 1, imports });
  });

  it('takes an overloaded function as one, documented where one of its declarations is', () => {
    const overloaded =
      '/** Twice. */\nexport function f(a: 1): 1;\nexport function f(a: 2): 2;\nexport function f(a: 1 | 2): 1 | 2 {\n  return a;\n}\n';
    expect(shapeOf('f.ts', overloaded)).toMatchObject({ exported: 1, documented: 1, functions: [3] });
  });
});

describe('the largest cycle', () => {
  it.each([
    ['none', { a: ['b'], b: ['c'], c: [] }, 0],
    ['two files', { a: ['b'], b: ['a', 'c'], c: [] }, 2],
    ['the larger of two', { a: ['b'], b: ['a'], c: ['d'], d: ['e'], e: ['c', 'a'] }, 3],
  ])('is %s', (_, imports, size) => {
    expect(largestCycle(new Map(Object.entries(imports).map(([file, of]) => [file, new Set(of)])))).toBe(size);
  });
});

describe('the shape of a tree', () => {
  it('leaves tests out, and tells cycles that are there at run time from those of types', async () => {
    const files = {
      'src/a.ts': "import { b } from './b.js';\nexport const a = b;\n",
      'src/b.ts': "import type { A } from './deep/index.js';\nexport const b = 1 as unknown as A;\n",
      'src/deep/index.ts': "export type { A } from '../a.js';\n",
      'src/a.spec.ts': 'x\n'.repeat(1_000),
    };
    const shape = await inSandbox([], files, ({ directory }) => Promise.resolve(measure(join(directory, 'src'))));
    expect(shape).toMatchObject({ files: 3, lines: 5, cycle: 0, cycleWithTypes: 3 });
  });

  it('of ours has no cycle and no `any`, and says what it exports', () => {
    const { cycle, cycleWithTypes, anyTypes, exported, documented } = measure(join(TREE, 'src'));
    expect({ cycle, cycleWithTypes, anyTypes, undocumented: exported - documented }).toEqual({
      ...{ cycle: 0, cycleWithTypes: 0, anyTypes: 0 },
      undocumented: 0,
    });
  });
});

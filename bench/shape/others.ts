import type { TreeShape } from './tree.js';

/** The shape of another project's sources, as they were at a commit. */
export interface Other extends TreeShape {
  readonly name: string;
  readonly commit: string;
}

/** Measured once by the same rules; their sources are in no package, so they are not measured anew here. */
export const OTHERS: readonly Other[] = [
  {
    ...{ name: 'bentocache', commit: 'c513aef', files: 46, lines: 5_365 },
    fileLines: { median: 106, p90: 243, max: 337 },
    functionLines: { median: 5, p90: 20, max: 169 },
    parameters: { p90: 3, max: 6 },
    ...{ comments: 0.29, documented: 76, exported: 101, anyTypes: 12, cycle: 0, cycleWithTypes: 25 },
  },
  {
    ...{ name: 'layered-loader', commit: 'bd1e568', files: 35, lines: 3_609 },
    fileLines: { median: 58, p90: 317, max: 415 },
    functionLines: { median: 6, p90: 27, max: 59 },
    parameters: { p90: 3, max: 4 },
    ...{ comments: 0.15, documented: 17, exported: 102, anyTypes: 3, cycle: 0, cycleWithTypes: 11 },
  },
  {
    ...{ name: 'cockatiel', commit: 'f475a69', files: 28, lines: 2_484 },
    fileLines: { median: 33, p90: 249, max: 490 },
    functionLines: { median: 6, p90: 23, max: 45 },
    parameters: { p90: 2, max: 4 },
    ...{ comments: 0.29, documented: 37, exported: 88, anyTypes: 7, cycle: 12, cycleWithTypes: 12 },
  },
];

import { OperatorError } from '../config/operator.error.js';

/** One thing that keeps a file from being imported. */
interface ImportProblem {
  readonly file: string;
  /** The line in the file (in Parquet: the row), where the problem has one. Blank lines are not counted. */
  readonly line?: number;
  readonly reason: string;
}

/** What was found, and how much of it there is: a file of a million bad lines is not listed to the end. */
export interface Findings {
  readonly count: number;
  readonly first: readonly ImportProblem[];
}

/** How many problems of a kind are named. */
export const MOST_NAMED = 20;

/** Nothing was imported. `message` lists why, one problem per line. */
export class ImportRefusedError extends OperatorError {
  constructor(readonly findings: readonly Findings[]) {
    const count = findings.reduce((sum, found) => sum + found.count, 0);
    super(
      [
        `Nothing was imported: ${count === 1 ? '1 problem' : `${count.toLocaleString('en')} problems`}.`,
        ...findings.flatMap(lines),
      ].join('\n'),
    );
  }
}

function lines({ count, first }: Findings): string[] {
  const named = first.map(({ file, line, reason }) => `  ${line === undefined ? file : `${file}:${line}`}: ${reason}`);
  return count > first.length
    ? [...named, `  … and ${(count - first.length).toLocaleString('en')} more of this kind`]
    : named;
}

import type { Reporter, TestCase } from 'vitest/node';
import type { Figures } from './score.js';

/** Ends a full run with its seed and a table: how many of what, what became of them, and the violations. */
export class FiguresReporter implements Reporter {
  readonly #figures: Figures[] = [];

  constructor(private readonly seed: string) {}

  onTestCaseResult(test: TestCase): void {
    this.#figures.push(...(test.meta().figures ?? []));
  }

  onTestRunEnd(): void {
    const lines = this.#figures.map(({ attack, counts, violations }) => {
      const counted = Object.entries(counts).map(([what, count]) => `${count.toLocaleString('en')} ${what}`);
      return `${attack}\n  ${[...counted, `${violations} violations`].join('\n  ')}`;
    });
    process.stdout.write(`\nseed ${this.seed} (SECURITY_SEED)\n\n${lines.join('\n\n')}\n`);
  }
}

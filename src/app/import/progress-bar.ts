import cliProgress, { type Options, type SingleBar } from 'cli-progress';
import type { ImportProgress } from './importer.js';

/** One bar for all files, on a terminal; silent elsewhere. */
export class ProgressBar implements ImportProgress {
  private readonly bar: SingleBar;
  private ends = 0;
  private furthest = 0;
  private what = '';
  private percentDone: () => number = () => 0;

  constructor(private readonly files: number) {
    // The bar draws itself by its own timer, and asks each time how far we are.
    const format = (options: Options): string => this.draw(options);
    this.bar = new cliProgress.SingleBar(
      { format, clearOnComplete: true, hideCursor: true },
      cliProgress.Presets.shades_classic,
    );
    this.bar.start(1, 0);
  }

  began(what: string, file: string, percentDone: () => number): void {
    this.what = `${what} ${file}`;
    this.percentDone = percentDone;
  }

  ended(): void {
    this.ends += 1;
    this.percentDone = () => 0;
  }

  stop(): void {
    this.percentDone = () => 0;
    this.bar.stop();
  }

  private draw(options: Options): string {
    // A file is written by several statements, each of which counts from zero; the bar waits rather than go back.
    const done = (this.ends + Math.min(99, this.percentDone()) / 100) / (2 * this.files);
    this.furthest = Math.max(this.furthest, done);
    return `${this.what} ${cliProgress.Format.BarFormat(this.furthest, options)} ${Math.floor(100 * this.furthest)}%`;
  }
}

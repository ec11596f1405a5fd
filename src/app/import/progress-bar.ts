import { basename } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import type { ImportProgress } from './importer.js';

/** One bar for all files, on a terminal; silent elsewhere. */
export class ProgressBar implements ImportProgress {
  private readonly bar = new SingleBar(
    {
      format: 'reading {file} {bar} {percentage}% ({done}/{total} files)',
      clearOnComplete: true,
      hideCursor: true,
      synchronousUpdate: false,
    },
    Presets.shades_classic,
  );
  private finished = 0;
  private percentRead: () => number = () => 0;

  constructor(files: number) {
    this.bar.start(files, 0, { file: '', done: 0 });
    // The bar redraws by its own timer; it asks how far we are instead of being told.
    this.bar.on('redraw-pre', () => {
      this.bar.update(this.finished + Math.min(99, Math.round(this.percentRead())) / 100);
    });
  }

  reading(path: string, percentRead: () => number): void {
    this.percentRead = percentRead;
    this.bar.update({ file: basename(path), done: this.finished });
  }

  done(): void {
    this.finished += 1;
    this.percentRead = () => 0;
  }

  stop(): void {
    this.percentRead = () => 0;
    this.bar.stop();
  }
}

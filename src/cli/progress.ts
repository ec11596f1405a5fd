import type { Milliseconds } from '../index.js';
import type { Terminal } from './command.js';

const TICK: Milliseconds = 100;
const WIDTH = 30;
const ERASE = '\r\u001b[2K';

/** Shows how far the work is on the other stream, where a person reads that, and takes it away at the end. */
export async function withProgress<T>(
  { clock, isErrTerminal, err }: Terminal,
  line: () => string,
  work: () => Promise<T>,
): Promise<T> {
  if (!isErrTerminal) return work();
  let cancel = clock.after(TICK, tick);
  function tick(): void {
    err(`${ERASE}${line()}`);
    cancel = clock.after(TICK, tick);
  }
  try {
    return await work();
  } finally {
    cancel();
    err(ERASE);
  }
}

/** `[██████····]  60 %`. */
export function bar(share: number): string {
  const done = Math.min(1, Math.max(0, share));
  const full = Math.round(done * WIDTH);
  return `[${'█'.repeat(full)}${'·'.repeat(WIDTH - full)}] ${String(Math.floor(100 * done)).padStart(3)} %`;
}

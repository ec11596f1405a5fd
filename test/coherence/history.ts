import { appendFileSync, readFileSync } from 'node:fs';

/** What a row of the history tells. */
export const KIND = { strictRead: 0, defaultRead: 1, load: 2, invalidation: 3, set: 4 } as const;
type Kind = (typeof KIND)[keyof typeof KIND];

/**
 * One operation on one key. Times are of the machine's monotonic clock in milliseconds, the same for all processes.
 * `version`: returned by a read, loaded by a load, stored by a set, or the version committed before an invalidation.
 */
export interface Operation {
  readonly kind: Kind;
  readonly process: number;
  readonly key: number;
  readonly begin: number;
  readonly end: number;
  readonly version: number;
  /** For values that were set: when, and 0 for loaded ones. An invalidation called before that says nothing about them. */
  readonly since: number;
  /** Reads: the tier (0 L1, 1 L2, 2 loader). Invalidations: by what (0 key, 1 tag, 2 pattern, 3 all). */
  readonly how: number;
}

const FIELDS = 8;
const ROWS_PER_WRITE = 4_096;

/** The monotonic clock of the machine. */
export function monotonic(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

/** Writes operations to a file, a block at a time. */
export class HistoryWriter {
  #block = new Float64Array(ROWS_PER_WRITE * FIELDS);
  #rows = 0;

  constructor(private readonly file: string) {}

  add({ kind, process, key, begin, end, version, since, how }: Operation): void {
    this.#block.set([kind, process, key, begin, end, version, since, how], this.#rows * FIELDS);
    this.#rows += 1;
    if (this.#rows === ROWS_PER_WRITE) this.flush();
  }

  flush(): void {
    appendFileSync(this.file, new Uint8Array(this.#block.buffer, 0, this.#rows * FIELDS * 8));
    this.#rows = 0;
  }
}

export function* readHistory(file: string): Generator<Operation> {
  const bytes = readFileSync(file);
  const numbers = new Float64Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.length));
  for (let i = 0; i + FIELDS <= numbers.length; i += FIELDS) {
    const [kind, process, key, begin, end, version, since, how] = numbers.subarray(
      i,
      i + FIELDS,
    ) as unknown as number[];
    yield { kind, process, key, begin, end, version, since, how } as Operation;
  }
}

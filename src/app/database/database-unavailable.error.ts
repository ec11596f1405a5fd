import { OperatorError } from '../config/operator.error.js';

/** The database file cannot be opened: it is somebody else's just now, or not a database, or not ours to write. */
export class DatabaseUnavailableError extends OperatorError {
  constructor(
    readonly path: string,
    cause: unknown,
  ) {
    super(
      `DUCKDB_PATH must be ':memory:' or a DuckDB file that no other process has open; received "${path}" (${firstLine(cause)})`,
      { cause },
    );
  }
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n', 1).join('');
}

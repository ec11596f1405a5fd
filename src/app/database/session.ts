import type { DuckDBConnection, JS } from '@duckdb/node-api';

/** What is bound to a statement, by name. */
export type SqlParameters = Readonly<Record<string, string | number | null>>;

/** One connection: its statements follow each other, and its temporary tables live as long as it does. */
export class Session {
  constructor(private readonly connection: DuckDBConnection) {}

  /** How much of the running statement is done, in percent, where the database can tell. */
  get percentDone(): number {
    return Math.max(0, this.connection.progress.percentage);
  }

  /** The rows of the (last) statement: whole numbers as numbers, instants as ISO 8601 text. `Row` is the caller's word. */
  async query<Row extends object>(sql: string, parameters: SqlParameters = {}): Promise<Row[]> {
    const reader = await this.connection.runAndReadAll(sql, { ...parameters });
    return reader
      .getRowObjectsJS()
      .map((row) => Object.fromEntries(Object.entries(row).map(([name, value]) => [name, plain(value)])) as Row);
  }

  /** All that `work` writes is kept when it resolves and undone when it rejects. */
  async transaction<T>(work: () => Promise<T>): Promise<T> {
    await this.query('BEGIN TRANSACTION');
    try {
      const result = await work();
      await this.query('COMMIT');
      return result;
    } catch (error) {
      // A COMMIT that failed has ended the transaction already, and then there is nothing to undo; the first error is the one to tell.
      await this.query('ROLLBACK').catch(() => undefined);
      throw error;
    }
  }
}

/** DuckDB counts in 64 bits and JSON does not: a count beyond 2^53 is refused rather than rounded. */
function plain(value: JS): JS {
  if (value instanceof Date) return value.toISOString();
  if (typeof value !== 'bigint') return value;
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large to be answered exactly`);
  return number;
}

import { DuckDBInstance } from '@duckdb/node-api';
import type { OnApplicationShutdown } from '@nestjs/common';
import { DatabaseUnavailableError } from './database-unavailable.error.js';
import { SCHEMA } from './schema.js';
import { Session, type SqlParameters } from './session.js';

/** Extensions are taken from nowhere: the backend never reaches for the network. */
const SETTINGS = { autoinstall_known_extensions: 'false', autoload_known_extensions: 'false' };

/** The embedded DuckDB database. Each question has a connection of its own, so a slow one does not hold up the others. */
export class Database implements OnApplicationShutdown {
  private constructor(private readonly instance: DuckDBInstance) {}

  /** Opens (or makes) the database at `path`, `:memory:` for one that lives with the process. @throws DatabaseUnavailableError */
  static async open(path: string): Promise<Database> {
    try {
      const database = new Database(await DuckDBInstance.create(path, SETTINGS));
      await database.query(SCHEMA);
      return database;
    } catch (error) {
      throw new DatabaseUnavailableError(path, error);
    }
  }

  query<Row extends object>(sql: string, parameters?: SqlParameters): Promise<Row[]> {
    return this.withSession((session) => session.query<Row>(sql, parameters));
  }

  /** All that `work` writes is kept when it resolves and undone when it rejects. */
  transaction<T>(work: (session: Session) => Promise<T>): Promise<T> {
    return this.withSession((session) => session.transaction(() => work(session)));
  }

  async withSession<T>(work: (session: Session) => Promise<T>): Promise<T> {
    const connection = await this.instance.connect();
    try {
      return await work(new Session(connection));
    } finally {
      connection.closeSync();
    }
  }

  onApplicationShutdown(): void {
    this.close();
  }

  close(): void {
    this.instance.closeSync();
  }
}

import 'reflect-metadata';
import { EnvironmentModule } from '../config/environment.module.js';
import { OperatorError } from '../config/operator.error.js';
import { explain } from '../config/start-failure.js';
import { Database } from '../database/database.js';
import { forgetAnswers } from './forget-answers.js';
import { importFiles } from './importer.js';
import { ProgressBar } from './progress-bar.js';
import { summaryOf } from './summary.js';

const USAGE = 'Usage: DUCKDB_PATH=runs.duckdb npm run import -- FILE… (.csv, .csv.gz or .parquet)';

/** Imports the files of the command line into the database of `DUCKDB_PATH`. */
async function main(paths: readonly string[]): Promise<string> {
  if (paths.length === 0) throw new OperatorError(USAGE);
  const environment = await EnvironmentModule.read();
  const databasePath = environment.DUCKDB_PATH;
  if (databasePath === ':memory:')
    throw new OperatorError(`DUCKDB_PATH must name a file: what is imported into ":memory:" is gone at once\n${USAGE}`);
  const summary = await load(databasePath, paths);
  return [summary, await forgetAnswers(environment)].filter((line) => line !== '').join('\n');
}

async function load(databasePath: string, paths: readonly string[]): Promise<string> {
  const database = await Database.open(databasePath);
  const bar = new ProgressBar(paths.length);
  try {
    return summaryOf(await importFiles(database, paths, bar), databasePath);
  } finally {
    bar.stop();
    database.close();
  }
}

try {
  process.stdout.write(`${await main(process.argv.slice(2))}\n`);
} catch (error) {
  process.stderr.write(`${explain(error)}\n`);
  process.exitCode = 1;
}

import { Injectable, Logger, type OnModuleInit } from '@nestjs/common';
import { InvalidationService } from '../../index.js';
import { systemNow } from '../analytics/now.js';
import { Environment } from '../config/environment.js';
import { Database } from '../database/database.js';
import { INSERT_SYNTHETIC_RUNS, RANDOM_MACROS } from './synthetic-runs.sql.js';

/** Fills an empty database with invented runs, so that there is something to ask from the first minute. */
@Injectable()
export class SyntheticRuns implements OnModuleInit {
  private readonly logger = new Logger(SyntheticRuns.name);

  constructor(
    private readonly database: Database,
    private readonly environment: Environment,
    private readonly invalidation: InvalidationService,
  ) {}

  async onModuleInit(): Promise<void> {
    const { SYNTHETIC_RUNS: runs, SYNTHETIC_SEED: seed } = this.environment;
    if (runs === 0 || !(await this.isEmpty())) return;
    const until = systemNow().toISOString();
    await this.generate(runs, seed, until);
    // Redis may still hold the answers of a process whose data are gone with it.
    await this.invalidation.all({ cause: 'synthetic runs' });
    this.logger.warn(
      `The database was empty: it now holds ${runs.toLocaleString('en')} SYNTHETIC runs (seed ${seed}, the 400 days until ${until}). ` +
        'Load real ones into a file of DUCKDB_PATH with: npm run import -- FILE…',
    );
  }

  /** The same runs for the same seed and end, in a database of any kind. */
  async generate(runs: number, seed: number, until: string): Promise<void> {
    await this.database.transaction(async (session) => {
      await session.query(RANDOM_MACROS);
      await session.query(INSERT_SYNTHETIC_RUNS, { runs, seed, until });
    });
  }

  private async isEmpty(): Promise<boolean> {
    const rows = await this.database.query('SELECT 1 AS found FROM agent_runs LIMIT 1');
    return rows.length === 0;
  }
}

import { Injectable } from '@nestjs/common';
import type { RangePoint, RangeSpan } from '../../../index.js';
import { Database } from '../../database/database.js';
import { countsTowards, type Metric } from '../metrics.js';
import { type Scope, select } from '../selection.js';
import { type ModelStates, modelKey } from './metric-series.js';
import { type MetricState, stateSqlOf } from './metric-states.js';

/** What buckets are made of: one statement for neighbours. */
@Injectable()
export class BucketsRepository {
  constructor(private readonly database: Database) {}

  async states(metric: Metric, scope: Scope, { from, to, bucket }: RangeSpan): Promise<RangePoint<ModelStates>[]> {
    const { where, parameters } = select(scope, { from: null, to: null });
    const rows = await this.database.query<{ at: string; model: string | null } & MetricState>(
      `SELECT date_trunc($bucket, started_at)::TIMESTAMP AS "at", model, ${stateSqlOf(metric)} FROM agent_runs
       WHERE ${where} AND started_at >= $from::TIMESTAMP AND started_at < $to::TIMESTAMP AND ${countsTowards(metric)}
       GROUP BY "at", model`,
      { ...parameters, bucket, from: textOf(from), to: textOf(to) },
    );
    return rows.map(({ at, model, ...state }) => ({ at, value: { [modelKey(model)]: state } }));
  }
}

/** An instant to the microsecond, which is what the database counts in. */
function textOf(instant: number): string {
  const micros = Math.round(instant * 1000);
  const text = new Date(Math.floor(micros / 1000)).toISOString().slice(0, -1);
  return `${text}${String(micros - Math.floor(micros / 1000) * 1000).padStart(3, '0')}`;
}

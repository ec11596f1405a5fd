import { UNKNOWN } from '../database/schema.js';
import type { Run } from './run.js';

/** A field of a run that a metric needs, and its SQL: NULL where the run does not say. */
const FIELDS = {
  userId: `nullif(user_id, '${UNKNOWN}')`,
  runtimeSeconds: 'runtime_seconds',
  tokensIn: 'tokens_in',
  tokensOut: 'tokens_out',
  toolCalls: 'tool_calls',
  credits: 'credits',
} as const satisfies Partial<Record<keyof Run, string>>;

interface Definition {
  readonly unit: 'runs' | 'ratio' | 'tokens' | 'seconds' | 'credits' | 'calls' | 'users';
  /** The aggregate over a set of runs. NULL when none of them says what is needed. */
  readonly sql: string;
  readonly needs: readonly (keyof typeof FIELDS)[];
}

const DEFINITIONS = {
  runs: { unit: 'runs', sql: 'count(*)', needs: [] },
  success_rate: {
    unit: 'ratio',
    sql: "round(count(*) FILTER (status = 'completed') / nullif(count(*), 0), 4)",
    needs: [],
  },
  tokens: { unit: 'tokens', sql: 'sum(tokens_in + tokens_out)', needs: ['tokensIn', 'tokensOut'] },
  tokens_in: { unit: 'tokens', sql: 'sum(tokens_in)', needs: ['tokensIn'] },
  tokens_out: { unit: 'tokens', sql: 'sum(tokens_out)', needs: ['tokensOut'] },
  runtime_p50: { unit: 'seconds', sql: 'round(quantile_cont(runtime_seconds, 0.5), 3)', needs: ['runtimeSeconds'] },
  runtime_p95: { unit: 'seconds', sql: 'round(quantile_cont(runtime_seconds, 0.95), 3)', needs: ['runtimeSeconds'] },
  credits: { unit: 'credits', sql: 'sum(credits)', needs: ['credits'] },
  tool_calls: { unit: 'calls', sql: 'sum(tool_calls)', needs: ['toolCalls'] },
  active_users: { unit: 'users', sql: `nullif(count(DISTINCT ${FIELDS.userId}), 0)`, needs: ['userId'] },
} as const satisfies Record<string, Definition>;

/** A number that can be asked of any set of runs. */
export type Metric = keyof typeof DEFINITIONS;

/** Every metric. Its name is also the id in `metric:{metric}` keys, tags and events. */
export const METRICS = Object.freeze(Object.keys(DEFINITIONS) as Metric[]);

/** What a metric is counted in. */
export function unitOf(metric: Metric): Definition['unit'] {
  return DEFINITIONS[metric].unit;
}

/** The aggregate expression of `metric`. */
export function sqlOf(metric: Metric): string {
  return DEFINITIONS[metric].sql;
}

/** The condition that a run counts towards `metric`. */
export function countsTowards(metric: Metric): string {
  return ['true', ...DEFINITIONS[metric].needs.map((field) => `${FIELDS[field]} IS NOT NULL`)].join(' AND ');
}

/** The metrics that change when `run` is written: a run without credits leaves the credits as they were. */
export function metricsTouchedBy(run: Pick<Run, keyof typeof FIELDS>): Metric[] {
  const says = (field: keyof typeof FIELDS): boolean => run[field] !== null && run[field] !== UNKNOWN;
  return METRICS.filter((metric) => DEFINITIONS[metric].needs.every(says));
}

import type { Merger } from '../../../index.js';
import type { Metric } from '../metrics.js';

/**
 * What the runs of a bucket come to for a metric, such that what several buckets come to is exact: sums with how many runs
 * they are of; for percentiles every value; for users every name. Sketches would be smaller, and their answers others.
 */
export type MetricState =
  | { readonly sum: number; readonly weight: number }
  | { readonly values: readonly number[] }
  | { readonly names: readonly string[] };

/** States of one metric as one; there is one at least. */
export const METRIC_STATES: Merger<MetricState> = { merge: merged, result: (state) => state };

function merged(states: readonly MetricState[]): MetricState {
  const [first] = states;
  if (states.length === 1 && first) return first;
  if (first && 'values' in first) return { values: states.flatMap((state) => ('values' in state ? state.values : [])) };
  if (first && 'names' in first)
    return { names: [...new Set(states.flatMap((state) => ('names' in state ? state.names : [])))] };
  const sums = states.flatMap((state) => ('sum' in state ? [state] : []));
  return { sum: added(sums.map(({ sum }) => sum)), weight: added(sums.map(({ weight }) => weight)) };
}

function added(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

/** Credits are summed as whole numbers of their smallest part: sums of fractions would depend on their order. */
const CREDIT_PARTS = 10_000;

const sumOf = (sum: string): string => `sum(${sum}) AS "sum", count(*) AS weight`;
const VALUES = 'list(runtime_seconds) AS "values"';

interface Way {
  /** The columns that are a state, of runs that count towards the metric. */
  readonly sql: string;
  /** The metric of a state; `undefined`: of no runs. */
  of(state: MetricState | undefined): number | null;
}

const sums = (sql: string, finish: (sum: number, weight: number) => number): Way => ({
  sql,
  of: (state) => (state && 'sum' in state ? finish(state.sum, state.weight) : null),
});

const WAYS: Readonly<Record<Metric, Way>> = {
  runs: { sql: sumOf('1'), of: (state) => (state && 'sum' in state ? state.sum : 0) },
  success_rate: sums(sumOf("CASE status WHEN 'completed' THEN 1 ELSE 0 END"), (sum, weight) =>
    rounded(sum / weight, 4),
  ),
  tokens: sums(sumOf('tokens_in + tokens_out'), whole),
  tokens_in: sums(sumOf('tokens_in'), whole),
  tokens_out: sums(sumOf('tokens_out'), whole),
  runtime_p50: { sql: VALUES, of: (state) => percentile(state, 0.5) },
  runtime_p95: { sql: VALUES, of: (state) => percentile(state, 0.95) },
  credits: sums(
    `sum((credits * ${CREDIT_PARTS})::BIGINT)::DOUBLE AS "sum", count(*) AS weight`,
    (sum) => sum / CREDIT_PARTS,
  ),
  tool_calls: sums(sumOf('tool_calls'), whole),
  active_users: {
    sql: 'list(DISTINCT user_id) AS "names"',
    of: (state) => (state && 'names' in state ? state.names.length : null),
  },
};

/** The columns that are a state of `metric`, over runs that count towards it. */
export function stateSqlOf(metric: Metric): string {
  return WAYS[metric].sql;
}

/** `metric` of a state; `undefined` is that of no runs. */
export function valueOf(metric: Metric, state: MetricState | undefined): number | null {
  return WAYS[metric].of(state);
}

/** As the database does: JSON has no exact number for a larger one. */
function whole(sum: number): number {
  if (Number.isSafeInteger(sum)) return sum;
  throw new RangeError(`${sum} is too large to be answered exactly`);
}

function rounded(value: number, digits: number): number {
  return Math.round(value * 10 ** digits) / 10 ** digits;
}

/** As `quantile_cont` and `round`: linear between the closest ranks. */
function percentile(state: MetricState | undefined, share: number): number | null {
  if (!state || !('values' in state)) return null;
  const sorted = Float64Array.from(state.values).sort();
  const rank = (sorted.length - 1) * share;
  const [low, high] = [sorted[Math.floor(rank)] as number, sorted[Math.ceil(rank)] as number];
  const part = rank - Math.floor(rank);
  return rounded(low * (1 - part) + high * part, 3);
}

import { type AnyTimeSeries, defineTimeSeries, mergers, type TimeSeries } from '../../../index.js';
import type { Metric } from '../metrics.js';
import type { Scope } from '../selection.js';
import type { Window } from '../window.js';
import { METRIC_STATES, type MetricState } from './metric-states.js';

/** What a bucket holds: the metric's state of each model's runs, by {@link modelKey}. */
export type ModelStates = Readonly<Record<string, MetricState>>;

/** Merges states of models. */
export const MODEL_STATES = mergers.groups(METRIC_STATES);

/** A model as the name of a group; runs may be of no known one. */
export function modelKey(model: string | null): string {
  return model === null ? '' : `=${model}`;
}

/** The model of a group's name. */
export function modelOf(key: string): string | null {
  return key === '' ? null : key.slice(1);
}

type MetricSeries = TimeSeries<string, ModelStates, ModelStates>;

const TEMPLATES = {
  all: 'metric:{metric}',
  user: 'metric:{metric}:user:{userId}',
  workspace: 'metric:{metric}:workspace:{workspaceId}',
  both: 'metric:{metric}:user:{userId}:workspace:{workspaceId}',
} as const;

/** No answer rests on a bucket for longer than on the longest-lived answer there was before. */
const A_DAY = 86_400;

/** Loads of buckets are made within loads of answers, which hold a place at the database already: a budget of their own. */
const SOURCE = 'buckets';

function seriesOf(bucket: 'hour' | 'day'): Readonly<Record<keyof typeof TEMPLATES, MetricSeries>> {
  const define = (template: string): MetricSeries =>
    defineTimeSeries({ template, bucket, merge: MODEL_STATES, closedTtl: A_DAY, source: SOURCE });
  const { all, user, workspace, both } = TEMPLATES;
  return { all: define(all), user: define(user), workspace: define(workspace), both: define(both) };
}

const BY_HOUR = seriesOf('hour');
const BY_DAY = seriesOf('day');

/** Every series of the backend, as the cache must be told. */
export const METRIC_SERIES: readonly AnyTimeSeries[] = [...Object.values(BY_HOUR), ...Object.values(BY_DAY)];

const WEEK_MS = 7 * 86_400_000;

/** Whose and how wide the buckets of a question are, and what fills its template. */
export function seriesFor(
  metric: Metric,
  scope: Scope,
  { from, to }: Extract<Window, { readonly from: string }>,
): { readonly series: MetricSeries; readonly parameters: Readonly<Record<string, string>> } {
  const series = Date.parse(to) - Date.parse(from) > WEEK_MS ? BY_DAY : BY_HOUR;
  const { userId, workspaceId } = scope;
  const parameters = {
    metric,
    ...(userId !== undefined && { userId }),
    ...(workspaceId !== undefined && { workspaceId }),
  };
  const whose =
    userId === undefined
      ? workspaceId === undefined
        ? 'all'
        : 'workspace'
      : workspaceId === undefined
        ? 'user'
        : 'both';
  return { series: series[whose], parameters };
}

import { Injectable } from '@nestjs/common';
import { CacheService, type RangePart } from '../../../index.js';
import type { MetricAnswer, MetricOfModel, MetricPoint } from '../answers/overall.answers.js';
import type { Metric } from '../metrics.js';
import type { Scope } from '../selection.js';
import { type Bucket, stepOf, type Window } from '../window.js';
import { BucketsRepository } from './buckets.repository.js';
import { METRIC_STATES, type MetricState, valueOf } from './metric-states.js';
import { MODEL_STATES, modelOf, type ModelStates, seriesFor } from './metric-series.js';

/** What is told of a metric over a window. */
export type MetricFigures = Pick<MetricAnswer, 'value' | 'byModel' | 'series'>;

/** A window in which time has a beginning and an end. */
export type BoundedWindow = Extract<Window, { readonly from: string }>;

// Windows begin after `from` and end with `to`, and ranges begin with and end before: one step of the database's clock later.
const MICROSECOND = 0.001;

/** Metrics of a window, made of cached buckets: after a write only those that it touched are asked of the database again. */
@Injectable()
export class MetricRanges {
  constructor(
    private readonly cache: CacheService,
    private readonly buckets: BucketsRepository,
  ) {}

  /** Exactly what the database would answer. */
  async figures(metric: Metric, scope: Scope, window: BoundedWindow, step: Bucket): Promise<MetricFigures> {
    const { series, parameters } = seriesFor(metric, scope, window);
    const range = { from: Date.parse(window.from) + MICROSECOND, to: Date.parse(window.to) + MICROSECOND };
    const load = this.buckets.states.bind(this.buckets, metric, scope);
    const { value, parts } = await this.cache.getRange(series, parameters, range, load);
    return {
      value: figureOf(metric, value),
      byModel: byModel(metric, value),
      series: overTime(metric, parts, step),
    };
  }
}

function figureOf(metric: Metric, models: ModelStates): number | null {
  const states: readonly MetricState[] = Object.values(models);
  return valueOf(metric, states.length === 0 ? undefined : METRIC_STATES.merge(states));
}

/** Models of which a run counts, by value and then by name; no model last, as the database sorts. */
function byModel(metric: Metric, models: ModelStates): MetricOfModel[] {
  return Object.entries(models)
    .map(([key, state]) => ({ model: modelOf(key), value: valueOf(metric, state) as number }))
    .sort((one, other) => other.value - one.value || byName(one.model, other.model));
}

function byName(one: string | null, other: string | null): number {
  if (one === null || other === null) return Number(one === null) - Number(other === null);
  return Buffer.compare(Buffer.from(one), Buffer.from(other));
}

/** Steps in which a run counts, in order. */
function overTime(metric: Metric, parts: readonly RangePart<ModelStates>[], step: Bucket): MetricPoint[] {
  const steps = new Map<string, ModelStates[]>();
  for (const { from, value } of parts) {
    const at = stepOf(from, step);
    steps.set(at, [...(steps.get(at) ?? []), value]);
  }
  const figures = [...steps].map(([at, states]) => ({ at, states: MODEL_STATES.merge(states) }));
  return figures
    .filter(({ states }) => Object.keys(states).length > 0)
    .map(({ at, states }) => ({ at, value: figureOf(metric, states) as number }));
}

import type { PlanTally } from '../cache/warming/warm-up-tally.js';
import type { CacheMetric, MetricSource } from './definitions.js';
import type { Sample } from './snapshot-metric.js';

/** What is loaded before anybody asks. */
export const WARMING_METRICS: readonly CacheMetric[] = [
  {
    ...{ name: 'cache_warm_up_keys_total', type: 'counter', labels: ['plan', 'result'] },
    help: 'Keys that warm-ups tried: loaded, cached already (present), or failed',
    read: (source) => ofEach(source, ({ keys }) => keys),
  },
  {
    ...{ name: 'cache_warm_up_runs_total', type: 'counter', labels: ['plan', 'result'] },
    help: 'Runs of warm-ups by how they ended: done, stopped, away (Redis), or failed before any key was known',
    read: (source) => ofEach(source, ({ runs }) => runs),
  },
  {
    ...{ name: 'cache_warm_up_keys_left', type: 'gauge', labels: ['plan'] },
    help: 'Keys that the run of a warm-up under way has still to try',
    read: ({ tally }) => [...tally.warmUps.plans].map(([plan, { left }]) => ({ labels: { plan }, value: left })),
  },
];

function ofEach({ tally }: MetricSource, countsOf: (plan: PlanTally) => Readonly<Record<string, number>>): Sample[] {
  return [...tally.warmUps.plans].flatMap(([plan, counted]) =>
    Object.entries(countsOf(counted)).map(([result, value]) => ({ labels: { plan, result }, value })),
  );
}

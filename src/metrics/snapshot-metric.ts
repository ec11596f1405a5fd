import type { Metric, MetricValue, Registry } from 'prom-client';
import type { Distribution, Exemplar } from '../cache/tally.js';

/** One sample: its labels and its value; `suffix` for the parts of a histogram. */
export interface Sample {
  readonly labels: Readonly<Record<string, string | number>>;
  readonly value: number;
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly exemplar?: Exemplar;
}

/** A metric as the table of metrics has it. */
export interface Definition<S> {
  readonly name: string;
  readonly type: 'counter' | 'gauge' | 'histogram';
  readonly help: string;
  readonly labels: readonly string[];
  /** Its samples now. */
  readonly read: (source: S) => Iterable<Sample> | Promise<Iterable<Sample>>;
}

/**
 * Registers a metric whose numbers are kept elsewhere and read at each scrape: what is counted costs an addition, and
 * nothing of the client library is on the way of a read. The registry asks of a metric no more than what is here.
 */
export function registerSnapshot<S>(
  registry: Registry,
  { name, type, help, labels, read }: Definition<S>,
  source: S,
): void {
  const get = async (): Promise<Snapshot> => {
    const values = [...(await read(source))].map(({ suffix = '', ...sample }) => ({
      ...sample,
      metricName: `${name}${suffix}`,
    }));
    return { name, help, type, values, aggregator: type === 'gauge' ? 'average' : 'sum' };
  };
  const metric = { name, help, type, labelNames: labels, aggregator: 'sum', get, reset: () => undefined };
  registry.registerMetric(metric as unknown as Metric);
}

interface Snapshot {
  readonly name: string;
  readonly help: string;
  readonly type: string;
  readonly values: readonly MetricValue<string>[];
  readonly aggregator: string;
}

/** The samples of a histogram. */
export function* histogramOf(
  { bounds, counts, exemplars, sum }: Distribution,
  labels: Sample['labels'],
): Iterable<Sample> {
  let count = 0;
  const bucket = (le: number | string, value: number, exemplar: Exemplar | undefined): Sample => ({
    ...{ labels: { le, ...labels }, value, suffix: '_bucket' },
    ...(exemplar && { exemplar }),
  });
  for (const [i, bound] of bounds.entries()) {
    count += counts[i] ?? 0;
    yield bucket(bound, count, exemplars[i]);
  }
  count += counts[bounds.length] ?? 0;
  yield bucket('+Inf', count, exemplars[bounds.length]);
  yield { labels, value: sum, suffix: '_sum' };
  yield { labels, value: count, suffix: '_count' };
}

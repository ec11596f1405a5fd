import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { Counts, Tally, TemplateTally } from '../cache/tally.js';
import type { Definition, Sample } from './snapshot-metric.js';

/** What the metrics of the cache are read from. */
export interface MetricSource {
  readonly tally: Tally;
  readonly runtime: CacheRuntime;
}

/** A metric of the cache. */
export type CacheMetric = Definition<MetricSource>;

/** A metric with samples for each template. */
export function perTemplate(
  name: string,
  help: string,
  { labels = [], type = 'counter' }: { readonly labels?: readonly string[]; readonly type?: CacheMetric['type'] },
  samplesOf: (tally: TemplateTally, key_pattern: string) => Iterable<Sample>,
): CacheMetric {
  const read = function* ({ tally }: MetricSource): Iterable<Sample> {
    for (const [label, counted] of tally.templates) yield* samplesOf(counted, label);
  };
  return { name, help, type, labels: ['key_pattern', ...labels], read };
}

/** A counter of one number for each template. */
export function countPerTemplate(name: string, help: string, valueOf: (tally: TemplateTally) => number): CacheMetric {
  return perTemplate(name, help, {}, (tally, key_pattern) => [{ labels: { key_pattern }, value: valueOf(tally) }]);
}

/** A counter whose numbers of each template are told apart by one more label. */
export function countsPerTemplate<K extends string>(
  name: string,
  help: string,
  label: string,
  countsOf: (tally: TemplateTally) => Counts<K>,
): CacheMetric {
  return perTemplate(name, help, { labels: [label] }, function* (tally, key_pattern) {
    for (const [value, count] of countsOf(tally)) yield { labels: { [label]: value, key_pattern }, value: count };
  });
}

/** A metric of one number; of no sample where there is no number to tell. */
export function plain(
  type: 'counter' | 'gauge',
  name: string,
  help: string,
  valueOf: (source: MetricSource) => number | undefined | Promise<number | undefined>,
): CacheMetric {
  const read = async (source: MetricSource): Promise<Sample[]> => {
    const value = await valueOf(source);
    return value === undefined ? [] : [{ labels: {}, value }];
  };
  return { name, help, type, labels: [], read };
}

/** A counter of numbers by one label. */
export function byLabel(
  name: string,
  help: string,
  label: string,
  countsOf: (tally: Tally) => Counts<string>,
): CacheMetric {
  const read = ({ tally }: MetricSource): Sample[] =>
    [...countsOf(tally)].map(([value, count]) => ({ labels: { [label]: value }, value: count }));
  return { name, help, type: 'counter', labels: [label], read };
}

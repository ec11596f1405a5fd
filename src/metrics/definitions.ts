import { DEFAULT_CACHE } from '../cache/cache-events.js';
import type { CacheRuntime } from '../cache/cache-runtime.js';
import type { EventBinder } from '../cache/event-binder.js';
import type { Counts, Tally, TemplateTally } from '../cache/tally.js';
import type { Definition, Sample } from './snapshot-metric.js';

/** What the metrics of one cache are read from. */
export interface MetricSource {
  readonly tally: Tally;
  readonly runtime: CacheRuntime;
  readonly binder: Pick<EventBinder, 'book'>;
}

/** A metric of one cache, or of what all caches share. */
export interface CacheMetric extends Definition<MetricSource> {
  /** Whether it tells of what caches share, and so is read of the default one only. @default it does not */
  readonly isShared?: (source: MetricSource) => boolean;
}

/** The same metric over several caches, by name: the samples of all but the default one carry the label `cache`. */
export function ofAll({
  isShared = () => false,
  ...metric
}: CacheMetric): Definition<Iterable<readonly [string, MetricSource]>> {
  const read = async (caches: Iterable<readonly [string, MetricSource]>): Promise<Sample[]> => {
    const each = [...caches].filter(([name, source]) => name === DEFAULT_CACHE || !isShared(source));
    const found = await Promise.all(each.map(async ([name, source]) => named(name, await metric.read(source))));
    return found.flat();
  };
  return { ...metric, labels: [...metric.labels, 'cache'], read };
}

/** The default cache is told without a name, as it was when there were no others. */
function named(cache: string, samples: Iterable<Sample>): Sample[] {
  if (cache === DEFAULT_CACHE) return [...samples];
  return [...samples].map((sample) => ({ ...sample, labels: { ...sample.labels, cache } }));
}

/** A metric of what caches share, always or where `isShared` says so. */
export function shared(metric: CacheMetric, isShared: (source: MetricSource) => boolean = () => true): CacheMetric {
  return { ...metric, isShared };
}

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

import type { LoadContext } from '../../engine/load-context.js';
import type { KeyParameters } from '../../keys/template.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { CacheRuntime } from '../cache-runtime.js';
import type { KeyLike, ReadOptions } from '../call-options.js';
import { loadParts, type LoadRange } from './range-load.js';
import { type Part, partsOf, type RangeOptions } from './range-plan.js';
import type { AnyTimeSeries, TimeSeries } from './time-series.js';

/** What a bucket of a range holds, or what the range cuts out of one. */
export interface RangePart<S> {
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly value: S;
}

/** A range, merged, and what it was merged of. */
export interface RangeResult<S, V> {
  readonly value: V;
  /** In order of time and without gaps. */
  readonly parts: readonly RangePart<S>[];
}

/** What a range is read by: the cache. */
interface EntryReader {
  getOrLoadMany<T>(keys: readonly KeyLike[], loadMissing: LoadMissing<T>, options?: ReadOptions): Promise<T[]>;
}

/** Reads ranges as buckets, each an entry as any other. */
export class RangeReader {
  constructor(
    private readonly entries: EntryReader,
    private readonly runtime: Pick<CacheRuntime, 'clock' | 'scopes'>,
    private readonly listed: readonly AnyTimeSeries[],
  ) {}

  async read<T extends string, S, V>(
    series: TimeSeries<T, S, V>,
    parameters: KeyParameters<T>,
    { from, to, ...options }: RangeOptions,
    loadRange: LoadRange<S>,
  ): Promise<RangeResult<S, V>> {
    this.#checkListed(series);
    const whole = series.whole(parameters);
    const parts = partsOf(series, { from, to }, this.runtime.clock.now());
    // A value that is made of a range rests on all of it: its tags say so, and those of hundreds of buckets would be too many.
    this.runtime.scopes.addTags(whole.tags);
    // And as they are not told under which generations the buckets are valid, these must be so now.
    const how = this.runtime.scopes.current ? { ...options, consistency: 'strict' as const } : options;
    const keys = parts.map((part) => series.keys.of(whole, part, part.ttl));
    const load = loaderOf(series, new Map(keys.map((key, i) => [key, parts[i] as Part])), loadRange);
    const states = await this.runtime.scopes.run([], () => this.entries.getOrLoadMany<S>(keys, load, how));
    const value = series.merger.result(series.merger.merge(states));
    return { value, parts: parts.map(({ from, to }, i) => ({ from, to, value: states[i] as S })) };
  }

  #checkListed(series: AnyTimeSeries): void {
    if (this.listed.includes(series)) return;
    const rule = 'one of the option timeSeries of CacheModule: invalidations reach buckets of those only';
    throw new InvalidOptionError('the series', rule, series);
  }
}

type LoadMissing<S> = (missing: readonly KeyLike[], contexts: readonly LoadContext[]) => Promise<readonly S[]>;

function loaderOf<S>(
  series: TimeSeries<string, S>,
  parts: ReadonlyMap<KeyLike, Part>,
  loadRange: LoadRange<S>,
): LoadMissing<S> {
  return (missing, contexts) =>
    loadParts(
      series,
      missing.map((key, i) => ({ part: parts.get(key) as Part, context: contexts[i] as LoadContext })),
      loadRange,
    );
}

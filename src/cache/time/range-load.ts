import type { LoadContext } from '../../engine/load-context.js';
import { CacheError, describe } from '../../primitives/errors.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { BucketUnit } from './calendar.js';
import { type Instant, instantOf } from './instant.js';
import type { Part } from './range-plan.js';
import type { TimeSeries } from './time-series.js';

/** Neighbouring buckets to be loaded by one question: all from `from` up to and without `to`. */
export interface RangeSpan {
  /** Milliseconds since the epoch; inside a bucket where the range begins there. */
  readonly from: Milliseconds;
  readonly to: Milliseconds;
  readonly bucket: BucketUnit;
  /** Aborted when the load takes longer than `hardTimeoutMs`. */
  readonly signal: AbortSignal;
}

/** What a bucket holds. Several of one bucket are merged; a bucket of which none is told holds nothing. */
export interface RangePoint<S> {
  /** Any instant of the bucket: its beginning, or an hour of a day. */
  readonly at: Instant;
  readonly value: S;
}

/** Loads a span: one question to the source, grouped by bucket. */
export type LoadRange<S> = (span: RangeSpan) => readonly RangePoint<S>[] | Promise<readonly RangePoint<S>[]>;

/** A loader of a range that returned no list, or a point outside of the span that it was asked for. */
export class InvalidPointsError extends CacheError {
  /** @internal */
  constructor(rule: string, received: unknown) {
    super('INVALID_POINTS', 'loader', `loadRange must return ${rule}; received ${describe(received)}`, { rule });
  }
}

/** How many spans are loaded at a time: gaps between what is cached are few, or the source would be flooded. */
const AT_A_TIME = 4;

/** A piece that no tier has, with its load. */
export interface MissingPart {
  readonly part: Part;
  readonly context: LoadContext;
}

/** What the missing pieces hold, in their order; neighbours are loaded by one call. */
export async function loadParts<S>(
  series: TimeSeries<string, S>,
  missing: readonly MissingPart[],
  loadRange: LoadRange<S>,
): Promise<S[]> {
  for (const { part, context } of missing) if (part.isAhead) context.skip();
  const spans = neighbours(missing.toSorted((one, other) => one.part.from - other.part.from));
  const states = new Map<Part, S>();
  const lane = async (): Promise<void> => {
    for (let span = spans.shift(); span; span = spans.shift()) {
      const loaded = await loadSpan(series, span, loadRange);
      for (const [i, { part }] of span.entries()) states.set(part, loaded[i] as S);
    }
  };
  await Promise.all(Array.from({ length: AT_A_TIME }, lane));
  return missing.map(({ part }) => states.get(part) as S);
}

function neighbours(sorted: readonly MissingPart[]): MissingPart[][] {
  const spans: MissingPart[][] = [];
  for (const one of sorted) {
    const last = spans.at(-1);
    if (last?.at(-1)?.part.to === one.part.from) last.push(one);
    else spans.push([one]);
  }
  return spans;
}

async function loadSpan<S>(
  { calendar, merger }: TimeSeries<string, S>,
  span: readonly MissingPart[],
  loadRange: LoadRange<S>,
): Promise<S[]> {
  const [first, last] = [span[0] as MissingPart, span.at(-1) as MissingPart];
  const asked = { from: first.part.from, to: last.part.to, bucket: calendar.unit };
  // Read where it is asked for: one that nobody asks for is not made.
  const points: unknown = await loadRange({
    ...asked,
    get signal() {
      return first.context.signal;
    },
  });
  if (!Array.isArray(points)) throw new InvalidPointsError('an array of { at, value }', points);
  const held = new Map<Milliseconds, S[]>(span.map(({ part }) => [part.start, []]));
  for (const { at, value } of points as readonly RangePoint<S>[]) {
    const states = held.get(calendar.startOf(instantOf('at of a point of loadRange', at)));
    if (!states) throw new InvalidPointsError('points of the span that it is given', at);
    states.push(value);
  }
  return span.map(({ part }) => merger.merge(held.get(part.start) ?? []));
}

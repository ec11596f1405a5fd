import { isKey } from '../../keys/alphabet.js';
import type { Milliseconds } from '../../primitives/units.js';
import type { Calendar } from './calendar.js';
import type { Span } from './instant.js';

/*
 * A bucket of `metric:{metric}` by hour does not carry `metric:runs`, or each change of the metric would take all of
 * history. It carries instead, of each of its tags:
 *
 *   metric:runs:time                  what changes of no known time take
 *   metric:runs:hour:2026-11          what changes of a month take
 *   metric:runs:hour:2026-11-23       what changes of a day take
 *   metric:runs:hour:2026-11-23T10    itself
 *
 * So a change of ten years is not 87,600 tags. A change names the fewest that hold all of its span: hours at its ends, days
 * and months between; where that are too many it takes whole days at its ends, then whole months, then all time.
 */

/** What of a series decides which invalidations reach its buckets. */
export interface TaggedInTime {
  readonly calendar: Calendar;
  /** Whether a bucket may carry what is made of `tag`. */
  mayCarry(tag: string): boolean;
}

/** At most so many tags tell of one tag's changes in one calendar. */
const MOST_TAGS = 64;
/** How far ahead of ours other clocks may be, whose buckets an open-ended change must reach. */
const AHEAD: Milliseconds = 31 * 86_400_000;

/** The tags of the bucket that begins at `start`, for each of `tags`. */
export function bucketTags(tags: readonly string[], calendar: Calendar, start: Milliseconds): string[] {
  const labels = calendar.levels.map((level) => calendar.label(calendar.startOf(start, level), level));
  return tags.flatMap((tag) => [allTime(tag), ...labels.map((label) => timeTag(tag, calendar, label))]);
}

/** `tags`, and those of the buckets that hold data of `span`, of all time where that is `undefined`. */
export function withTimeTags(
  tags: readonly string[],
  span: Span | undefined,
  series: readonly TaggedInTime[],
  now: Milliseconds,
): readonly string[] {
  if (series.length === 0) return tags;
  const all = new Set(tags);
  for (const tag of tags.filter(isKey)) {
    const calendars = new Map(series.filter((one) => one.mayCarry(tag)).map(({ calendar }) => [calendar.id, calendar]));
    for (const calendar of calendars.values())
      for (const label of labelsOf(span, calendar, now) ?? [undefined])
        all.add(label === undefined ? allTime(tag) : timeTag(tag, calendar, label));
  }
  return [...all];
}

function allTime(tag: string): string {
  return `${tag}:time`;
}

function timeTag(tag: string, calendar: Calendar, label: string): string {
  return `${tag}:${calendar.id}:${label}`;
}

/** The names of the buckets, days and months that hold `span`; `undefined` where that are too many. */
function labelsOf(span: Span | undefined, calendar: Calendar, now: Milliseconds): string[] | undefined {
  if (span?.from === undefined) return undefined;
  const { from, to = Math.max(now, from) + AHEAD } = span;
  for (let fineness = calendar.levels.length; fineness > 0; fineness--) {
    const labels = covering(from, to, calendar, fineness);
    if (labels) return labels;
  }
  return undefined;
}

/** The fewest names of the first `fineness` levels that hold all from `from` to `to`. */
function covering(from: Milliseconds, to: Milliseconds, calendar: Calendar, fineness: number): string[] | undefined {
  const levels = calendar.levels.slice(0, fineness);
  const finest = levels.at(-1);
  const end = calendar.next(calendar.startOf(to, finest), finest);
  const labels: string[] = [];
  for (let at = calendar.startOf(from, finest); at < end;) {
    if (labels.length === MOST_TAGS) return undefined;
    const level = levels.find((one) => calendar.startOf(at, one) === at && calendar.next(at, one) <= end) ?? finest;
    labels.push(calendar.label(at, level));
    at = calendar.next(at, level);
  }
  return labels;
}

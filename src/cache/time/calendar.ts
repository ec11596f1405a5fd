import { InvalidOptionError } from '../../primitives/errors.js';
import type { Milliseconds } from '../../primitives/units.js';
import { type OffsetAt, offsetsOf } from './zone.js';

/** The width of a bucket. */
export type BucketUnit = 'hour' | 'day' | 'month';

const HOUR: Milliseconds = 3_600_000;
const DAY: Milliseconds = 24 * HOUR;

/** A unit with those that hold it, the widest first. */
const LEVELS: Readonly<Record<BucketUnit, readonly BucketUnit[]>> = {
  hour: ['month', 'day', 'hour'],
  day: ['month', 'day'],
  month: ['month'],
};

/** How much of an ISO instant names a unit. */
const LABEL_LENGTHS: Readonly<Record<BucketUnit, number>> = { hour: 13, day: 10, month: 7 };

/** Cuts time into buckets of one unit in one zone. Instants are milliseconds since the epoch. */
export class Calendar {
  /** What buckets of other calendars are told apart by, in keys and tags: `hour`, `day.Europe.Berlin`. */
  readonly id: string;
  /** The unit with those that hold it, the widest first. */
  readonly levels: readonly BucketUnit[];
  readonly #offsetAt: OffsetAt;

  /** @throws InvalidOptionError for another unit, an unknown zone, or hours of a zone */
  constructor(
    readonly unit: BucketUnit,
    readonly zone: string,
  ) {
    if (!Object.hasOwn(LEVELS, unit)) throw new InvalidOptionError('bucket', "'hour', 'day' or 'month'", unit);
    this.levels = LEVELS[unit];
    this.#offsetAt = offsetsOf(zone);
    // Hours begin together nearly everywhere, and where they do not, some are cut in half twice a year.
    if (unit === 'hour' && zone !== 'UTC')
      throw new InvalidOptionError('zone', "left out for buckets of an 'hour', which are of UTC", zone);
    this.id = zone === 'UTC' ? unit : `${unit}.${zone.replaceAll('/', '.').replaceAll('+', '_')}`;
  }

  /** When the bucket that holds `instant` begins. */
  startOf(instant: Milliseconds, unit = this.unit): Milliseconds {
    if (unit === 'hour') return Math.floor(instant / HOUR) * HOUR;
    const [year, month, day] = this.#dateAt(instant);
    let start = this.#beginningOf(year, month, unit === 'day' ? day : 1);
    // A clock put back over midnight shows a day twice: time after its second midnight is the next bucket's.
    for (let next = this.next(start, unit); next <= instant; next = this.next(start, unit)) start = next;
    return start;
  }

  /** When the bucket after the one that begins at `start` begins. Days of 23 or 25 hours are one bucket. */
  next(start: Milliseconds, unit = this.unit): Milliseconds {
    if (unit === 'hour') return start + HOUR;
    const [year, month, day] = this.#dateAt(start);
    // A place that changes sides of the date line skips a day.
    for (let step = 1; ; step++) {
      const next =
        unit === 'day' ? this.#beginningOf(year, month, day + step) : this.#beginningOf(year, month + step, 1);
      if (next > start) return next;
    }
  }

  /** The bucket that begins at `start` as keys and tags name it: `2026-11-23T10`, `2026-11-23`, `2026-11`. */
  label(start: Milliseconds, unit = this.unit): string {
    return new Date(start + this.#offsetAt(start)).toISOString().slice(0, LABEL_LENGTHS[unit]);
  }

  /** The beginning of the bucket of this name; `undefined` where there is none. */
  startFrom(label: string): Milliseconds | undefined {
    const [date = '', hour = '0'] = label.split('T');
    const [year = Number.NaN, month = Number.NaN, day = 1] = date.split('-').map(Number);
    const start = this.#beginningOf(year, month - 1, day) + HOUR * Number(hour);
    return Number.isFinite(start) && this.label(start) === label ? start : undefined;
  }

  #dateAt(instant: Milliseconds): [year: number, month: number, day: number] {
    const local = new Date(instant + this.#offsetAt(instant));
    return [local.getUTCFullYear(), local.getUTCMonth(), local.getUTCDate()];
  }

  /** The first instant of a date: midnight, or what comes after where a clock that is put forward leaves midnight out. */
  #beginningOf(year: number, month: number, day: number): Milliseconds {
    const local = utc(year, month, day);
    if (this.zone === 'UTC' || Number.isNaN(local)) return local;
    // The offset at that instant is the one of the day before or of the day after, as it changes once at most between.
    const [first, second] = [local - DAY, local + DAY]
      .map((near) => local - this.#offsetAt(near))
      .sort((a, b) => a - b);
    const date = (instant: Milliseconds): Milliseconds => utc(...this.#dateAt(instant));
    return date(first as Milliseconds) >= local ? (first as Milliseconds) : (second as Milliseconds);
  }
}

/** As `Date.UTC`, which takes the years before 100 for those of the 20th century. */
function utc(year: number, month: number, day: number): Milliseconds {
  return new Date(0).setUTCFullYear(year, month, day);
}

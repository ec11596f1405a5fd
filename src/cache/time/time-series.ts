import { ENTITIES } from '../../keys/entity-tags.js';
import { type LoadPolicyOptions, LONGEST_TTL } from '../../keys/load-policy.js';
import { defineKey, type KeyParameters, type KeyTemplate } from '../../keys/template.js';
import { finiteNumber, wholeNumber } from '../../primitives/checks.js';
import { InvalidOptionError } from '../../primitives/errors.js';
import type { Milliseconds, Seconds } from '../../primitives/units.js';
import { BucketKeys } from './bucket-keys.js';
import { type BucketUnit, Calendar } from './calendar.js';
import type { Merger } from './basic-mergers.js';
import type { TaggedInTime } from './time-tags.js';

/** How the buckets of a series are cut, cached and merged. */
export interface TimeSeriesOptions<T extends string, S, V> extends Omit<LoadPolicyOptions, 'tagsOf' | 'lateTags'> {
  /** Whose data it is: `metric:{metric}:user:{userId}`. Changes of the entities that it names invalidate its buckets. */
  readonly template: T;
  readonly bucket: BucketUnit;
  /** How the values of buckets become that of a range. */
  readonly merge: Merger<S, V>;
  /** The IANA time zone by which days and months begin. @default 'UTC' */
  readonly zone?: string;
  /** Seconds for which a closed bucket is fresh. @default 604800 (a week) */
  readonly closedTtl?: Seconds;
  /** Seconds for which a bucket that is not closed is fresh, and what a range cuts out of one. @default 10 */
  readonly tailTtl?: Seconds;
  /** Seconds after its end at which a bucket counts as closed: clocks differ, and data take time to arrive. @default 300 */
  readonly lateness?: Seconds;
  /** A range of more buckets is refused. @default 1000 */
  readonly maxBuckets?: number;
  /** Tags beyond those of the entities that the template names; they are invalidated by time as well. */
  readonly tags?: (parameters: KeyParameters<T>) => readonly string[];
  /** Version of what a bucket holds, from 1; a new version makes older buckets misses. @default 1 */
  readonly version?: number;
}

/** What is known of a series whatever it holds. */
export interface AnyTimeSeries extends TaggedInTime {
  /** The template of its buckets, whose parameter `bucket` is `2026-11-23T10`, `2026-11-23` or `2026-11`. */
  readonly buckets: KeyTemplate;
  /** The name and the tags of all of it, of which those of the buckets are made. */
  readonly whole: KeyTemplate;
  readonly calendar: Calendar;
  readonly closedTtl: Milliseconds;
  readonly tailTtl: Milliseconds;
  readonly lateness: Milliseconds;
  readonly maxBuckets: number;
  readonly keys: BucketKeys;
}

/** A declared series: what `getRange` is told. List it in the module's `timeSeries`. */
export interface TimeSeries<T extends string = string, S = unknown, V = unknown> extends AnyTimeSeries {
  readonly merger: Merger<S, V>;
  readonly whole: KeyTemplate<T>;
}

const DEFAULTS = { zone: 'UTC', closedTtl: 604_800, tailTtl: 10, lateness: 300, maxBuckets: 1000, version: 1 };
/** A bucket is loaded when it has expired or was invalidated, and at no other time. */
const LOADING: LoadPolicyOptions = { grace: 0, beta: 0, refreshAhead: 1 };

/**
 * Declares a series whose ranges are cached by buckets: `getRange` loads those that are missing, and merges. A change with
 * a time invalidates the buckets that it touches, one without a time all of them.
 * @throws InvalidKeyError for a malformed template, InvalidOptionError for an option that breaks a rule
 */
export function defineTimeSeries<const T extends string, S, V>(
  options: TimeSeriesOptions<T, S, V>,
): TimeSeries<T, S, V> {
  const { template, tags, merge } = options;
  const { zone, closedTtl, tailTtl, lateness, maxBuckets, version, ...loading } = { ...DEFAULTS, ...options };
  const calendar = new Calendar(options.bucket, zone);
  checkMerger(merge);
  const whole = defineKey<T>(template, tags && { tags });
  const limits = {
    maxBuckets: wholeNumber('maxBuckets', maxBuckets, { min: 1, max: 100_000 }),
    lateness: latenessOf(lateness),
  };
  const named = `${template}:${calendar.id}:{bucket}`;
  const { family } = defineKey(named, { ...LOADING, ...loading, tags: () => [], ttl: tailTtl, version });
  const keys = new BucketKeys(whole, calendar, family);
  return Object.freeze({
    ...{ calendar, merger: merge, whole, keys, buckets: keys.template(), ...limits },
    closedTtl: ttlOf('closedTtl', closedTtl),
    tailTtl: ttlOf('tailTtl', tailTtl),
    mayCarry: carrier(template, tags),
  });
}

/** Which tags its buckets may carry, in their form of a time. */
function carrier(template: string, tags: unknown): (tag: string) => boolean {
  if (tags !== undefined) return () => true;
  const entities = ENTITIES.filter((entity) => `:${template}`.includes(`:${entity}:`));
  if (entities.length > 0) return (tag) => entities.some((entity) => tag.startsWith(`${entity}:`));
  const rule = `given where the template names no ${ENTITIES.join(', ')}: nothing could invalidate its buckets`;
  throw new InvalidOptionError('tags', rule, tags);
}

function checkMerger(merger: unknown): void {
  const { merge, result } = (merger ?? {}) as Partial<Merger<unknown>>;
  if (typeof merge === 'function' && typeof result === 'function') return;
  throw new InvalidOptionError('merge', 'a merger, such as mergers.sum()', merger);
}

function ttlOf(name: string, ttl: Seconds): Milliseconds {
  return 1000 * finiteNumber(name, ttl, { min: 0.001, max: LONGEST_TTL });
}

function latenessOf(lateness: Seconds): Milliseconds {
  return 1000 * finiteNumber('lateness', lateness, { min: 0, max: LONGEST_TTL });
}

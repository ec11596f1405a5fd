import type { Milliseconds, Seconds } from '../../primitives/units.js';
import { type AdvisedTtl, advisedTtl, LEAST_COMPARED } from './advised-ttl.js';
import type { AdvisedTemplate, TtlChange } from './advised-template.js';
import type { RenewalCounts } from './renewal-counts.js';
import { duration, percent } from './sentences.js';
import { staleShare } from './stale-share.js';

/** What fits a template, by what was seen of its values. */
export interface Recommendation {
  readonly ttl: Seconds;
  /** A value at its end has changed with twice the probability of one at the end of the TTL. */
  readonly grace: Seconds;
  /** Share of the TTL; 1 where values load quickly, or are read too seldom for a hit to come in time. */
  readonly refreshAhead: number;
  /** Share of today's loads that the TTL would save, of keys that are read all the time; below 0 where it asks for more of them. */
  readonly loadsSaved: number;
  /** Share of the hits whose value its source would have changed. */
  readonly staleShare: number;
}

/** How often a value changes and no invalidation tells of it, with the bounds of 95 % confidence. */
export interface ChangesPerSecond {
  readonly rate: number;
  readonly low: number;
  readonly high: number;
}

/** What is known of the keys of one template that have one TTL; with a `{timeframe}` there are several. */
export interface TemplateAdvice {
  readonly template: string;
  /** What the template, its timeframe or the module says. */
  readonly declaredTtl: Seconds;
  /** What is in force: the same, unless it was moved. */
  readonly ttl: Seconds;
  readonly mode: 'advise' | 'auto';
  /** What is aimed at. */
  readonly maxStale: number;
  /** How many values were compared with those that they replaced; those of long ago count less. */
  readonly observations: number;
  /** How many of them had changed, and no invalidation had come. */
  readonly changes: number;
  /** How many others had been invalidated. */
  readonly invalidations: number;
  /** `null` of too few observations, as are those below. */
  readonly changesPerSecond: ChangesPerSecond | null;
  /** Share of the hits today whose value its source has changed. */
  readonly staleShare: number | null;
  readonly recommended: Recommendation | null;
  /** Why, in one sentence. */
  readonly reason: string;
  /** How `auto` has moved the TTL lately, oldest first. */
  readonly moved: readonly TtlChange[];
}

/** In so many times as long as it takes on average a load has ended, nearly always. */
const LOAD_MARGIN = 3;
const EARLIEST = 0.5;
/** A TTL that is so near is right. */
const RIGHT = 0.1;

/** What is advised for a template. */
export function adviceFor(known: AdvisedTemplate): TemplateAdvice {
  const { counts, ttl, maxStale, moved } = known;
  const advised = advisedTtl(counts, maxStale, ttl);
  const rate = advised?.changes.rate ?? 0;
  return {
    ...{ template: known.label, declaredTtl: known.declared / 1000, ttl: ttl / 1000 },
    ...{ mode: known.bounds ? 'auto' : 'advise', maxStale, moved },
    observations: Math.round(counts.compared),
    changes: Math.round(counts.changed),
    invalidations: Math.round(counts.invalidated),
    changesPerSecond: advised ? perSecond(advised) : null,
    staleShare: advised ? staleShare(rate, ttl) : null,
    recommended: advised ? recommendationOf(known, advised) : null,
    reason: advised ? reasonOf(known, advised) : tooFew(counts),
  };
}

function perSecond({ changes: { rate, low, high } }: AdvisedTtl): ChangesPerSecond {
  return { rate: 1000 * rate, low: 1000 * low, high: 1000 * high };
}

function recommendationOf({ counts, ttl: today }: AdvisedTemplate, { ttl, changes }: AdvisedTtl): Recommendation {
  return {
    ttl: ttl / 1000,
    grace: graceFor(ttl, changes.rate) / 1000,
    refreshAhead: refreshAheadFor(counts, ttl),
    loadsSaved: 1 - timeBetweenLoads(counts, today) / timeBetweenLoads(counts, ttl),
    staleShare: staleShare(changes.rate, ttl),
  };
}

/** As long as the TTL where values change seldom in that time. */
function graceFor(ttl: Milliseconds, rate: number): Milliseconds {
  const atEnd = -Math.expm1(-rate * ttl);
  return rate === 0 || 2 * atEnd >= 1 ? ttl : Math.min(-Math.log1p(-2 * atEnd) / rate - ttl, 2 * ttl);
}

/** So early that the load ends in time, where a hit is likely to come then. */
function refreshAheadFor({ meanLoad, meanWait }: RenewalCounts, ttl: Milliseconds): number {
  const early = LOAD_MARGIN * meanLoad;
  if (early < 0.01 * ttl || meanWait > early) return 1;
  return Math.round(100 * Math.max(EARLIEST, 1 - early / ttl)) / 100;
}

/** Of a key: its life, which an invalidation may end before its TTL does, and the wait for the next reader. */
function timeBetweenLoads({ invalidationRate: rate, meanWait }: RenewalCounts, ttl: Milliseconds): Milliseconds {
  return (rate === 0 ? ttl : -Math.expm1(-rate * ttl) / rate) + meanWait;
}

function tooFew({ compared }: RenewalCounts): string {
  return `${Math.round(compared)} values were compared with those that they replaced, and ${LEAST_COMPARED} are needed.`;
}

function reasonOf({ counts, ttl: today, maxStale }: AdvisedTemplate, { ttl, changes }: AdvisedTtl): string {
  if (changes.rate === 0)
    return `None of ${Math.round(counts.compared)} values had changed without an invalidation: ${duration(ttl)} is the longest TTL that this bears out, and more may follow.`;
  const often = `Values change every ${duration(1 / changes.rate)} without an invalidation`;
  const share = `${percent(staleShare(changes.rate, today))} of the hits are stale with a TTL of ${duration(today)}`;
  if (Math.abs(ttl / today - 1) <= RIGHT) return `${often}: ${share}, which is what maxStale asks for.`;
  const aim = `${percent(maxStale)} are with ${duration(ttl)}`;
  return ttl < today ? `${often}: ${share}, and ${aim}.` : `${often}: only ${share}, and ${aim}, with fewer loads.`;
}

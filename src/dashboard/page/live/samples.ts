import type { Overview, TemplateRow } from '../../contract.js';

/** What is kept of one tick, for plots. */
export interface Sample {
  readonly at: number;
  readonly overview: Overview;
}

/** Ten minutes of ticks. */
const KEPT = 600;
/** A ratio of one second jumps about where few read. */
const RATIO_OVER = 10;
/** Ticks of a sparkline. */
const SPARK = 60;

/** The samples with one more; those of a process that has started anew meanwhile are dropped. */
export function withSample(samples: readonly Sample[], next: Sample): readonly Sample[] {
  const last = samples.at(-1);
  if (last && last.overview.operations > next.overview.operations) return [next];
  return [...samples.slice(-KEPT + 1), next];
}

/** The hit ratio of the seconds before sample `i`; `null` where nobody read. */
export function ratioAt(samples: readonly Sample[], i: number, over = RATIO_OVER): number | null {
  const [from, to] = [samples[Math.max(0, i - over)], samples[i]];
  if (!from || !to) return null;
  const hits = to.overview.hits - from.overview.hits;
  const reads = hits + to.overview.misses - from.overview.misses;
  return reads === 0 ? null : hits / reads;
}

/** All failures since the start. */
export function errorsOf({ errors }: Overview): number {
  return Object.values(errors).reduce((sum, number) => sum + number, 0);
}

/** Reads in each of the last ticks. */
export type Spark = readonly number[];

/** The sparkline of a template after one more tick. */
export function withReads(spark: Spark, before: TemplateRow | undefined, now: TemplateRow | undefined): Spark {
  const reads = before && now ? Math.max(0, readsOf(now) - readsOf(before)) : 0;
  return [...spark.slice(-SPARK + 1), reads];
}

/** Hits and misses of a template. */
export function readsOf({ hits, misses }: TemplateRow): number {
  return hits.l1 + hits.l2 + misses;
}

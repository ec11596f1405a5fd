import type { Clock } from './clock.js';
import { metricsAt, samplesOf, shownUrl } from './metrics-page.js';

/** What one instance has counted since it started. */
export interface HitRatio {
  readonly hits: number;
  readonly misses: number;
  /** Hits among both, 0 to 1; `null` before the first read. */
  readonly ratio: number | null;
}

/** Reads the metrics of an instance; a sentence for people where that cannot be. */
export async function hitRatioAt(url: string, clock: Clock): Promise<HitRatio | string> {
  const shown = shownUrl(url);
  const page = await metricsAt(url, clock);
  if (page === undefined) return `The metrics at ${shown} cannot be read.`;
  if (page.status !== 200) return `The metrics at ${shown} answer ${page.status}.`;
  const [hits, misses] = [sumOf(page.text, 'cache_hits_total'), sumOf(page.text, 'cache_misses_total')];
  if (hits === undefined || misses === undefined) return `The metrics at ${shown} are not of this cache.`;
  return { hits, misses, ratio: hits + misses === 0 ? null : hits / (hits + misses) };
}

function sumOf(text: string, name: string): number | undefined {
  return samplesOf(text, name)?.reduce((sum, { value }) => sum + value, 0);
}

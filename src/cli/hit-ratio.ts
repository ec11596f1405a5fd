import type { Milliseconds } from '../index.js';
import type { Clock } from './clock.js';

/** What one instance has counted since it started. */
export interface HitRatio {
  readonly hits: number;
  readonly misses: number;
  /** Hits among both, 0 to 1; `null` before the first read. */
  readonly ratio: number | null;
}

const LIMIT: Milliseconds = 2_000;

/** Reads the metrics of an instance; a sentence for people where that cannot be. */
export async function hitRatioAt(url: string, clock: Clock): Promise<HitRatio | string> {
  const bare = new URL(url);
  // `fetch` takes none in a URL, and they must not be shown.
  bare.username = bare.password = '';
  const shown = `${bare.origin}${bare.pathname}`;
  const abort = new AbortController();
  const cancel = clock.after(LIMIT, () => abort.abort());
  try {
    const response = await fetch(bare, { signal: abort.signal, headers: { connection: 'close' } });
    if (!response.ok) return `The metrics at ${shown} answer ${response.status}.`;
    const text = await response.text();
    const [hits, misses] = [sumOf(text, 'cache_hits_total'), sumOf(text, 'cache_misses_total')];
    if (hits === undefined || misses === undefined) return `The metrics at ${shown} are not of this cache.`;
    return { hits, misses, ratio: hits + misses === 0 ? null : hits / (hits + misses) };
  } catch {
    return `The metrics at ${shown} cannot be read.`;
  } finally {
    cancel();
  }
}

/** The sum of a counter's samples; `undefined` where the endpoint does not know it. */
function sumOf(text: string, name: string): number | undefined {
  if (!text.includes(`# TYPE ${name} `)) return undefined;
  const samples = text.matchAll(new RegExp(`^${name}(?:\\{[^\\n]*\\})? (\\S+)`, 'gm'));
  return [...samples].reduce((sum, [, value]) => sum + Number(value), 0);
}

import type { Distribution } from '../../cache/tally.js';
import type { Latency } from '../contract.js';

/** So many seconds are looked at. */
const SPAN = 10;

/** How long operations took in the last seconds: what was counted at each second is kept, and subtracted. */
export class LatencyWindow {
  readonly #counts: Float64Array[] = [];

  /** Takes a second's end. */
  add(distributions: Iterable<Distribution>): void {
    this.#counts.push(summed([...distributions]));
    if (this.#counts.length > SPAN + 1) this.#counts.shift();
  }

  /** Of the seconds taken; `null` where nothing has ended in them. */
  latency([first]: readonly Distribution[]): Latency | null {
    const [oldest, newest] = [this.#counts[0], this.#counts.at(-1)];
    if (!first || !oldest || !newest) return null;
    const counts = newest.map((count, i) => count - (oldest[i] ?? 0));
    const count = counts.reduce((sum, each) => sum + each, 0);
    if (count === 0) return null;
    const at = (share: number): number => quantile(counts, first.bounds, share * count);
    return { count, p50: at(0.5), p95: at(0.95), p99: at(0.99), ceiling: first.bounds.at(-1) as number };
  }
}

/** All have the same bounds. */
function summed(distributions: readonly Distribution[]): Float64Array {
  const sum = new Float64Array(distributions[0]?.counts.length ?? 0);
  for (const { counts } of distributions) for (const [i, count] of counts.entries()) (sum[i] as number) += count;
  return sum;
}

/** Between the bounds of its bucket in proportion, as Prometheus has it; the last bucket has no upper one, and tells the last bound. */
function quantile(counts: Float64Array, bounds: readonly number[], rank: number): number {
  let below = 0;
  for (const [i, upper] of bounds.entries()) {
    const count = counts[i] ?? 0;
    const lower = bounds[i - 1] ?? 0;
    if (below + count >= rank && count > 0) return lower + ((upper - lower) * (rank - below)) / count;
    below += count;
  }
  return bounds.at(-1) as number;
}

/** A metric of the chosen jobs and instances, with further matchers such as `reason="slow"`. */
export function of(metric: string, ...matchers: string[]): string {
  return `${metric}{${['job=~"$job"', 'instance=~"$instance"', ...matchers].join(', ')}}`;
}

/** How fast a counter grows each second, by these labels. */
export function rate(metric: string, by: readonly string[] = [], ...matchers: string[]): string {
  return `sum${grouping(by)} (rate(${of(metric, ...matchers)}[$__rate_interval]))`;
}

/** The value below which this share of a histogram is. */
export function quantile(share: number, metric: string, by: readonly string[] = [], ...matchers: string[]): string {
  return `histogram_quantile(${share}, ${rate(`${metric}_bucket`, [...by, 'le'], ...matchers)})`;
}

/** The share of the first in the second; nothing where the second is zero. */
export function share(part: string, whole: string): string {
  return `${part} / (${whole} > 0)`;
}

function grouping(by: readonly string[]): string {
  return by.length === 0 ? '' : ` by (${by.join(', ')})`;
}

/** A round number at or above `value`, so that an axis ends on it: 1, 2 or 5 times a power of ten. */
export function roundAbove(value: number): number {
  if (value <= 0) return 1;
  const power = 10 ** Math.floor(Math.log10(value));
  const factor = [1, 2, 5, 10].find((step) => step * power >= value * 0.9999) ?? 10;
  return factor * power;
}

const STEPS_SECONDS = [10, 15, 30, 60, 120, 300];

/** The instants at which a time axis has a mark, `most` or one more. */
export function marksBetween(from: number, to: number, most: number): number[] {
  const step = 1000 * (STEPS_SECONDS.find((seconds) => (to - from) / 1000 / seconds <= most) ?? 600);
  const first = Math.ceil(from / step) * step;
  return Array.from({ length: Math.max(0, Math.floor((to - first) / step) + 1) }, (_, i) => first + i * step);
}

/** The index of the instant nearest to `at`. */
export function nearest(times: readonly number[], at: number): number {
  let found = 0;
  for (const [i, time] of times.entries())
    if (Math.abs(time - at) < Math.abs((times[found] ?? Infinity) - at)) found = i;
  return found;
}

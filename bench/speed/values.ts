/** Sizes of values, in bytes of JSON. */
export const SIZES = { '200 B': 200, '2 KB': 2_000, '50 KB': 50_000 } as const;

/** One of {@link SIZES}. */
export type Size = keyof typeof SIZES;

/** Analytics of an agent whose JSON has about as many bytes as `size` says: figures, names and a series. */
export function analyticsOf(size: Size, agent = 17): object {
  const point = (hour: number): object => ({
    at: `2026-11-${String(1 + (Math.floor(hour / 24) % 28)).padStart(2, '0')}T${String(hour % 24).padStart(2, '0')}:00:00Z`,
    runs: 40 + ((hour * 7) % 23),
    errors: hour % 5,
    tokens: 12_345 + 101 * hour,
    cost: Math.round(1_000 * (0.017 * hour + 1.25)) / 1_000,
    model: hour % 3 === 0 ? 'large' : 'small',
  });
  const head = { agentId: String(agent), timeframe: '7d', runs: 1_234, successRate: 0.971, runtimeP95: 12.5 };
  const series: object[] = [];
  const whole = { ...head, series };
  while (bytesOf(whole) + bytesOf(point(series.length)) + 1 <= SIZES[size]) series.push(point(series.length));
  return { ...whole, note: 'x'.repeat(Math.max(0, SIZES[size] - bytesOf({ ...whole, note: '' }))) };
}

function bytesOf(value: object): number {
  return JSON.stringify(value).length;
}

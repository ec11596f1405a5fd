import type { JSX } from 'preact';
import { bytes, duration, percent, rate, roundPercent } from '../format.js';
import { ratioAt } from '../live/samples.js';
import { usePage } from '../page-context.js';
import { Plot } from '../plot/plot.js';

/** The last ten minutes, as far as this page has seen them. */
export function OverviewPlots(): JSX.Element {
  const { cache, snapshot } = usePage();
  const { samples } = cache;
  const times = samples.map(({ at }) => at);
  const each = (value: (overview: (typeof samples)[number]['overview']) => number | null): (number | null)[] =>
    samples.map(({ overview }) => value(overview));
  return (
    <section class="plots" aria-label="Plots">
      <Plot
        title="Hit ratio"
        times={times}
        series={[{ name: 'over 10 s', values: samples.map((_, i) => ratioAt(samples, i)) }]}
        format={percent}
        axis={roundPercent}
        top={1}
        target={{ at: snapshot.target, name: `target ${roundPercent(snapshot.target)}` }}
      />
      <Plot
        title="Operations per second"
        times={times}
        series={[{ name: 'operations', values: each(({ operationsPerSecond }) => operationsPerSecond) }]}
        format={rate}
      />
      <Plot
        title="Latency"
        times={times}
        series={[
          { name: 'p50', values: each(({ latency }) => latency?.p50 ?? null) },
          { name: 'p95', values: each(({ latency }) => latency?.p95 ?? null) },
          { name: 'p99', values: each(({ latency }) => latency?.p99 ?? null) },
        ]}
        format={duration}
      />
      <Plot
        title="Memory (L1)"
        times={times}
        series={[{ name: 'bytes', values: each(({ memory }) => memory.bytes) }]}
        format={bytes}
        isBytes
      />
    </section>
  );
}

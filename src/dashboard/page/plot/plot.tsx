import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { instant, UNKNOWN } from '../format.js';
import { Drawing } from './drawing.js';
import type { PlotProps } from './plot-props.js';
import { PlotTable } from './plot-table.js';
import { nearest } from './scale.js';
import { useWidth } from './use-width.js';

/** Lines over time, the figures under the pointer or the newest, and a table of the same. */
export function Plot(props: PlotProps): JSX.Element {
  const { title, times, series, format } = props;
  const { box, width } = useWidth();
  const [pointed, setPointed] = useState<number | null>(null);
  const shown = pointed === null ? times.length - 1 : nearest(times, pointed);
  const at = times[shown];
  return (
    <figure class="plot">
      <figcaption>
        <span class="title">{title}</span>
        {series.map(({ name, values }, i) => (
          <span key={name} class={`key key-${i}`}>
            {series.length > 1 && `${name} `}
            <b>{said(values[shown], format)}</b>
          </span>
        ))}
        <span class="when">{pointed === null || at === undefined ? '' : instant(at, at)}</span>
      </figcaption>
      <div class="drawing" ref={box}>
        {times.length < 2 ? (
          <p class="loading">Drawn from the second figure on…</p>
        ) : (
          width > 0 && (
            <Drawing {...props} width={width} marked={pointed === null ? null : shown} onPointAt={setPointed} />
          )
        )}
      </div>
      <PlotTable {...props} />
    </figure>
  );
}

function said(value: number | null | undefined, format: (value: number) => string): string {
  return value === null || value === undefined ? UNKNOWN : format(value);
}

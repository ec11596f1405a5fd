import type { JSX } from 'preact';
import { useState } from 'preact/hooks';
import { instant, UNKNOWN } from '../format.js';
import { Scroll } from '../parts/scroll.js';
import type { PlotProps } from './plot-props.js';

const ROWS = 30;
const STEP_MS = 10_000;

/** The figures of a plot, one in ten seconds, newest first. */
export function PlotTable({ title, times, series, format }: PlotProps): JSX.Element {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary aria-label={`As a table: ${title}`}>As a table</summary>
      {isOpen && (
        <Scroll label={`${title}, figures`}>
          <table>
            <thead>
              <tr>
                <th scope="col">Time</th>
                {series.map(({ name }) => (
                  <th key={name} scope="col" class="number">
                    {name}
                  </th>
                ))}
              </tr>
            </thead>
            <tbody>
              {tabled(times).map((i) => (
                <tr key={times[i]}>
                  <th scope="row">{instant(times[i] ?? 0, times[i] ?? 0)}</th>
                  {series.map(({ name, values }) => (
                    <td key={name} class="number">
                      {values[i] == null ? UNKNOWN : format(values[i])}
                    </td>
                  ))}
                </tr>
              ))}
            </tbody>
          </table>
        </Scroll>
      )}
    </details>
  );
}

/** The last sample of each step. */
function tabled(times: readonly number[]): number[] {
  const chosen: number[] = [];
  for (let i = times.length - 1; i >= 0 && chosen.length < ROWS; i -= 1) {
    const [step, next] = [times[i], times[i + 1]].map((at) => at && Math.floor(at / STEP_MS));
    if (step !== next) chosen.push(i);
  }
  return chosen;
}

import type { JSX } from 'preact';
import { instant, UNKNOWN } from '../format.js';
import type { PlotProps } from './plot-props.js';
import { marksBetween, roundAbove } from './scale.js';

const HEIGHT = 132;
const AREA = { left: 52, right: 8, top: 8, bottom: 20 };
/** With fewer samples the lines begin at the right. */
const LEAST_SPAN_MS = 60_000;

interface DrawingProps extends PlotProps {
  readonly width: number;
  /** The sample under the pointer. */
  readonly marked: number | null;
  readonly onPointAt: (at: number | null) => void;
}

/** Where an instant and a value are. */
interface Places {
  readonly x: (at: number) => number;
  readonly y: (value: number) => number;
  readonly at: (x: number) => number;
}

/** The lines themselves. Attributes only, no styles: the page forbids those. */
export function Drawing(props: DrawingProps): JSX.Element {
  const { times, series, format, axis = format, target, width, marked, onPointAt } = props;
  const to = times.at(-1) ?? 0;
  const from = Math.min(times[0] ?? 0, to - LEAST_SPAN_MS);
  const top = topOf(props);
  const places = placesOf({ from, to, top, width });
  const point = (event: PointerEvent): void => {
    const { left } = (event.currentTarget as Element).getBoundingClientRect();
    onPointAt(places.at(event.clientX - left));
  };
  const now = marked === null ? undefined : times[marked];
  return (
    <svg
      role="img"
      aria-label={describe(props)}
      width={width}
      height={HEIGHT}
      onPointerMove={point}
      onPointerLeave={() => onPointAt(null)}
    >
      {[0, 0.5, 1].map((share) => (
        <GridLine key={share} y={places.y(share * top)} width={width} text={axis(share * top)} />
      ))}
      {marksBetween(from, to, width / 90)
        .filter((at) => places.x(at) > AREA.left + 24 && places.x(at) < width - 28)
        .map((at) => (
          <text key={at} class="mark" x={places.x(at)} y={HEIGHT - 5} text-anchor="middle">
            {instant(at, at)}
          </text>
        ))}
      {target && (
        <line class="target" x1={AREA.left} x2={width - AREA.right} y1={places.y(target.at)} y2={places.y(target.at)} />
      )}
      {series.map(({ name, values }, i) => (
        <path key={name} class={`line line-${i}`} d={pathOf(times, values, places)} />
      ))}
      {now !== undefined && (
        <line class="pointed" x1={places.x(now)} x2={places.x(now)} y1={AREA.top} y2={HEIGHT - AREA.bottom} />
      )}
    </svg>
  );
}

function GridLine({ y, width, text }: { y: number; width: number; text: string }): JSX.Element {
  return (
    <g class="grid">
      <line x1={AREA.left} x2={width - AREA.right} y1={y} y2={y} />
      <text x={AREA.left - 6} y={y + 4} text-anchor="end">
        {text}
      </text>
    </g>
  );
}

function topOf({ series, top, isBytes }: PlotProps): number {
  if (top !== undefined) return top;
  const largest = Math.max(0, ...series.flatMap(({ values }) => values.map((value) => value ?? 0)));
  const unit = isBytes && largest > 0 ? 1024 ** Math.floor(Math.log2(largest) / 10) : 1;
  return unit * roundAbove(largest / unit);
}

function placesOf(span: { from: number; to: number; top: number; width: number }): Places {
  const { from, to, top, width } = span;
  const [wide, high] = [width - AREA.left - AREA.right, HEIGHT - AREA.top - AREA.bottom];
  return {
    x: (at) => AREA.left + ((at - from) / (to - from)) * wide,
    y: (value) => AREA.top + (1 - Math.min(1, value / top)) * high,
    at: (x) => from + ((x - AREA.left) / wide) * (to - from),
  };
}

function pathOf(times: readonly number[], values: readonly (number | null)[], { x, y }: Places): string {
  let isDown = false;
  return times
    .map((at, i) => {
      const value = values[i];
      const command = isDown ? 'L' : 'M';
      isDown = value !== null && value !== undefined;
      return isDown ? `${command}${x(at).toFixed(1)} ${y(value ?? 0).toFixed(1)}` : '';
    })
    .join('');
}

function describe({ title, series, format, target }: PlotProps): string {
  const last = series.map(({ name, values }) => {
    const value = values.at(-1);
    return `${name} ${value === null || value === undefined ? UNKNOWN : format(value)}`;
  });
  return `${title}: ${last.join(', ')}${target ? `; ${target.name}` : ''}. The table below it has the figures.`;
}

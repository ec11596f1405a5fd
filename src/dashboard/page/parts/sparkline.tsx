import type { JSX } from 'preact';

const [WIDTH, HEIGHT] = [96, 20];

/** The run of some numbers, without an axis; `label` says what a reader would see. */
export function Sparkline({ values, label }: { values: readonly number[]; label: string }): JSX.Element {
  const top = Math.max(1, ...values);
  const step = WIDTH / 59;
  const left = WIDTH - (values.length - 1) * step;
  const points = values.map((value, i) => `${(left + i * step).toFixed(1)},${y(value / top)}`);
  return (
    <svg class="spark" role="img" aria-label={label} width={WIDTH} height={HEIGHT} viewBox={`0 0 ${WIDTH} ${HEIGHT}`}>
      <line class="ground" x1="0" x2={WIDTH} y1={HEIGHT - 0.5} y2={HEIGHT - 0.5} />
      <polyline points={points.join(' ')} />
    </svg>
  );
}

function y(share: number): string {
  return (HEIGHT - 1.5 - share * (HEIGHT - 3)).toFixed(1);
}

import type { ComponentChildren, JSX } from 'preact';
import type { Tone } from './badge.js';

interface StatProps {
  readonly label: string;
  readonly value: ComponentChildren;
  readonly tone?: Tone;
  /** A line below: what the figure is held against. */
  readonly children?: ComponentChildren;
}

/** One figure with its name. */
export function Stat({ label, value, tone = 'quiet', children }: StatProps): JSX.Element {
  return (
    <div class={`stat ${tone}`}>
      <dt>{label}</dt>
      <dd>
        <span class="figure">{value}</span>
        <span class="beside">{children}</span>
      </dd>
    </div>
  );
}

import type { ComponentChildren, JSX } from 'preact';

/** A wide table scrolls by itself, by keyboard too; the page does not. */
export function Scroll({ label, children }: { label: string; children: ComponentChildren }): JSX.Element {
  return (
    <div class="scroll" role="region" aria-label={label} tabIndex={0}>
      {children}
    </div>
  );
}

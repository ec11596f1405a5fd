import type { JSX } from 'preact';

/** How much of something is used, as a bar; the figure stands beside it in words. */
export function Meter({ share, label }: { share: number; label: string }): JSX.Element {
  const width = Math.min(1, Math.max(0, share)) * 100;
  return (
    <svg class="meter" role="img" aria-label={label} viewBox="0 0 100 4" preserveAspectRatio="none">
      <rect class="ground" width="100" height="4" />
      <rect class="used" width={width} height="4" />
    </svg>
  );
}

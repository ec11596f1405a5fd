import type { JSX } from 'preact';
import type { Link } from '../live/state.js';

/** Before the first figures. */
export function Opening({ link }: { link: Link }): JSX.Element {
  return (
    <main class="opening">
      <h1>Cache</h1>
      <p role="status">
        {link === 'lost' ? 'The backend cannot be reached, or refuses. It is tried again every 3 s.' : 'Connecting…'}
      </p>
    </main>
  );
}

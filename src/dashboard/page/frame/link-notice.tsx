import type { JSX } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import type { Link } from '../live/state.js';
import { usePage } from '../page-context.js';
import { Notice } from '../parts/notice.js';

/** What is wrong, above every view: with the page's own connection, or with the cache. */
export function LinkNotice(): JSX.Element {
  const { state, announce } = usePage();
  const trouble = state.health?.status === 'degraded' ? (state.health.message ?? 'Redis cannot be used.') : null;
  const standing = standingOf(state.link, trouble !== null);
  const before = useRef(standing);
  // The notice itself is no live region: its text changes with every attempt to reconnect.
  useEffect(() => {
    if (before.current !== standing) announce(standing);
    before.current = standing;
  }, [standing, announce]);
  return (
    <div class="above">
      {state.link === 'lost' && (
        <Notice tone="bad">
          <strong>Disconnected.</strong> <span>The figures below are the last ones; it is tried again by itself.</span>
        </Notice>
      )}
      {state.link === 'old' && (
        <Notice tone="warn">
          <strong>Nothing new comes.</strong> <span>The backend is connected but has told nothing for 5 s.</span>
        </Notice>
      )}
      {trouble !== null && (
        <Notice tone="bad">
          <strong>Degraded.</strong> <span>{trouble}</span>
        </Notice>
      )}
    </div>
  );
}

/** What is read out when it changes. */
function standingOf(link: Link, isDegraded: boolean): string {
  if (link === 'lost') return 'Disconnected';
  if (link === 'old') return 'Nothing new comes';
  return isDegraded ? 'The cache is degraded' : 'Connected, the cache is up';
}

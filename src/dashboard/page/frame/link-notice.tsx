import type { JSX } from 'preact';
import { usePage } from '../page-context.js';
import { Notice } from '../parts/notice.js';

/** What is wrong, above every view: with the page's own connection, or with the cache. Read out when it appears. */
export function LinkNotice(): JSX.Element {
  const { state } = usePage();
  const trouble = state.health?.status === 'degraded' ? (state.health.message ?? 'Redis cannot be used.') : null;
  return (
    <div role="status" class="above">
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

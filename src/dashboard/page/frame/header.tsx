import type { JSX } from 'preact';
import { Badge } from '../parts/badge.js';
import { usePage } from '../page-context.js';
import { LinkBadge } from './link-badge.js';

/** Which cache this is, whether the figures are of now, and who looks at them. */
export function Header({ onCache }: { onCache: (name: string) => void }): JSX.Element {
  const { snapshot, state, cacheName, cache } = usePage();
  const names = Object.keys(snapshot.caches);
  return (
    <header class="top">
      <h1>Cache</h1>
      {names.length > 1 ? (
        <label class="which">
          <span class="unseen">Cache</span>
          <select value={cacheName} onChange={(event) => onCache(event.currentTarget.value)}>
            {names.map((name) => (
              <option key={name}>{name}</option>
            ))}
          </select>
        </label>
      ) : (
        <code class="which">{cache.prefix}</code>
      )}
      <LinkBadge />
      {state.health && <Badge tone={state.health.status === 'up' ? 'good' : 'bad'}>{state.health.status}</Badge>}
      {snapshot.readOnly && <Badge>read-only</Badge>}
      <span class="about">
        {snapshot.visitor !== '' && <span>as {snapshot.visitor}</span>}
        <span>version {snapshot.version}</span>
      </span>
    </header>
  );
}
